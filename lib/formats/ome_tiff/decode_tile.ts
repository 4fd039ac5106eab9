import { inflateSync, zstdDecompressSync } from "node:zlib";
import { messageOf, SthelarError } from "@/core/errors.ts";
import { arrangeSamples } from "./arrange_samples.ts";
import { decodeJpeg } from "./decode_jpeg.ts";
import { decodeJpeg2000 } from "./decode_jpeg2000.ts";
import { decodeLzw } from "./decode_lzw.ts";
import type { EncodedTile, TileEncoding, TileSamples } from "./tile_encoding.ts";
import { rawTileBytes, unpackSamples } from "./unpack_samples.ts";

/**
 * Decodes one tile: bytes and their description in, values out, nothing else touched.
 *
 * @param tile Its bytes belong to this function from now on.
 * @returns (samples, clipHeight, clipWidth), in a buffer of its own.
 * @throws {SthelarError} `CorruptData` or `UnsupportedVersion`; the caller knows which tile it is.
 */
export async function decodeTile({ bytes, encoding }: EncodedTile): Promise<TileSamples> {
  return arrangeSamples(await decodeInterleaved(bytes, encoding), encoding);
}

async function decodeInterleaved(
  bytes: Uint8Array<ArrayBuffer>,
  encoding: TileEncoding,
): Promise<TileSamples> {
  switch (encoding.compression) {
    case "none":
      return unpackSamples(bytes, encoding);
    case "lzw":
      return unpackSamples(decodeLzw(bytes, rawTileBytes(encoding)), encoding);
    case "deflate":
      return unpackSamples(decompress(inflateSync, bytes, encoding), encoding);
    case "zstd":
      return unpackSamples(decompress(zstdDecompressSync, bytes, encoding), encoding);
    case "jpeg":
      if (encoding.dtype === "uint8") return await decodeJpeg(bytes, encoding);
      throw new SthelarError("UnsupportedVersion", {
        action: "Cannot decode a JPEG tile",
        found: "16-bit samples",
        expected: "8-bit",
      });
    case "jpeg2000":
      return await decodeJpeg2000(bytes, encoding);
  }
}

function decompress(
  inflate: (bytes: Uint8Array, options: { maxOutputLength: number }) => Uint8Array,
  bytes: Uint8Array,
  encoding: TileEncoding,
): Uint8Array {
  const length = rawTileBytes(encoding);
  try {
    return inflate(bytes, { maxOutputLength: length });
  } catch (cause) {
    throw new SthelarError("CorruptData", {
      action: "Cannot decompress a tile",
      found: messageOf(cause),
      expected: `${length} bytes of ${encoding.compression} data`,
      cause,
    });
  }
}
