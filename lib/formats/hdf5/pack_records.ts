import { dtypeOf, type NumericArray } from "@/core/arrays.ts";
import type { CompoundMember, Metadata, Module } from "h5wasm/node";
import { TYPE_CLASS } from "./value_type.ts";

/** Records as HDF5 takes them; frees the texts in the library's memory when disposed of. */
export interface PackedRecords extends Disposable {
  readonly bytes: Uint8Array;
  readonly type: Pick<
    Metadata,
    "type" | "size" | "signed" | "vlen" | "littleEndian" | "compound_type"
  >;
}

/** Bytes of a pointer in the library's memory. */
const POINTER_BYTES = 4;

/** Packs columns into records; a text becomes a pointer to a copy in the library's memory. */
export function packRecords(
  module: typeof Module,
  fields: ReadonlyMap<string, NumericArray | readonly string[]>,
  count: number,
): PackedRecords {
  const pointers: number[] = [];
  const members: CompoundMember[] = [];
  const columns: { bytes: Uint8Array; width: number; offset: number }[] = [];
  let size = 0;
  for (const [name, values] of fields) {
    const isText = !ArrayBuffer.isView(values);
    const column = isText ? addressesOf(module, values, pointers) : values;
    const width = column.BYTES_PER_ELEMENT;
    members.push({ ...memberType(isText ? undefined : values), name, offset: size, size: width });
    const bytes = new Uint8Array(column.buffer, column.byteOffset, column.byteLength);
    columns.push({ bytes, width, offset: size });
    size += width;
  }
  const bytes = new Uint8Array(count * size);
  for (const { bytes: source, width, offset } of columns) {
    for (let i = 0; i < count; i++) {
      bytes.set(source.subarray(i * width, (i + 1) * width), i * size + offset);
    }
  }
  return {
    bytes,
    type: {
      type: TYPE_CLASS.compound,
      size,
      signed: false,
      vlen: false,
      littleEndian: true,
      compound_type: { nmembers: members.length, members },
    },
    [Symbol.dispose]: () => pointers.forEach((pointer) => module._free(pointer)),
  };
}

function addressesOf(
  module: typeof Module,
  texts: readonly string[],
  pointers: number[],
): Uint32Array {
  const encoded = texts.map((text) => new TextEncoder().encode(`${text}\0`));
  const base = module._malloc(Math.max(1, encoded.reduce((sum, { length }) => sum + length, 0)));
  pointers.push(base);
  let at = base;
  return Uint32Array.from(encoded, (bytes) => {
    module.HEAPU8.set(bytes, at);
    at += bytes.length;
    return at - bytes.length;
  });
}

function memberType(values: NumericArray | undefined): Omit<CompoundMember, "name" | "offset"> {
  const common = {
    littleEndian: true,
    shape: [],
    maxshape: null,
    chunks: null,
    total_size: 1,
  };
  if (values === undefined) {
    const text = { type: TYPE_CLASS.string, size: POINTER_BYTES, cset: 1 };
    return { ...common, ...text, vlen: true, signed: false };
  }
  const dtype = dtypeOf(values);
  const type = dtype.startsWith("float") ? TYPE_CLASS.float : TYPE_CLASS.integer;
  const signed = !dtype.startsWith("u");
  return { ...common, type, size: values.BYTES_PER_ELEMENT, vlen: false, signed };
}
