import { type DenseArray, dtypeOf, type NumericArray } from "@/core/arrays.ts";
import { SthelarError } from "@/core/errors.ts";
import { defineEncoding, type Encoding, type NodeReader } from "./encoding.ts";
import { corruptNode } from "./element_store.ts";
import {
  type BooleanColumn,
  type Element,
  isDense,
  isKind,
  isNumericArray,
  isTexts,
  type Records,
  type TextArray,
} from "./model.ts";

type NumericElement = NumericArray | DenseArray | BooleanColumn;

/** Numbers and booleans; one axis becomes a typed array, more a dense array. */
export const arrayEncoding: Encoding = defineEncoding<NumericElement>({
  type: "array",
  version: "0.2.0",
  read: readArray,
  accepts: (element): element is NumericElement =>
    isNumericArray(element) || isDense(element) || isKind(element, "boolean"),
  async write({ sink, path, attributes }, element) {
    if (isKind(element, "boolean")) {
      const { values } = element as BooleanColumn;
      await sink.writeBooleans(path, values, [values.length], attributes);
    } else if (isNumericArray(element)) {
      await sink.writeArray(path, { data: element, shape: [element.length] }, attributes);
    } else {
      await sink.writeArray(path, element as DenseArray, attributes);
    }
  },
});

/** Texts of any length. */
export const stringArrayEncoding: Encoding = defineEncoding<readonly string[] | TextArray>({
  type: "string-array",
  version: "0.2.0",
  read: readArray,
  accepts: (element): element is readonly string[] | TextArray =>
    isTexts(element) || isKind(element, "texts"),
  async write({ sink, path, attributes }, element) {
    const { values, shape } = "kind" in element
      ? element
      : { values: element, shape: [element.length] };
    await sink.writeStrings(path, values, shape, attributes);
  },
});

/** A single number or boolean. */
export const numericScalarEncoding: Encoding = defineEncoding<number | bigint | boolean>({
  type: "numeric-scalar",
  version: "0.2.0",
  read: readArray,
  accepts: (element): element is number | bigint | boolean =>
    typeof element === "number" || typeof element === "bigint" || typeof element === "boolean",
  async write({ sink, path, attributes }, value) {
    if (typeof value === "boolean") {
      await sink.writeBooleans(path, Uint8Array.of(Number(value)), [], attributes);
      return;
    }
    const isWhole = typeof value === "bigint" || Number.isSafeInteger(value);
    const data = isWhole ? BigInt64Array.of(BigInt(value)) : Float64Array.of(Number(value));
    await sink.writeArray(path, { data, shape: [] }, attributes);
  },
});

/** A single text. */
export const stringEncoding: Encoding = defineEncoding<string>({
  type: "string",
  version: "0.2.0",
  read: readArray,
  accepts: (element): element is string => typeof element === "string",
  write: ({ sink, path, attributes }, text) => sink.writeStrings(path, [text], [], attributes),
});

/** Python's `None`. */
export const nullEncoding: Encoding = defineEncoding<null>({
  type: "null",
  version: "0.1.0",
  read: () => Promise.resolve(null),
  accepts: (element): element is null => element === null,
  write: ({ sink, path, attributes }) => {
    return sink.writeBooleans(path, Uint8Array.of(0), [], attributes);
  },
});

/** A structured array with one axis. */
export const recordsEncoding: Encoding = defineEncoding<Records>({
  type: "rec-array",
  version: "0.2.0",
  read: readArray,
  accepts: (element): element is Records => isKind(element, "records"),
  async write({ sink, path, attributes }, { fields }) {
    const columns = new Map([...fields].map(([name, { data, shape }]) => {
      if (shape.length === 1) return [name, data];
      throw new SthelarError("InvalidArgument", {
        action: `Cannot write the records "${path}" to "${sink.location}"`,
        found: `a field "${name}" with ${shape.length} axes`,
        expected: "one axis",
        path: sink.location,
      });
    }));
    await sink.writeRecords(path, columns, attributes);
  },
});

/** Reads an array by the type of its values, whatever encoding it names. */
export async function readArray({ source, path, info }: NodeReader): Promise<Element> {
  const { shape, dtype } = info;
  if (info.kind !== "array") throw corruptNode(source, path, "a group", "an array");
  if (shape === undefined) return null;
  if (dtype === "records") return { kind: "records", fields: await source.readRecords(path) };
  if (dtype === "string") {
    const values = await source.readStrings(path);
    if (shape.length === 0) return values[0];
    return shape.length === 1 ? values : { kind: "texts", values, shape };
  }
  const array = await source.read(path);
  if (shape.length === 0) return scalarOf(array.data, dtype === "bool");
  if (shape.length > 1) return array;
  return dtype === "bool" ? { kind: "boolean", values: array.data as Uint8Array } : array.data;
}

function scalarOf(data: NumericArray, isBoolean: boolean): number | bigint | boolean {
  const value = data[0];
  if (isBoolean) return value !== 0;
  if (typeof value === "number" || dtypeOf(data) === "float64") return value;
  return Number.isSafeInteger(Number(value)) ? Number(value) : value;
}
