/*
 * The metadata of an array, from zarr v3 to v2. A chunk of both is the same bytes:
 *
 * | v3                                   | v2                                    |
 * |--------------------------------------|---------------------------------------|
 * | `data_type` `"uint16"`, `bytes`      | `dtype` `"<u2"`, `">u2"` if big-endian |
 * | `"string"`, `vlen-utf8`              | `"|O"`, filter `vlen-utf8`            |
 * | `fixed_length_utf32`, `null_terminated_bytes`, `structured` | `"<U3"`, `"|S3"`, list of fields |
 * | `transpose` that reverses the axes   | `order` `"F"`                         |
 * | `zstd`, `gzip`, `blosc`, `numcodecs.zlib` | `compressor`                     |
 * | chunk `c/0/1`, `c` of a scalar       | chunk `0/1`, `0`                      |
 *
 * Shards, check sums as a codec of their own and a second compressor have no counterpart.
 */
import { SthelarError } from "@/core/errors.ts";
import type { JsonValue } from "@/formats/zarr/mod.ts";
import type { ArrayMetadata, Json } from "@/formats/zarr/node_metadata.ts";

/** An array's `.zarray`, and the names of its chunks. */
export interface ArrayDocument {
  /** The content of `.zarray`. */
  readonly zarray: Json;
  /**
   * The name of a chunk in v2.
   *
   * @param file A file below the array's folder.
   * @returns `undefined` if the file is no chunk.
   */
  chunkName(file: string): string | undefined;
}

type Compressor = { readonly id: string; readonly [option: string]: JsonValue };

const BLOSC_SHUFFLES = ["noshuffle", "shuffle", "bitshuffle"];

/**
 * Translates the metadata of a zarr v3 array to v2, so that its chunks are right as they are.
 *
 * @throws {SthelarError} `UnsupportedVersion` for what zarr v2 has no counterpart of.
 */
export function arrayDocument({ file, shape, fileShape, document }: ArrayMetadata): ArrayDocument {
  const codecs = codecsOf(file, document, shape.length);
  const { separator, chunkName } = chunkNames(document, shape.length);
  return {
    zarray: {
      chunks: fileShape,
      compressor: codecs.compressor,
      dimension_separator: separator,
      dtype: dtypeOf(file, document.data_type, codecs.bigEndian ? ">" : "<"),
      fill_value: fillValue(file, document),
      filters: codecs.isText ? [{ id: "vlen-utf8" }] : null,
      order: codecs.order,
      shape,
      zarr_format: 2,
    },
    chunkName,
  };
}

interface Codecs {
  readonly order: "C" | "F";
  readonly bigEndian: boolean;
  readonly isText: boolean;
  readonly compressor: Compressor | null;
}

function codecsOf(file: string, document: Json, rank: number): Codecs {
  const declared = Array.isArray(document.codecs) ? document.codecs : [];
  const codecs = declared.map((codec: Json | null) => ({
    name: String(codec?.name).replace(/^numcodecs\./, ""),
    options: (codec?.configuration ?? {}) as Json,
  }));
  const transposes = codecs[0]?.name === "transpose";
  if (transposes) checkReversed(file, codecs[0].options.order, rank);
  const [serializer, ...packers] = transposes ? codecs.slice(1) : codecs;
  const isText = serializer?.name === "vlen-utf8";
  if (!isText && serializer?.name !== "bytes") {
    throw unsupported(file, codecNamed(serializer?.name));
  }
  if (isText !== (document.data_type === "string")) {
    throw unsupported(file, `${serializer.name} for ${JSON.stringify(document.data_type)}`);
  }
  if (packers.length > 1) {
    throw unsupported(
      file,
      codecNamed(packers.map((p) => p.name).join(", ")),
    );
  }
  return {
    order: transposes ? "F" : "C",
    bigEndian: serializer.options.endian === "big",
    isText,
    compressor: packers.length === 0 ? null : compressorOf(file, packers[0]),
  };
}

/** Only all axes in reverse are Fortran's order. */
function checkReversed(file: string, order: unknown, rank: number): void {
  const isReversed = Array.isArray(order) && order.length === rank &&
    order.every((axis, i) => axis === rank - 1 - i);
  if (!isReversed) throw unsupported(file, `axes in the order ${JSON.stringify(order)}`);
}

