import type { Random } from "@/core/random.ts";
import { invalid } from "./labels.ts";

/** Rows drawn without putting back, rising; `undefined` for all, if there are no more. */
export function sampleRows(
  action: string,
  rows: number,
  sample: number,
  random: Random,
): Int32Array | undefined {
  if (!(sample >= 1)) throw invalid(action, `a sample of ${sample} rows`, "one or more");
  if (rows <= sample) return undefined;
  const shuffled = random.shuffle(Int32Array.from({ length: rows }, (_, row) => row));
  return shuffled.slice(0, sample).sort();
}
