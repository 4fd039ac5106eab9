import type { Categorical } from "@/core/categorical.ts";
import { categoryAgreement, LESS10 } from "@/labels/mod.ts";
import type { CombinedReport, ThreeAgreements } from "./combined_report.ts";
import type { SimulatedTruth } from "./simulated_truth.ts";

/** Three labels of the same rows. */
export interface ThreeLabels {
  readonly nuclei: Categorical;
  readonly cells: Categorical;
  readonly combined: Categorical;
}

/**
 * How often each of three labels is the true one, on the same rows: all of them, and those whose nucleus
 * has a label of its own.
 *
 * @param ids The bundle's id of each row.
 */
export function combinedAgreement(
  { nuclei, cells, combined }: ThreeLabels,
  ids: readonly string[],
  truth: SimulatedTruth,
): NonNullable<CombinedReport["agreement"]> {
  const hasNucleus = Array.from(
    nuclei.codes,
    (code) => (nuclei.levels[code] ?? LESS10) !== LESS10,
  );
  const of = ({ codes, levels }: Categorical, isCompared: (row: number) => boolean) =>
    categoryAgreement(
      Array.from(codes, (code, row) => isCompared(row) ? levels[code] ?? LESS10 : undefined),
      ids,
      truth,
    );
  const three = (isCompared: (row: number) => boolean): ThreeAgreements => ({
    nuclei: of(nuclei, isCompared),
    cells: of(cells, isCompared),
    combined: of(combined, isCompared),
  });
  return { all: three(() => true), withNucleus: three((row) => hasNucleus[row]) };
}
