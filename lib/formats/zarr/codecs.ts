import { bytesPerValue, NUMERIC_DTYPES, type NumericDType, sizeOf } from "@/core/arrays.ts";
import { gunzip, inflate } from "node:zlib";
import * as zarrita from "zarrita";
import { decodeVlenUtf8 } from "./vlen_utf8.ts";
import { decompressZstd } from "./zstd.ts";

/** What zarrita tells a codec of the chunk. */
interface ChunkMeta {
  readonly dataType: string;
  readonly shape: number[];
}

type CodecFactory = (configuration: unknown, meta: ChunkMeta) => unknown;

let registered = false;

/**
 * Puts this project's codecs in zarrita's registry: zstd, gzip and zlib of the runtime instead of
 * WASM, and a `vlen-utf8` that checks what it reads.
 */
export function registerCodecs(): void {
  if (registered) return;
  registered = true;
  for (const prefix of ["", "numcodecs."]) {
    register(`${prefix}zstd`, bytesCodec((bytes, maxBytes) => decompressZstd(bytes, maxBytes)));
    register(`${prefix}gzip`, bytesCodec((bytes, max) => unzip(gunzip, bytes, max)));
    register(`${prefix}zlib`, bytesCodec((bytes, max) => unzip(inflate, bytes, max)));
    register(`${prefix}vlen-utf8`, (_, meta) => vlenUtf8Codec(meta));
    guard(`${prefix}blosc`, checkBlosc);
    guard(`${prefix}lz4`, checkLz4);
  }
}

/**
 * The first codec of an array that is not known; zarrita itself rejects for each of them, of which the
 * second ends the process.
 *
 * @param document The array's metadata.
 */
export function unknownCodec(
  document: Readonly<Record<string, unknown>>,
  zarrFormat: 2 | 3,
): string | undefined {
  registerCodecs();
  const listed = zarrFormat === 2
    ? [document.filters ?? [], document.compressor ?? []].flat()
    : [document.codecs ?? []].flat();
  const names = listed.flatMap((codec): string[] => {
    if (zarrFormat === 2) return [`numcodecs.${(codec as { id?: unknown } | null)?.id}`];
    const { name, configuration } = (codec ?? {}) as {
      readonly name?: unknown;
      readonly configuration?: { readonly codecs?: unknown; readonly index_codecs?: unknown };
    };
    const { codecs = [], index_codecs = [] } = configuration ?? {};
    const inner = [codecs, index_codecs].map((list) => unknownCodec({ codecs: list }, 3));
    return [String(name), ...inner.filter((below) => below !== undefined)];
  });
  return names.find((name) => name !== SHARDING && !zarrita.registry.has(name));
}

/** Zarrita's own, not in its registry. */
const SHARDING = "sharding_indexed";

type Entry = { fromConfig: CodecFactory };

/** Looks at the header before the WASM decoder does: that one reads past the end. */
function guard(name: string, check: (bytes: Uint8Array, maxBytes?: number) => void): void {
  const load = zarrita.registry.get(name) as unknown as () => Promise<Entry>;
  const fromEntry = (entry: Entry): CodecFactory => (configuration, meta) => {
    const codec = entry.fromConfig(configuration, meta) as { decode(b: Uint8Array): unknown };
    return {
      kind: "bytes_to_bytes",
      decode: (bytes: Uint8Array) => {
        check(bytes, chunkBytes(meta));
        return codec.decode(bytes);
      },
    };
  };
  const guarded = async () => ({ fromConfig: fromEntry(await load()) });
  zarrita.registry.set(name, guarded as unknown as Parameters<typeof zarrita.registry.set>[1]);
}

/** Blosc's best codec, zstd, packs no better than this; lz4 packs 255 bytes into one. */
const MAX_BLOSC_RATIO = 2 ** 16;
const MAX_LZ4_RATIO = 2 ** 8;
/** Flag of a frame that is not packed at all. */
const BLOSC_STORED = 2;
/** Flag of a frame whose blocks are each in one part. */
const BLOSC_NOT_SPLIT = 0x10;

