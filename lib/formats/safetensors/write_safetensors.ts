import { type DenseArray, dtypeOf, sizeOf } from "@/core/arrays.ts";
import { byCodeUnit } from "@/core/categorical.ts";
import { SthelarError } from "@/core/errors.ts";
import { LENGTH_BYTES, METADATA } from "./parse_safetensors.ts";
import { WRITTEN_TYPES } from "./tensor_types.ts";

/** The header's end is filled up to a multiple of this, so that every tensor is aligned. */
const ALIGNMENT = 8;

/**
 * A file of tensors, as the format's own library writes it: wide types first, then by name, so that equal
 * tensors give equal bytes.
 *
 * @param tensors Arrays by name.
 * @param metadata Texts by name.
 * @throws {SthelarError} `InvalidArgument` for an array whose shape is not that of its values, or the name
 *   `__metadata__`, which is the format's own.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { writeSafetensors } from "@/formats/safetensors/mod.ts";
 *
 * const bytes = writeSafetensors(new Map([["bias", { data: Float32Array.of(1), shape: [1] }]]));
 * const text = new TextDecoder().decode(bytes.subarray(8, 68));
 * assertEquals(text.trimEnd(), '{"bias":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}');
 * ```
 */
export function writeSafetensors(
  tensors: ReadonlyMap<string, DenseArray>,
  metadata: Readonly<Record<string, string>> = {},
): Uint8Array<ArrayBuffer> {
  const entries = inFileOrder(tensors);
  const header: [string, unknown][] = Object.keys(metadata).length === 0
    ? []
    : [[METADATA, metadata]];
  let end = 0;
  for (const { name, dtype, array: { data, shape } } of entries) {
    const start = end;
    end += data.byteLength;
    header.push([name, { dtype: WRITTEN_TYPES.get(dtype), shape, data_offsets: [start, end] }]);
  }
  const text = new TextEncoder().encode(JSON.stringify(Object.fromEntries(header)));
  const headerBytes = Math.ceil(text.length / ALIGNMENT) * ALIGNMENT;
  const bytes = new Uint8Array(LENGTH_BYTES + headerBytes + end);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(headerBytes), true);
  bytes.fill(0x20, LENGTH_BYTES, LENGTH_BYTES + headerBytes);
  bytes.set(text, LENGTH_BYTES);
  let place = LENGTH_BYTES + headerBytes;
  for (const { array: { data } } of entries) {
    bytes.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), place);
    place += data.byteLength;
  }
  return bytes;
}

function inFileOrder(tensors: ReadonlyMap<string, DenseArray>) {
  const types = [...WRITTEN_TYPES.keys()];
  return [...tensors].map(([name, array]) => {
    const found = name === METADATA
      ? "the name of the metadata"
      : sizeOf(array.shape) !== array.data.length
      ? `${array.data.length} values for shape [${array.shape}]`
      : undefined;
    if (found !== undefined) {
      throw new SthelarError("InvalidArgument", {
        action: `Cannot write tensor "${name}"`,
        found,
        expected: "a name of its own, and as many values as its shape tells",
      });
    }
    return { name, array, dtype: dtypeOf(array.data) };
  }).sort((a, b) => types.indexOf(a.dtype) - types.indexOf(b.dtype) || byCodeUnit(a.name, b.name));
}