function compressorOf(
  file: string,
  { name, options }: { readonly name: string; readonly options: Json },
): Compressor {
  const level = Number(options.level ?? 1);
  switch (name) {
    // Older releases of numcodecs refuse an entry "checksum", and all read the frames that have one.
    case "zstd":
    case "gzip":
    case "zlib":
      return { id: name, level };
    case "blosc": {
      const shuffle = typeof options.shuffle === "number"
        ? options.shuffle
        : BLOSC_SHUFFLES.indexOf(String(options.shuffle));
      return {
        id: "blosc",
        cname: String(options.cname),
        clevel: Number(options.clevel),
        shuffle,
        blocksize: Number(options.blocksize ?? 0),
      };
    }
    default:
      throw unsupported(file, codecNamed(name));
  }
}

const NUMBER_TYPE = /^(u?int|float|complex)(8|16|32|64|128)$/;
const KINDS: Readonly<Record<string, string>> = { int: "i", uint: "u", float: "f", complex: "c" };

/** The type in numpy's spelling; for records a list of fields. */
function dtypeOf(file: string, dataType: unknown, order: "<" | ">"): JsonValue {
  if (dataType === "string") return "|O";
  if (dataType === "bool") return "|b1";
  if (typeof dataType === "string") {
    const match = NUMBER_TYPE.exec(dataType);
    if (match === null) throw unsupported(file, `values of type "${dataType}"`);
    const bytes = Number(match[2]) / 8;
    return `${bytes === 1 ? "|" : order}${KINDS[match[1]]}${bytes}`;
  }
  const { name, configuration } = dataType as { name: unknown; configuration?: Json };
  const bytes = Number(configuration?.length_bytes);
  if (name === "fixed_length_utf32") return `${order}U${bytes / 4}`;
  if (name === "null_terminated_bytes") return `|S${bytes}`;
  if (name === "structured" && Array.isArray(configuration?.fields)) {
    return configuration.fields.map(([field, type]) => [field, dtypeOf(file, type, order)]);
  }
  throw unsupported(file, `values of type ${JSON.stringify(name)}`);
}

/** v3 may spell a float by its bits, which v2 does not know. */
function fillValue(file: string, { fill_value: fill, data_type: dataType }: Json): JsonValue {
  const isBits = typeof fill === "string" && String(dataType).startsWith("float") &&
    /^0x[0-9a-f]+$/i.test(fill);
  if (!isBits) return (fill ?? null) as JsonValue;
  const view = new DataView(new ArrayBuffer(8));
  const value = dataType === "float64"
    ? (view.setBigUint64(0, BigInt(fill)), view.getFloat64(0))
    : dataType === "float32"
    ? (view.setUint32(0, Number(fill)), view.getFloat32(0))
    : (view.setUint16(0, Number(fill)), view.getFloat16(0));
  if (Number.isNaN(value)) return "NaN";
  if (!Number.isFinite(value)) return value > 0 ? "Infinity" : "-Infinity";
  if (!Object.is(value, -0)) return value;
  throw unsupported(file, "the fill value -0");
}

function chunkNames(
  document: Json,
  rank: number,
): { readonly separator: string } & Pick<ArrayDocument, "chunkName"> {
  const { name, configuration } = (document.chunk_key_encoding ?? {}) as Json;
  const given = (configuration as Json | undefined)?.separator;
  const separator = String(given ?? (name === "v2" ? "." : "/"));
  const prefix = name === "v2" ? [] : ["c"];
  return {
    separator,
    chunkName: (file) => {
      const parts = file.split(separator);
      const isPrefixed = prefix.every((part, i) => part === parts[i]);
      const indices = parts.slice(prefix.length);
      if (rank === 0) return file === (prefix[0] ?? "0") ? "0" : undefined;
      const isChunk = isPrefixed && indices.length === rank &&
        indices.every((index) => /^\d+$/.test(index));
      return isChunk ? indices.join(separator) : undefined;
    },
  };
}

function codecNamed(name: string | undefined): string {
  return `codec "${name}"`;
}

function unsupported(file: string, found: string): SthelarError {
  return new SthelarError("UnsupportedVersion", {
    action: `Cannot write the array of "${file}" as zarr v2`,
    found,
    expected: "numbers, booleans or texts, packed with zstd, gzip, zlib, blosc or not at all",
    path: file,
  });
}
