import type { Categorical } from "@/core/categorical.ts";
import { LESS10 } from "./final_labels.ts";

/** A label with its share of the rows of a cluster. */
export interface LabelShare {
  readonly label: string;
  /** 0 to 1. */
  readonly share: number;
}

/**
 * Why a person should look at a combined cluster: most of its cells are `Unknown` or `Less10`; its nuclei
 * are mostly of another category than its cells; or too many cells have another category than their
 * nuclei.
 */
export type CombinedFlag = "unknown" | "nucleiDiffer" | "disagreement";

/** What cells and nuclei of a combined cluster are called. */
export interface CombinedEvidence {
  /** Its number. */
  readonly name: string;
  /** Its rows. */
  readonly cells: number;
  /** The two commonest categories of its cells. */
  readonly cellLabels: readonly LabelShare[];
  /** The two commonest categories of its nuclei. */
  readonly nucleusLabels: readonly LabelShare[];
  /** Rows of each category of cells, in the order of {@link CombinedLabels}. */
  readonly cellCounts: readonly number[];
  /** Rows of each category of nuclei. */
  readonly nucleusCounts: readonly number[];
  /** The commonest broad type of its cells. */
  readonly cellLabel1: LabelShare | undefined;
  /** The commonest broad type of its nuclei. */
  readonly nucleusLabel1: LabelShare | undefined;
  /** Share of all its rows whose nucleus is known and of another category than the cell. */
  readonly disagreement: number;
  /** Share of all its rows whose nucleus is of another category, `Unknown` and `Less10` counting too. */
  readonly disagreementOfAll: number;
  /** Why a person should look at it. */
  readonly flags: readonly CombinedFlag[];
}

/** Labels of the same rows, twice. */
export interface CombinedLabels {
  /** Categories of cells. */
  readonly cells: Categorical;
  /** Categories of nuclei. */
  readonly nuclei: Categorical;
  /** Broad types of cells. */
  readonly cellLabel1: Categorical;
  /** Broad types of nuclei. */
  readonly nucleusLabel1: Categorical;
}

const UNKNOWN: readonly string[] = ["Unknown", LESS10];

/**
 * What cells and nuclei of each combined cluster are called, and which clusters a person should look at.
 * Shares are of all rows of a cluster: published clusters all of whose nuclei are unknown have a
 * disagreement of 0 without these.
 *
 * @param clusters Cluster of each row.
 * @param count How many clusters there are.
 * @param labels Labels of the rows; a missing one counts as `Less10`.
 * @param flagAbove Disagreement above which a cluster is flagged (default 0.4).
 * @returns One for each cluster, by number.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { categorical } from "@/core/categorical.ts";
 * import { combinedEvidence } from "@/labels/mod.ts";
 *
 * const cells = categorical(["T_NK", "T_NK", "T_NK", "Unknown"]);
 * const nuclei = categorical(["T_NK", "Myeloid", "Less10", "Myeloid"]);
 * const labels = { cells, nuclei, cellLabel1: cells, nucleusLabel1: nuclei };
 * const [first, second] = combinedEvidence(Int32Array.of(0, 0, 0, 1), 2, labels);
 * assertEquals(first.cellLabels, [{ label: "T_NK", share: 1 }]);
 * assertEquals([first.disagreement, first.disagreementOfAll], [1 / 3, 2 / 3]);
 * assertEquals(second.flags, ["unknown", "nucleiDiffer", "disagreement"]);
 * ```
 */
export function combinedEvidence(
  clusters: Int32Array,
  count: number,
  labels: CombinedLabels,
  flagAbove = 0.4,
): CombinedEvidence[] {
  const tally = (column: Categorical) => tallies(clusters, count, column);
  const [cells, nuclei] = [tally(labels.cells), tally(labels.nuclei)];
  const [cellLabel1, nucleusLabel1] = [tally(labels.cellLabel1), tally(labels.nucleusLabel1)];
  const differing = disagreements(clusters, count, labels);
  return Array.from({ length: count }, (_, cluster) => {
    const size = sum(cells[cluster]);
    const share = (rows: number) => size === 0 ? 0 : rows / size;
    const top = (of: readonly number[][], { levels }: Categorical) =>
      sharesOf(of[cluster], levels, size);
    const evidence = {
      cellLabels: top(cells, labels.cells).slice(0, 2),
      nucleusLabels: top(nuclei, labels.nuclei).slice(0, 2),
      disagreement: share(differing.known[cluster]),
      disagreementOfAll: share(differing.all[cluster]),
    };
    return {
      ...{ name: String(cluster), cells: size, ...evidence },
      cellCounts: cells[cluster].slice(0, labels.cells.levels.length),
      nucleusCounts: nuclei[cluster].slice(0, labels.nuclei.levels.length),
      cellLabel1: top(cellLabel1, labels.cellLabel1)[0],
      nucleusLabel1: top(nucleusLabel1, labels.nucleusLabel1)[0],
      flags: flagsOf(evidence, flagAbove),
    };
  });
}

/** Rows of each cluster by level, those without one at the end. */
function tallies(clusters: Int32Array, count: number, { codes, levels }: Categorical): number[][] {
  const found = Array.from({ length: count }, () => new Array<number>(levels.length + 1).fill(0));
  clusters.forEach((cluster, row) => {
    if (cluster >= 0) found[cluster][codes[row] < 0 ? levels.length : codes[row]]++;
  });
  return found;
}

function sharesOf(counts: readonly number[], levels: readonly string[], size: number) {
  return counts.flatMap((rows, level) =>
    rows === 0 ? [] : [{ label: levels[level] ?? LESS10, rows }]
  )
    .sort((a, b) => b.rows - a.rows || (a.label < b.label ? -1 : 1))
    .map(({ label, rows }): LabelShare => ({ label, share: rows / size }));
}

function disagreements(
  clusters: Int32Array,
  count: number,
  { cells, nuclei }: CombinedLabels,
): { readonly known: readonly number[]; readonly all: readonly number[] } {
  const codeOf = new Map(cells.levels.map((level, code) => [level, code]));
  const asCells = nuclei.levels.map((level) => codeOf.get(level) ?? -2);
  const isKnown = nuclei.levels.map((level) => !UNKNOWN.includes(level));
  const known = new Array<number>(count).fill(0), all = new Array<number>(count).fill(0);
  clusters.forEach((cluster, row) => {
    const nucleus = nuclei.codes[row];
    const differs = nucleus < 0 ? cells.codes[row] >= 0 : asCells[nucleus] !== cells.codes[row];
    if (cluster < 0 || !differs) return;
    all[cluster]++;
    if (nucleus >= 0 && isKnown[nucleus]) known[cluster]++;
  });
  return { known, all };
}

function flagsOf(
  { cellLabels, nucleusLabels, disagreement }: Pick<
    CombinedEvidence,
    "cellLabels" | "nucleusLabels" | "disagreement"
  >,
  flagAbove: number,
): CombinedFlag[] {
  const cell = cellLabels[0]?.label;
  if (cell === undefined) return [];
  const flags: CombinedFlag[] = [];
  if (UNKNOWN.includes(cell)) flags.push("unknown");
  const nucleus = nucleusLabels.find(({ label }) => !UNKNOWN.includes(label)) ?? nucleusLabels[0];
  if (nucleus?.label !== cell) flags.push("nucleiDiffer");
  if (disagreement > flagAbove) flags.push("disagreement");
  return flags;
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
