import { labelOfType } from "@/labels/mod.ts";
import type { SimulatedTruth } from "./simulated_truth.ts";
import type { TangramAgreement } from "./tangram_report.ts";

/** Less than this a nucleus is left out by later steps. */
const FEW_TRANSCRIPTS = 10;

/**
 * Compares labels with the truth of a simulated slide.
 *
 * @param types Type of each nucleus.
 * @param cellIds The bundle's id of each nucleus.
 * @param totals Counts of each nucleus.
 * @param tissue `heart`.
 */
export function tangramAgreement(
  types: readonly string[],
  cellIds: readonly string[],
  totals: ArrayLike<number>,
  truth: SimulatedTruth,
  tissue: string,
): TangramAgreement {
  const labelOf = new Map([...new Set(types)].map((type) => [type, labelOfType(type, tissue)]));
  const frequency = new Map<string, number>();
  let nuclei = 0, type = 0, finalLabel = 0, over10 = 0, finalLabelOver10 = 0;
  cellIds.forEach((id, nucleus) => {
    const row = truth.rowOf.get(id);
    if (row === undefined) return;
    nuclei++;
    const wanted = truth.finalLabel[row];
    frequency.set(wanted, (frequency.get(wanted) ?? 0) + 1);
    if (types[nucleus] === truth.referenceType[row]) type++;
    const isRight = labelOf.get(types[nucleus])!.finalLabel === wanted;
    if (isRight) finalLabel++;
    if (totals[nucleus] <= FEW_TRANSCRIPTS) return;
    over10++;
    if (isRight) finalLabelOver10++;
  });
  const share = (count: number, of: number) => Math.round(1e4 * count / Math.max(1, of)) / 1e4;
  return {
    nuclei,
    type: share(type, nuclei),
    finalLabel: share(finalLabel, nuclei),
    finalLabelOver10: share(finalLabelOver10, over10),
    commonest: share(Math.max(0, ...frequency.values()), nuclei),
  };
}
