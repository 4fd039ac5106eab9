import { allocate, dtypeOf, type NumericArray } from "@/core/arrays.ts";
import { type Column, columnLength, Columns, type ListColumn } from "./columns.ts";

/** Puts blocks of the same columns below one another. */
export function concatColumns(source: string, parts: readonly Columns[]): Columns {
  if (parts.length === 1) return new Columns(source, parts[0].byName);
  const names = parts[0]?.names ?? [];
  return new Columns(
    source,
    new Map(names.map((name) => [name, concat(parts.map((part) => part.column(name)))])),
  );
}

/** Puts columns of the same kind below one another. */
export function concat(parts: readonly Column[]): Column {
  const [first] = parts;
  switch (first.kind) {
    case "numbers":
    case "booleans": {
      const same = parts as readonly (typeof first)[];
      const missing = concatMissing(same);
      const values = concatNumbers(same.map((part) => part.values));
      return { kind: first.kind, values, ...(missing && { missing }) } as Column;
    }
    case "text":
      return { kind: "text", values: (parts as (typeof first)[]).flatMap((part) => part.values) };
    case "bytes":
      return { kind: "bytes", values: (parts as (typeof first)[]).flatMap((part) => part.values) };
    case "categories": {
      const codes = (parts as (typeof first)[]).map((part) => part.values.codes);
      return {
        kind: "categories",
        values: { ...first.values, codes: concatNumbers(codes) as Int32Array },
      };
    }
    case "lists":
      return concatLists(parts as readonly ListColumn[]);
  }
}

function concatNumbers(parts: readonly NumericArray[]): NumericArray {
  const result = allocate(dtypeOf(parts[0]), parts.reduce((n, part) => n + part.length, 0));
  let at = 0;
  for (const part of parts) {
    (result as Float64Array).set(part as Float64Array, at);
    at += part.length;
  }
  return result;
}

function concatMissing(
  parts: readonly { readonly values: ArrayLike<unknown>; readonly missing?: Uint8Array }[],
): Uint8Array | undefined {
  if (parts.every((part) => part.missing === undefined)) return undefined;
  const flags = parts.map((part) => part.missing ?? new Uint8Array(part.values.length));
  return concatNumbers(flags) as Uint8Array;
}

function concatLists(parts: readonly ListColumn[]): ListColumn {
  const starts = new Int32Array(parts.reduce((n, part) => n + columnLength(part), 1));
  let row = 0;
  let base = 0;
  for (const part of parts) {
    for (let i = 1; i < part.starts.length; i++) starts[++row] = base + part.starts[i];
    base = starts[row];
  }
  return { kind: "lists", starts, values: concatNumbers(parts.map((part) => part.values)) };
}
