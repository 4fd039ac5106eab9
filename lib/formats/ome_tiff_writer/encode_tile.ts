import { deflateSync } from "node:zlib";
import type { EncodePool } from "./encode_pool.ts";

/** How tiles are stored. */
export type TileCompression = "none" | "deflate" | "jpeg2000" | "jpeg";

/** TIFF's number of a compression. */
export const COMPRESSION_CODES: Readonly<Record<TileCompression, number>> = {
  none: 1,
  deflate: 8,
  jpeg2000: 34712,
  jpeg: 7,
};

const DEFLATE_LEVEL = 1;

/**
 * Encodes one square tile.
 *
 * @param samples Not to be used afterwards: `size * size * samples per pixel` values, interleaved.
 * @param size Side of the tile in pixels.
 * @param quality Of JPEG, 1 to 100.
 * @param pool Encodes JPEG 2000.
 */
export async function encodeTile(
  samples: Uint8Array<ArrayBuffer> | Uint16Array<ArrayBuffer>,
  size: number,
  compression: TileCompression,
  quality: number,
  pool: EncodePool,
): Promise<Uint8Array> {
  const bytes = new Uint8Array(samples.buffer, samples.byteOffset, samples.byteLength);
  switch (compression) {
    case "none":
      return bytes.slice();
    case "deflate":
      return deflateSync(bytes, { level: DEFLATE_LEVEL });
    case "jpeg2000":
      return await pool.encode(samples, size, size);
    case "jpeg": {
      const { default: sharp } = await import("sharp");
      const channels = (samples.length / (size * size)) as 1 | 3;
      return await sharp(bytes, { raw: { width: size, height: size, channels } })
        .jpeg({ quality, chromaSubsampling: "4:2:0", mozjpeg: false })
        .toBuffer();
    }
  }
}