/** A blosc frame says how long it is, packed (byte 12) and unpacked (byte 4). */
function checkBlosc(bytes: Uint8Array, maxBytes = bytes.length * MAX_BLOSC_RATIO): void {
  const packed = uint32At(bytes, 12);
  if (packed !== bytes.length) throw new Error(`${bytes.length} bytes of a frame of ${packed}`);
  const unpacked = uint32At(bytes, 4);
  const blocks = Math.ceil(unpacked / uint32At(bytes, 8));
  const isStored = (bytes[2] & BLOSC_STORED) !== 0;
  const fits = isStored ? unpacked + 16 === packed : 16 + 4 * blocks <= packed;
  if (unpacked > maxBytes || (unpacked > 0 && !fits)) {
    throw new Error(`a frame of ${unpacked} bytes in ${packed}`);
  }
  for (let block = 0; !isStored && block < blocks; block++) checkBloscBlock(bytes, block, blocks);
}

/** Blosc splits a block by the bytes of a value; the decoder believes the length of each part. */
function checkBloscBlock(bytes: Uint8Array, block: number, blocks: number): void {
  const [unpacked, blockBytes] = [uint32At(bytes, 4), uint32At(bytes, 8)];
  const typeBytes = Math.max(1, bytes[3]);
  const isCut = block === blocks - 1 && unpacked % blockBytes !== 0;
  const isSplit = (bytes[2] & BLOSC_NOT_SPLIT) === 0 && !isCut && typeBytes <= 16 &&
    blockBytes / typeBytes >= 128;
  let at = uint32At(bytes, 16 + 4 * block);
  if (at < 16 + 4 * blocks) throw new Error(`a block at byte ${at} of a frame`);
  for (let part = 0; part < (isSplit ? typeBytes : 1); part++) {
    const length = uint32At(bytes, at);
    at += 4 + length;
    if (length === 0 || at > bytes.length) throw new Error(`a part of ${length} bytes in a frame`);
  }
}

/** numcodecs puts the unpacked length before the block. */
function checkLz4(bytes: Uint8Array, maxBytes = bytes.length * MAX_LZ4_RATIO): void {
  const unpacked = uint32At(bytes, 0);
  if (unpacked > maxBytes) throw new Error(`a block of ${unpacked} bytes`);
}

function uint32At(bytes: Uint8Array, offset: number): number {
  if (bytes.length < offset + 4) throw new Error(`a header cut short at byte ${bytes.length}`);
  return new DataView(bytes.buffer, bytes.byteOffset).getUint32(offset, true);
}

function register(name: string, fromConfig: CodecFactory): void {
  const entry = () => Promise.resolve({ fromConfig });
  zarrita.registry.set(name, entry as unknown as Parameters<typeof zarrita.registry.set>[1]);
}

function bytesCodec(
  decode: (bytes: Uint8Array, maxBytes?: number) => Uint8Array | Promise<Uint8Array>,
): CodecFactory {
  return (_, meta) => {
    const maxBytes = chunkBytes(meta);
    return { kind: "bytes_to_bytes", decode: (bytes: Uint8Array) => decode(bytes, maxBytes) };
  };
}

/** Bytes of a decoded chunk, with room for a check sum behind it; unknown for texts. */
function chunkBytes({ dataType, shape }: ChunkMeta): number | undefined {
  if (!NUMERIC_DTYPES.includes(dataType as NumericDType)) return undefined;
  return sizeOf(shape) * bytesPerValue(dataType as NumericDType) + 64;
}

type Unzip = typeof gunzip;

function unzip(method: Unzip, bytes: Uint8Array, maxBytes?: number): Promise<Uint8Array> {
  const options = maxBytes === undefined ? {} : { maxOutputLength: maxBytes };
  return new Promise((resolve, reject) => {
    method(bytes, options, (error, content) => {
      if (error) reject(error);
      else resolve(new Uint8Array(content));
    });
  });
}

function vlenUtf8Codec({ shape }: ChunkMeta): unknown {
  const stride = shape.map((_, axis) => sizeOf(shape.slice(axis + 1)));
  return {
    kind: "array_to_bytes",
    decode: (bytes: Uint8Array) => ({ data: decodeVlenUtf8(bytes, sizeOf(shape)), shape, stride }),
  };
}
