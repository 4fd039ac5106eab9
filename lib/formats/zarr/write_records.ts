import { dtypeOf, type NumericArray } from "@/core/arrays.ts";
import type { Disk } from "@/core/disk.ts";
import { SthelarError } from "@/core/errors.ts";
import type { Attributes, JsonValue } from "./attributes.ts";
import { chunkFile, writeArrayDocument } from "./write_metadata.ts";
import { compressZstd } from "./zstd.ts";
import type { Records } from "./zarr_array.ts";

interface PackedField {
  readonly name: string;
  readonly type: JsonValue;
  /** The bytes of all records, one after the other. */
  readonly bytes: Uint8Array;
  /** Bytes of one value. */
  readonly width: number;
}

/**
 * Writes a one-dimensional structured array as zarr-python does: texts as UTF-32 of fixed length.
 *
 * @throws {SthelarError} `InvalidArgument` if there are no fields, or they differ in length.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { MemoryDisk } from "@/formats/disk/mod.ts";
 * import { readRecords, writeRecords } from "@/formats/zarr/mod.ts";
 *
 * const disk = new MemoryDisk();
 * const records = new Map<string, string[] | Float64Array>([
 *   ["gene", ["CD8A", "µ"]],
 *   ["score", Float64Array.of(1, 2)],
 * ]);
 * await writeRecords(disk, "/r", records);
 * assertEquals(await readRecords(disk, "/r"), records);
 * ```
 */
export async function writeRecords(
  disk: Disk,
  path: string,
  records: Records,
  attributes: Attributes = {},
): Promise<void> {
  const count = [...records.values()][0]?.length;
  const isEven = [...records.values()].every(({ length }) => length === count);
  if (count === undefined || !isEven) {
    throw new SthelarError("InvalidArgument", {
      action: `Cannot write the records "${path}"`,
      found: [...records].map(([name, { length }]) => `${length} in "${name}"`).join(", ") ||
        "no fields",
      expected: "fields of one length",
      path,
    });
  }
  const fields = [...records].map(([name, values]) => packField(name, values));
  const bytes = interleave(fields, count);
  const members = fields.map(({ name, type }) => [name, type]);
  const dataType = { name: "structured", configuration: { fields: members } };
  const width = fields.reduce((sum, field) => sum + field.width, 0);
  const fill = new Uint8Array(width).toBase64();
  const chunks = [Math.max(1, count)];
  await writeArrayDocument(disk, path, [count], chunks, dataType, fill, { name: "bytes" }, {
    attributes,
  });
  if (count > 0) await disk.write(chunkFile(path, [0]), compressZstd(bytes, 1));
}

function packField(name: string, values: NumericArray | readonly string[]): PackedField {
  if (ArrayBuffer.isView(values)) {
    const bytes = new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
    return { name, type: dtypeOf(values), bytes, width: values.BYTES_PER_ELEMENT };
  }
  const points = values.map((text) => Array.from(text, (char) => char.codePointAt(0) as number));
  const longest = points.reduce((most, { length }) => Math.max(most, length), 1);
  const packed = new Uint32Array(values.length * longest);
  points.forEach((text, i) => packed.set(text, i * longest));
  const length_bytes = 4 * longest;
  const type = { name: "fixed_length_utf32", configuration: { length_bytes } };
  return { name, type, bytes: new Uint8Array(packed.buffer), width: length_bytes };
}

function interleave(fields: readonly PackedField[], count: number): Uint8Array {
  const stride = fields.reduce((sum, { width }) => sum + width, 0);
  const bytes = new Uint8Array(count * stride);
  let offset = 0;
  for (const { bytes: source, width } of fields) {
    for (let i = 0; i < count; i++) {
      bytes.set(source.subarray(i * width, (i + 1) * width), i * stride + offset);
    }
    offset += width;
  }
  return bytes;
}
