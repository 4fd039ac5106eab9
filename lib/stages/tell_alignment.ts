import type { PredictAndAlignReport } from "./predict_and_align_report.ts";

/** From here on a shift is sure. */
const SURE_CONFIDENCE = 5;
/** Shorter shifts are as small as nuclei are ragged. */
const USUAL_SHIFT_UM = 1;
/** Predictions of another slide overlap by chance only. */
const CHANCE_DICE = 0.25;
const EXAMPLES = 3;

type Warn = (message: string) => void;

/** Says how well all agrees, and warns of an H&E that is shifted, and of patches or cells that are missing. */
export function tellAlignment(
  report: PredictAndAlignReport,
  { inform, warn }: { readonly inform: (message: string) => void; readonly warn: Warn },
): void {
  const { dice, jaccard, bpq } = report.means;
  const scores = [dice, jaccard, bpq].map((score) => score?.toFixed(2) ?? "none");
  inform(
    `${report.patches.evaluated} patches, ${report.source.name}: ` +
      `mean Dice ${scores[0]}, Jaccard ${scores[1]}, bPQ ${scores[2]}`,
  );
  tellPatches(report, warn);
  tellShift(report, warn);
  const { withoutRow } = report;
  if (withoutRow.length > 0) {
    const some = withoutRow.slice(0, EXAMPLES).join(", ");
    const more = withoutRow.length > EXAMPLES ? ", …" : "";
    warn(`${withoutRow.length} cells of the patches are not in the table of cells: ${some}${more}`);
  }
}

function tellPatches({ patches, means, source }: PredictAndAlignReport, warn: Warn): void {
  const { evaluated, withoutPrediction, foreign } = patches;
  const all = evaluated + withoutPrediction;
  if (withoutPrediction > 0) warn(`${withoutPrediction} of ${all} patches have no prediction`);
  if (foreign > 0) warn(`${foreign} predicted maps are of no patch of this slide`);
  if (source.name === "published" && means.dice !== null && means.dice < CHANCE_DICE) {
    warn(
      `predicted nuclei hardly overlap those of the Xenium run (mean Dice ${
        means.dice.toFixed(2)
      }): are the predictions of this slide, and of these patches?`,
    );
  }
}

/** Says how far the H&E lies from the Xenium run, where that is sure. */
function tellShift({ registration }: PredictAndAlignReport, warn: Warn): void {
  const best = registration?.whole.best;
  if (best === undefined || registration!.whole.confidence < SURE_CONFIDENCE) return;
  const { dxUm, dyUm } = best;
  if (Math.hypot(dxUm, dyUm) <= USUAL_SHIFT_UM) return;
  warn(
    `nuclei on the H&E lie ${Math.hypot(dxUm, dyUm).toFixed(1)} um from those of the Xenium run ` +
      `(${along(dxUm, "right", "left")}, ${along(dyUm, "down", "up")} in the H&E's own picture): ` +
      "align the H&E again in Xenium Explorer and name the csv with --he-alignment",
  );
}

function along(um: number, ahead: string, back: string): string {
  return `${Math.abs(um).toFixed(1)} um ${um < 0 ? back : ahead}`;
}
