import { SthelarError } from "@/core/errors.ts";

/** How far above the line of the scree a component has to stand, ln: 3 %. */
const ABOVE_SCREE = 0.03;
/** Fewer components show no scree. */
const FEWEST = 6;

/**
 * How many leading components stand above the scree (Cattell 1966): a line is fitted to the natural
 * logarithm of the variances of the later half, and components count up to the first that is not 3 %
 * above it. Whoever analysed the published slides chose by eye on the same picture, and more rather than
 * less: 15 to 21 components. Of one slide (skin_s1) all kept variances are known: if its scree begins
 * right behind them, the rule keeps 13 of 15 components of nuclei and 12 of 15 of cytoplasm
 * (tests/numerics/mfa), and more the later it begins; of the four others it keeps those that are known, 5
 * to 10 of 16 to 21. Of a real pancreas (1,790 cells, 377 genes) it keeps 18.
 *
 * @param variance Variances of components, falling.
 * @returns From 1 to the number of components above 0; all of them if they are fewer than 6.
 * @throws {SthelarError} `InvalidArgument` for no component, or variances that do not fall.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { kneeOf } from "@/numerics/mfa/mod.ts";
 *
 * const scree = Array.from({ length: 17 }, (_, i) => Math.exp(-0.01 * i));
 * assertEquals(kneeOf([8, 5, 2, ...scree]), 3);
 * ```
 */
export function kneeOf(variance: ArrayLike<number>): number {
  requireFalling(variance);
  const logs = Array.from(variance).filter((value) => value > 0).map(Math.log);
  if (logs.length < FEWEST) return Math.max(1, logs.length);
  const from = Math.ceil(logs.length / 2);
  const line = lineThrough(logs, from);
  const knee = logs.findIndex((value, i) => value <= line(i) + ABOVE_SCREE);
  return Math.max(1, knee < 0 ? logs.length : knee);
}

/** Least squares over the places from `from` on. */
function lineThrough(values: readonly number[], from: number): (place: number) => number {
  const tail = values.slice(from);
  const middle = from + (tail.length - 1) / 2;
  const mean = tail.reduce((sum, value) => sum + value, 0) / tail.length;
  let [along, square] = [0, 0];
  tail.forEach((value, i) => {
    along += (from + i - middle) * (value - mean);
    square += (from + i - middle) ** 2;
  });
  return (place) => mean + along / square * (place - middle);
}

function requireFalling(variance: ArrayLike<number>): void {
  let last = Infinity;
  for (let i = 0; i < variance.length; i++) {
    if (!(variance[i] >= 0 && variance[i] <= last)) throw notFalling(`${variance[i]} at ${i}`);
    last = variance[i];
  }
  if (variance.length === 0) throw notFalling("no component");
}

function notFalling(found: string): SthelarError {
  return new SthelarError("InvalidArgument", {
    action: "Cannot find the knee of variances",
    found,
    expected: "one or more that fall",
  });
}
