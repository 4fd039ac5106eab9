import type { Categorical } from "@/core/categorical.ts";
import { type CombinedFlag, LESS10, NOT_CLUSTERED } from "@/labels/mod.ts";
import {
  combinedClustersFigure,
  screeFigure,
  threeLabelsFigure,
  umapFigure,
  type UmapPanel,
} from "@/plots/chapter_2/mod.ts";
import {
  categoryColours,
  colourOf,
  colourRamp,
  type Figure,
  freeColours,
  type LevelColours,
} from "@/plots/mod.ts";
import type { CombinedBlock } from "@/stages/combined_report.ts";
import type { CombinedData } from "./open_combined.ts";

export { type CombinedData, hasCombined, openCombined } from "./open_combined.ts";

const FLAG_WORDS: Readonly<Record<CombinedFlag, string>> = {
  unknown: "cells unknown",
  nucleiDiffer: "nuclei differ",
  disagreement: "many differ",
};

/** Variance of the components of nuclei and cytoplasm, and which are kept; `undefined` where not known. */
export function screeOfBlocks({ report, notes }: CombinedData): Figure | undefined {
  if (report === undefined) return undefined;
  return screeFigure({
    ...{ notes },
    blocks: [
      ...report.blocks.map((block) => ({
        ...{ name: block.name, varianceRatio: block.varianceRatio, kept: block.components },
        why: reasonOf(block),
      })),
      {
        ...{ name: "both", varianceRatio: report.varianceRatio, kept: report.principalComponents },
        why: "for neighbours",
      },
    ],
  });
}

function reasonOf({ by }: CombinedBlock): string {
  return by === "given" ? "number given" : "above the scree by rule";
}

/** The combined UMAP by each clustering, by the labels of cells and nuclei, and by depth. */
export function umapOfCombinedClusters(data: CombinedData): Figure {
  const { umap, clusterings, finalLabels, transcriptCat, notes } = data;
  const panels: UmapPanel[] = [
    ...[...clusterings].map(([name, column]) => clusterPanel(shortName(name), column)),
    labelPanel("final_label_cells", finalLabels.cells),
    labelPanel("final_label_nuclei", finalLabels.nuclei),
  ];
  if (transcriptCat !== undefined) {
    const title = "transcript_cat";
    panels.push({
      ...{ kind: "categorical", title, column: transcriptCat },
      colours: binColours(transcriptCat),
    });
  }
  return umapFigure({
    ...umap,
    panels,
    notes,
    unit: "cells",
    title: "Nuclei and cytoplasm combined",
  });
}

/** The chosen clustering beside what cells and nuclei are called. */
export function umapOfChosenClusters(data: CombinedData): Figure {
  const { umap, clusterings, chosen, finalLabels, label1, notes } = data;
  const clusters = clusterings.get(chosen);
  const panels: UmapPanel[] = [
    ...(clusters === undefined ? [] : [clusterPanel(shortName(chosen), clusters)]),
    labelPanel("final_label_nuclei", finalLabels.nuclei),
    labelPanel("final_label_cells", finalLabels.cells),
    ...broadPanels(label1),
  ];
  return umapFigure({
    ...umap,
    panels,
    notes,
    unit: "cells",
    title: "The chosen combined clusters",
  });
}

/** What cells are called by both, by cells and by nuclei. */
export function umapOfCombinedLabels({ umap, finalLabels, notes }: CombinedData): Figure {
  return umapFigure({
    ...{ ...umap, notes, unit: "cells", title: "Combined labels" },
    panels: [
      labelPanel("final_label_combined", finalLabels.combined),
      labelPanel("final_label_cells", finalLabels.cells),
      labelPanel("final_label_nuclei", finalLabels.nuclei),
    ],
  });
}

/** What speaks for the labels of combined clusters; `undefined` where that is not known. */
export function combinedClustersEvidence({ report, notes }: CombinedData): Figure | undefined {
  if (report === undefined) return undefined;
  const { clusters, cellCategories, nucleusCategories, flagAbove } = report;
  return combinedClustersFigure({
    ...{ cellCategories, nucleusCategories, flagAbove, notes },
    clusters: clusters.map(({ flags, ...cluster }) => ({
      ...cluster,
      flags: flags.map((flag) => FLAG_WORDS[flag]),
    })),
  });
}

/** The three labels against what simulated cells are; `undefined` where that is not known. */
export function combinedAgainstTruth({ report, notes }: CombinedData): Figure | undefined {
  if (report?.agreement == null) return undefined;
  const { all } = report.agreement;
  return threeLabelsFigure({
    notes,
    cells: all.combined.cells,
    labels: [
      { name: "nuclei", ...all.nuclei },
      { name: "cells", ...all.cells },
      { name: "combined", ...all.combined },
    ],
  });
}

/** The combined clusters, for a table. */
export function combinedClustersTable({ report }: CombinedData): Record<string, string | number>[] {
  const percent = (share: number) => (100 * share).toFixed(1);
  const words = (shares: readonly { readonly label: string; readonly share: number }[]) =>
    shares.map(({ label, share }) => `${label} ${percent(share)} %`).join(", ");
  return (report?.clusters ?? []).map((cluster) => ({
    ...{ cluster: cluster.name, cells: cluster.cells, label: cluster.finalLabel },
    ...{ "of cells": words(cluster.cellLabels), "of nuclei": words(cluster.nucleusLabels) },
    "differ, %": percent(cluster.disagreement),
    "differ with unknown, %": percent(cluster.disagreementOfAll),
    flags: cluster.flags.map((flag) => FLAG_WORDS[flag]).join(", "),
    genes: cluster.genes.map(({ gene }) => gene).join(" "),
  }));
}

function clusterPanel(title: string, column: Categorical): UmapPanel {
  return { kind: "categorical", title, column, labelsOnData: true };
}

function labelPanel(title: string, column: Categorical): UmapPanel {
  return { kind: "categorical", title, column, colours: coloursInUse(column) };
}

/** The fixed colours of the categories that occur. */
function coloursInUse({ levels }: Categorical): LevelColours {
  return new Map([...categoryColours("final_label")].filter(([level]) => levels.includes(level)));
}

/** Bins follow one another: so do their colours. */
function binColours({ levels }: Categorical): LevelColours {
  const ramp = colourRamp("viridis");
  return new Map(levels.map((level, i) => [level, ramp(i / Math.max(1, levels.length - 1))]));
}

/** Broad labels, a colour for each, the same for nuclei and cells. */
function broadPanels({ nuclei, cells }: CombinedData["label1"]): UmapPanel[] {
  const levels = [...new Set([nuclei, cells].flatMap((column) => column?.levels ?? []))].sort();
  const colours = new Map(freeColours(levels.filter((level) => level !== NOT_CLUSTERED)))
    .set(NOT_CLUSTERED, colourOf(categoryColours("final_label"), LESS10));
  const panel = (title: string, column: Categorical | undefined): UmapPanel[] =>
    column === undefined ? [] : [{ kind: "categorical", title, column, colours }];
  return [...panel("label1_nuclei", nuclei), ...panel("label1_cells", cells)];
}

/** `pca_n10_pcs21_leiden_res0.4` -> `leiden 0.4`. */
function shortName(name: string): string {
  return name.replace(/^.*_leiden_res/, "leiden ");
}
