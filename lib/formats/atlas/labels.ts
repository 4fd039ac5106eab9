import { type Categorical, categorical } from "@/core/categorical.ts";
import { type Column, isCategorical } from "@/formats/anndata/mod.ts";
import { textsOf } from "@/formats/anndata/categorical_encoding.ts";

/** What tables write where a value is missing. */
const MISSING = new Set(["", "nan", "na", "n/a", "none", "<na>", "null"]);

/** A column as categories: those that say that nothing is known become missing, unused ones go. */
export function labelsOf(column: Column | readonly string[]): Categorical | undefined {
  if (!isCategorical(column)) {
    const texts = textsOf(column);
    return texts && categorical(texts.map((text) => isMissing(text) ? undefined : text));
  }
  const used = new Uint8Array(column.levels.length);
  for (const code of column.codes) if (code >= 0) used[code] = 1;
  const newCode = new Int32Array(column.levels.length).fill(-1);
  const levels: string[] = [];
  column.levels.forEach((level, code) => {
    if (used[code] === 1 && !isMissing(level)) newCode[code] = levels.push(level) - 1;
  });
  const codes = column.codes.map((code) => code < 0 ? -1 : newCode[code]);
  return { codes, levels, ordered: column.ordered };
}

function isMissing(text: string): boolean {
  return MISSING.has(text.trim().toLowerCase());
}
