import { messageOf, SthelarError } from "@/core/errors.ts";

/** What a picture must be. */
export interface PngSize {
  /** Px. */
  readonly width: number;
  /** Px. */
  readonly height: number;
  /** For messages. */
  readonly path: string;
}

/**
 * Reads a picture of 8-bit red, green and blue.
 *
 * @returns Interleaved, `(height, width, 3)`.
 * @throws {SthelarError} `CorruptData` for a file that is damaged, or a picture of another size.
 */
export async function decodePng(
  bytes: Uint8Array,
  { width, height, path }: PngSize,
): Promise<Uint8Array<ArrayBuffer>> {
  const { default: sharp } = await import("sharp");
  const expected = `a PNG of ${width} x ${height} px, red, green and blue`;
  try {
    const image = sharp(bytes, { failOn: "warning", limitInputPixels: width * height });
    const { data, info } = await image.raw().toBuffer({ resolveWithObject: true });
    if (info.width === width && info.height === height && info.channels === 3) {
      return new Uint8Array(data.buffer as ArrayBuffer, data.byteOffset, data.length);
    }
    throw corrupt(`${info.width} x ${info.height} px of ${info.channels} channels`, expected, path);
  } catch (cause) {
    if (cause instanceof SthelarError) throw cause;
    throw corrupt(messageOf(cause).trim().replaceAll("\n", "; "), expected, path, cause);
  }
}

function corrupt(found: string, expected: string, path: string, cause?: unknown): SthelarError {
  const action = `Cannot read the picture "${path}"`;
  return new SthelarError("CorruptData", { action, found, expected, path, cause });
}
