import { defineEncoding, type Encoding, type NodeReader } from "./encoding.ts";
import { corruptNode } from "./element_store.ts";
import {
  type BooleanColumn,
  columnLength,
  isKind,
  isNumericArray,
  isTexts,
  type NullableBoolean,
  type NullableInteger,
  type NullableString,
} from "./model.ts";

type Nullable = NullableInteger | NullableBoolean | NullableString;

/** Whole numbers, some missing. */
export const nullableIntegerEncoding: Encoding = nullableEncoding("nullable-integer");

/** Booleans, some missing. */
export const nullableBooleanEncoding: Encoding = nullableEncoding("nullable-boolean");

/** Texts, some missing. */
export const nullableStringEncoding: Encoding = nullableEncoding("nullable-string-array");

function nullableEncoding(kind: Nullable["kind"]): Encoding {
  return defineEncoding<Nullable>({
    type: kind,
    version: "0.1.0",
    read: (node) => readNullable(node, kind),
    accepts: (element): element is Nullable => isKind(element, kind),
    async write({ sink, path, attributes, child }, element) {
      await sink.createGroup(path, attributes);
      const values: BooleanColumn | NullableInteger["values"] | readonly string[] =
        element.kind === "nullable-boolean"
          ? { kind: "boolean", values: element.values }
          : element.values;
      await child("values", values);
      await child("mask", { kind: "boolean", values: element.mask });
    },
  });
}

async function readNullable(
  { source, path, child }: NodeReader,
  kind: Nullable["kind"],
): Promise<Nullable> {
  const values = await child("values");
  const masked = await child("mask");
  const mask = isKind(masked, "boolean") ? (masked as BooleanColumn).values : undefined;
  if (mask === undefined) throw corruptNode(source, path, "no mask of booleans", "one");
  const result = kind === "nullable-string-array" && isTexts(values)
    ? { kind, values, mask }
    : kind === "nullable-boolean" && isKind(values, "boolean")
    ? { kind, values: (values as BooleanColumn).values, mask }
    : kind === "nullable-integer" && isNumericArray(values)
    ? { kind, values, mask }
    : undefined;
  if (result === undefined) throw corruptNode(source, path, "other values", `those of a ${kind}`);
  if (columnLength(result) !== mask.length) {
    throw corruptNode(source, path, `a mask of ${mask.length}`, `${columnLength(result)} rows`);
  }
  return result;
}
