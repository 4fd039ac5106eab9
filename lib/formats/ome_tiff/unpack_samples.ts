import { viewAs } from "@/core/arrays.ts";
import { SthelarError } from "@/core/errors.ts";
import type { TileEncoding, TileSamples } from "./tile_encoding.ts";

/** Bytes of a tile before compression. */
export function rawTileBytes({ width, height, samples, dtype }: TileEncoding): number {
  return width * height * samples * (dtype === "uint8" ? 1 : 2);
}

/**
 * Turns uncompressed bytes into values: byte order, then horizontal differences.
 *
 * @param bytes Owned by this function, which may write into them.
 * @returns (height, width, samples).
 * @throws {SthelarError} `CorruptData` if there are too few.
 */
export function unpackSamples(bytes: Uint8Array, encoding: TileEncoding): TileSamples {
  const expected = rawTileBytes(encoding);
  if (bytes.length < expected) {
    throw new SthelarError("CorruptData", {
      action: "Cannot unpack samples",
      found: `${bytes.length} bytes`,
      expected: `${expected}`,
    });
  }
  const values = viewAs(encoding.dtype, bytes.subarray(0, expected)) as TileSamples;
  if (values instanceof Uint16Array && !encoding.littleEndian) swapBytes(values);
  if (encoding.horizontalDifferences) undoDifferences(values, encoding);
  return values;
}

function swapBytes(values: Uint16Array): void {
  for (let i = 0; i < values.length; i++) {
    values[i] = (values[i] >> 8) | (values[i] << 8);
  }
}

function undoDifferences(values: TileSamples, { width, height, samples }: TileEncoding): void {
  const rowLength = width * samples;
  for (let y = 0; y < height; y++) {
    const end = (y + 1) * rowLength;
    for (let i = y * rowLength + samples; i < end; i++) values[i] += values[i - samples];
  }
}
