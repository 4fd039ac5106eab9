import { SthelarError } from "@/core/errors.ts";
import type { Limits } from "@/core/stage.ts";
import { estimateTangram } from "@/numerics/tangram/mod.ts";

/** What a run of Tangram works on. */
export interface TangramSize {
  /** Rows of the map: mapped cells, or types in mode `clusters`. */
  readonly rows: number;
  /** Nuclei of the slide. */
  readonly nuclei: number;
  /** Nuclei of the largest bag. */
  readonly bagSize: number;
  /** Bags. */
  readonly bags: number;
  /** Genes of both sides. */
  readonly genes: number;
  /** Types of the reference. */
  readonly types: number;
  /** Most epochs of a bag. */
  readonly epochs: number;
  /** Bytes that are held beside the map: counts of reference and nuclei. */
  readonly heldBytes: number;
}

/** What it is thought to take. */
export interface TangramEstimate {
  readonly memoryBytes: number;
  readonly seconds: number;
}

/** Estimates memory and time of all bags, for an ordinary processor. */
export function estimateBags(
  { rows, nuclei, bagSize, bags, genes, types, epochs, heldBytes }: TangramSize,
  threads: number,
  blockRows?: number,
): TangramEstimate {
  const sizes = { cells: rows, nuclei: bagSize, genes, types };
  const { memoryBytes, secondsPerEpoch } = estimateTangram(sizes, threads, blockRows);
  return {
    memoryBytes: Math.round(memoryBytes + heldBytes + 4 * nuclei * types),
    seconds: Math.round(bags * epochs * secondsPerEpoch),
  };
}

/**
 * Refuses what does not fit, and says what would.
 *
 * @throws {SthelarError} `OverBudget`.
 */
export function requireFit(size: TangramSize, limits: Limits, blockRows?: number): void {
  const bytesFor = (part: Partial<TangramSize>) =>
    estimateBags({ ...size, ...part }, limits.threads, blockRows).memoryBytes;
  if (bytesFor({}) <= limits.memoryBytes) return;
  const fits = (key: "rows" | "bagSize") =>
    largest(size[key], (value) => bytesFor({ [key]: value }) <= limits.memoryBytes);
  const [bagSize, rows] = [fits("bagSize"), fits("rows")];
  const gigabytes = (bytes: number) => `${(bytes / 1e9).toFixed(1)} GB`;
  throw new SthelarError("OverBudget", {
    action: `Cannot map ${size.rows} cells to bags of ${size.bagSize} nuclei`,
    found: `${gigabytes(limits.memoryBytes)} of memory to use`,
    expected: gigabytes(bytesFor({})),
    remedy: bagSize === 0
      ? "close other programs, raise --memory, or use a larger machine"
      : `--param 2-02.bagSize=${bagSize} would fit, or --param 2-02.referenceCells=${rows}`,
  });
}

/** The largest number up to `most` that fits, 0 if none does. */
function largest(most: number, fits: (value: number) => boolean): number {
  let [low, high] = [0, most];
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if (fits(middle)) low = middle;
    else high = middle - 1;
  }
  return low;
}
