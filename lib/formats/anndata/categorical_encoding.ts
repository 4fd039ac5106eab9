import { allocate, type NumericArray } from "@/core/arrays.ts";
import type { Categorical } from "@/core/categorical.ts";
import type { Attributes } from "@/formats/zarr/mod.ts";
import { defineEncoding, type Encoding } from "./encoding.ts";
import { corruptNode, type ElementSource } from "./element_store.ts";
import { type Element, isCategorical, isKind, isNumericArray, isTexts } from "./model.ts";

/** Categories; codes are stored in the smallest type that holds them, as pandas does. */
export const categoricalEncoding: Encoding = defineEncoding<Categorical>({
  type: "categorical",
  version: "0.2.0",
  async read({ source, path, info, child }) {
    const levels = textsOf(await child("categories"));
    const codes = await child("codes");
    return toCategorical(source, path, codes, levels, isOrdered(info.attributes));
  },
  accepts: isCategorical,
  async write({ sink, path, attributes, child }, { codes, levels, ordered }) {
    await sink.createGroup(path, { ...attributes, ordered });
    const dtype = levels.length < 2 ** 7 ? "int8" : levels.length < 2 ** 15 ? "int16" : "int32";
    const stored = allocate(dtype, codes.length) as Int32Array;
    stored.set(codes);
    await child("codes", stored);
    await child("categories", levels);
  },
});

/** Whether the attributes say that the order of the categories means something. */
export function isOrdered({ ordered }: Attributes): boolean {
  return ordered === true || ordered === 1;
}

/** Checks codes against levels; `levels` is `undefined` if the node held no list of values. */
export function toCategorical(
  source: ElementSource,
  path: string,
  codes: Element,
  levels: readonly string[] | undefined,
  ordered: boolean,
): Categorical {
  if (levels === undefined) throw corruptNode(source, path, "no list of categories", "one");
  if (!isNumericArray(codes)) throw corruptNode(source, path, "no codes", "a list of integers");
  const result = new Int32Array(codes.length);
  for (let i = 0; i < codes.length; i++) {
    const code = Number(codes[i]);
    if (!Number.isInteger(code) || code < -1 || code >= levels.length) {
      throw corruptNode(source, path, `code ${code} in row ${i}`, `codes below ${levels.length}`);
    }
    result[i] = code;
  }
  return { codes: result, levels, ordered };
}

/** The values of a list as texts, as pandas would print them; `undefined` if it is no list. */
export function textsOf(element: Element): readonly string[] | undefined {
  if (typeof element === "string") return [element];
  if (isTexts(element)) return element;
  if (isNumericArray(element)) return numbersAsTexts(element);
  if (isKind(element, "boolean")) {
    const { values } = element as { values: Uint8Array };
    return Array.from(values, (value) => value === 1 ? "True" : "False");
  }
  if (isKind(element, "nullable-string-array")) {
    return (element as unknown as { values: readonly string[] }).values;
  }
  if (isCategorical(element)) {
    return Array.from(element.codes, (code) => code < 0 ? "nan" : element.levels[code]);
  }
  return undefined;
}

function numbersAsTexts(values: NumericArray): string[] {
  const isFloat = values instanceof Float32Array || values instanceof Float64Array;
  return Array.from(values as Float64Array, (value) => {
    return isFloat && Number.isInteger(value) ? value.toFixed(1) : String(value);
  });
}
