import {
  scviAgreementFigure,
  scviComposition,
  scviLearningRate,
  scviLosses,
  umapFigure,
  type UmapPanel,
} from "@/plots/chapter_2/mod.ts";
import { categoryColours, type Figure, formatCount } from "@/plots/mod.ts";
import type { ScviData } from "./open_scvi.ts";

export { hasScvi, openScvi, type ScviData } from "./open_scvi.ts";

/** How the model was learned; `undefined` where that is not known. */
export function scviLossFigure({ report, notes }: ScviData): Figure | undefined {
  if (report === undefined) return undefined;
  const { train, validation, epochs, stoppedEarly } = report.training;
  return scviLosses({
    ...{ train, validation, notes },
    subtitle: `${epochs} epochs${stoppedEarly ? ", stopped early" : ""}, ` +
      `${formatCount(report.cells)} cells, ${formatCount(report.genes)} genes`,
  });
}

/** The step size of its training; `undefined` where that is not known. */
export function scviLearningRateFigure({ report, notes }: ScviData): Figure | undefined {
  if (report === undefined) return undefined;
  return scviLearningRate({ learningRate: report.training.learningRate, notes });
}

/** The UMAP of the latent space by label, as far as there are labels, by latent cluster and depth. */
export function umapOfLatent(data: ScviData): Figure {
  const { umap, label1, colours, clusters, transcripts, truth, notes } = data;
  const panels: UmapPanel[] = [];
  if (label1 !== undefined) {
    panels.push({ kind: "categorical", title: "label1 (by RNA)", column: label1, colours });
  }
  if (truth !== undefined) {
    const known = categoryColours("final_label");
    panels.push({ kind: "categorical", title: "what cells are", column: truth, colours: known });
  }
  if (clusters !== undefined) {
    panels.push({
      ...{ kind: "categorical", title: "latent clusters", column: clusters, labelsOnData: true },
    });
  }
  panels.push({
    ...{ kind: "continuous", title: "depth", label: "ln(1 + transcripts)" },
    values: transcripts.map(Math.log1p),
  });
  return umapFigure({ ...umap, panels, unit: "cells", notes, columns: 2, title: "Latent space" });
}

/** How far latent clusters agree with those by RNA; `undefined` where that is not known. */
export function scviAgreementBars({ report, notes }: ScviData): Figure | undefined {
  if (report === undefined) return undefined;
  const { clusters: { name, resolution, sizes }, agreement, truth } = report;
  return scviAgreementFigure({
    clusters: sizes.length,
    agreement: agreement.map((row) => ({ ...row, name: shortName(row.name) })),
    ...truth === null ? {} : {
      truth: truth.clusterings.map((row) => ({
        ...row,
        name: row.name === name ? "latent clusters" : shortName(row.name),
      })),
    },
    subtitle: `${sizes.length} latent clusters (Leiden ${resolution}), ` +
      `${formatCount(report.cells)} cells`,
    notes,
  });
}

/** What cells of each latent cluster are labelled; `undefined` where that is not known. */
export function scviCompositionFigure({ report, notes }: ScviData): Figure | undefined {
  if (report?.composition == null || report.composition.labels.length === 0) return undefined;
  return scviComposition({ ...report.composition, notes });
}

/** How latent clusters agree with labels, for a table. */
export function scviAgreementTable({ report }: ScviData): Record<string, string | number>[] {
  const text = (value: number | null) => value === null ? "one cluster" : value.toFixed(3);
  return (report?.agreement ?? []).map(({ name, cells, labels, ari, nmi, knnAccuracy }) => ({
    ...{ "compared with": shortName(name), cells, labels, ARI: text(ari), NMI: text(nmi) },
    "kNN accuracy": knnAccuracy === null ? "no labels" : knnAccuracy.toFixed(3),
  }));
}

/** `pca_n10_pcs16_leiden_res0.4` -> `RNA, Leiden 0.4`. */
function shortName(name: string): string {
  return name.replace(/^.*_leiden_res/, "RNA, Leiden ").replace("refine_res", "RNA, refined");
}
