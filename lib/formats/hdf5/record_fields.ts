import { allocate, type NumericArray, type NumericDType, sizeOf } from "@/core/arrays.ts";
import { SthelarError } from "@/core/errors.ts";
import type { CompoundMember } from "h5wasm/node";
import { valueTypeOf } from "./value_type.ts";

/** One field of all records. */
export interface Hdf5Field {
  /** Type of the values. */
  readonly dtype: NumericDType | "bool" | "string";
  /** Values, record by record; booleans as 0 and 1. */
  readonly data: NumericArray | readonly string[];
  /** `[n_records]`, and further extents for a field that is an array. */
  readonly shape: readonly number[];
}

/** Turns rows of values into columns. */
export function recordFields(
  members: readonly CompoundMember[],
  rows: readonly (readonly unknown[])[],
): ReadonlyMap<string, Hdf5Field> {
  return new Map(members.map((member, i) => [
    member.name,
    field(member, rows.map((row) => row[i])),
  ]));
}

function field(member: CompoundMember, values: readonly unknown[]): Hdf5Field {
  const dtype = valueTypeOf(member);
  // The library grows this list with each record: only the last extents are the field's own.
  const rank = member.array_type?.shape?.length ?? 0;
  const inner = rank === 0 ? [] : extentsOf(values[0]);
  const shape = [values.length, ...inner];
  const flat = rank === 0 ? values : values.flat(Infinity);
  if (dtype === "string") return { dtype, data: flat as string[], shape };
  if (dtype === undefined || dtype === "records") {
    throw new SthelarError("UnsupportedVersion", {
      action: `Cannot read the field "${member.name}"`,
      found: "records within records, or a type that is not read",
      expected: "numbers, booleans or texts",
    });
  }
  const isBigEndian = !member.littleEndian && member.size > 1 && rank === 0;
  if (isBigEndian) {
    throw new SthelarError("UnsupportedVersion", {
      action: `Cannot read the field "${member.name}"`,
      found: "big-endian numbers in records",
      expected: "little-endian",
    });
  }
  const data = allocate(dtype === "bool" ? "uint8" : dtype, sizeOf(shape));
  const isWide = data instanceof BigInt64Array || data instanceof BigUint64Array;
  flat.forEach((value, k) => data[k] = isWide ? BigInt(value as bigint) : Number(value));
  return { dtype, data, shape };
}

function extentsOf(value: unknown): number[] {
  return Array.isArray(value) ? [value.length, ...extentsOf(value[0])] : [];
}
