import type { Slide } from "@/pipeline/slide.ts";
import type { Figure } from "@/plots/mod.ts";
import * as alignment from "./alignment_figures.ts";
import {
  alignmentFigure,
  type Chapter1Data,
  dapiFigure,
  densityFigure,
  heOverDapiFigure,
  nucleusFigure,
  openPartOfChapter1,
  thumbnailsFigure,
} from "./chapter_1_figures.ts";
import {
  geneOverlapFigure,
  labelCompositionFigure,
  labelMapFigure,
  openReference,
  openTangram,
  refCellTypesFigure,
  scoreMapFigure,
  tangramLossFigure,
  truthConfusionFigure,
} from "./chapter_2_figures.ts";
import * as clusters from "./cluster_figures.ts";
import * as combined from "./combined_figures.ts";
import * as categories from "./final_label_figures.ts";
import { type ClusterData, hasLabels, openClusters } from "./open_clusters.ts";
import * as patches from "./patch_figures.ts";
import { resolutionFigure } from "./resolution_figure.ts";
import * as latent from "./scvi_figures.ts";

/** A figure with its name among the project's figures. */
export interface NamedFigure {
  /** Name of its files. */
  readonly name: string;
  /** The figure. */
  readonly figure: Figure;
}

/** A figure, what it is drawn from, and how. */
interface FigurePlan {
  readonly name: string;
  readonly needs: readonly (keyof Chapter1Data)[];
  draw(data: Chapter1Data): Promise<Figure | undefined> | Figure;
}

const PLACE = ["resolution", "morpho"] as const;
const FIGURES: readonly FigurePlan[] = [
  {
    name: "resolution_table",
    needs: ["resolution"],
    draw: ({ resolution, notes }) => resolutionFigure({ report: resolution, notes }),
  },
  { name: "slide_thumbnails", needs: PLACE, draw: thumbnailsFigure },
  { name: "dapi_with_nuclei", needs: [...PLACE, "nuclei"], draw: dapiFigure },
  { name: "he_over_dapi", needs: [...PLACE, "nuclei", "he"], draw: heOverDapiFigure },
  { name: "alignment_zoom", needs: [...PLACE, "nuclei", "he"], draw: alignmentFigure },
  {
    name: "transcript_density",
    needs: [...PLACE, "transcripts", "table"],
    draw: densityFigure,
  },
  { name: "nucleus_counts_qc", needs: ["table"], draw: nucleusFigure },
];

/** Why a figure waits, in words. */
const WORDS: Readonly<Record<keyof Chapter1Data, string>> = {
  notes: "there is no notes",
  resolution: "there is no pixel size (stage 1-01)",
  findings: "there is no report of stage 1-02",
  morpho: "there is no morphology image (stage 1-02)",
  he: "there is no H&E (stage 1-03)",
  transcripts: "there are no transcripts (stage 1-02)",
  nuclei: "there are no nuclei (stage 1-02)",
  table: "there are no counts in nuclei (stage 1-02)",
};

/** Every figure that what there is of a slide allows, and the names of those that wait. */
export async function slideFigures(
  slide: Slide,
): Promise<{ figures: readonly NamedFigure[]; missing: readonly string[] }> {
  const isBuilt = slide.isDone("1-01") && slide.isDone("1-02");
  if (!isBuilt && slide.opened === undefined) {
    return { figures: [], missing: ["figures of chapter 1: run stages 1-01 and 1-02"] };
  }
  const data = await openPartOfChapter1(slide);
  const figures: NamedFigure[] = [];
  const missing: string[] = [];
  for (const { name, needs, draw } of FIGURES) {
    const absent = needs.find((need) => data[need] === undefined);
    // A figure is drawn from no more than it needs, which has just been seen to be there.
    const figure = absent === undefined ? await draw(data as Chapter1Data) : undefined;
    if (figure !== undefined) figures.push({ name, figure });
    else missing.push(`${name}: ${WORDS[absent ?? "he"]}`);
  }
  const chapter2 = await figuresOfChapter2(slide);
  const chapter3 = await figuresOfChapter3(slide);
  return {
    figures: [...figures, ...chapter2.figures, ...chapter3.figures],
    missing: [...missing, ...chapter2.missing, ...chapter3.missing],
  };
}

async function figuresOfChapter3(
  slide: Slide,
): Promise<{ figures: readonly NamedFigure[]; missing: readonly string[] }> {
  if (!patches.hasPatches(slide)) {
    return { figures: [], missing: ["figures of patches: there are none (stage 3-01)"] };
  }
  const data = await patches.openPatches(slide);
  const control = patches.controlOfPatches(data);
  const figures = [
    { name: "patch_coverage", figure: await patches.coverageOfPatches(data) },
    ...(control === undefined ? [] : [{ name: "patch_control", figure: control }]),
  ];
  if (!alignment.hasAlignment(slide)) {
    return { figures, missing: ["figures of alignment: nothing was predicted (stage 3-03)"] };
  }
  const agreement = await alignment.openAlignment(slide);
  const registration = alignment.registrationOfSlide(agreement);
  const examples = await alignment.examplesOfAlignment(agreement);
  return {
    figures: [
      ...figures,
      ...(registration === undefined ? [] : [{ name: "registration", figure: registration }]),
      { name: "alignment_scores", figure: alignment.scoresOfPatches(agreement) },
      { name: "alignment_map", figure: alignment.mapOfScore(agreement) },
      ...(examples === undefined ? [] : [{ name: "alignment_examples", figure: examples }]),
    ],
    missing: [],
  };
}

const TANGRAM = ["training", "label_map", "composition", "score_map"] as const;

async function figuresOfChapter2(
  slide: Slide,
): Promise<{ figures: readonly NamedFigure[]; missing: readonly string[] }> {
  const figures: NamedFigure[] = [];
  const missing: string[] = [];
  if (slide.has("reports/ref_cell_types")) {
    const reference = await openReference(slide);
    figures.push(
      { name: "ref_cell_types", figure: refCellTypesFigure(reference) },
      { name: "gene_overlap", figure: geneOverlapFigure(reference) },
    );
  } else missing.push("ref_cell_types, gene_overlap: there is no reference (stage 2-01)");
  if (slide.has("tables/table_nuclei/obs/ct_tangram")) {
    figures.push(...await figuresOfTangram(slide));
  } else missing.push(`tangram_${TANGRAM.join(", tangram_")}: there are no labels (stage 2-02)`);
  for (const [unit, stage] of [["nuclei", "2-03"], ["cells", "2-05"]] as const) {
    if (hasLabels(slide, unit)) figures.push(...figuresOfClusters(await openClusters(slide, unit)));
    else missing.push(`figures of clusters of ${unit}: there are no labels (stage ${stage})`);
  }
  if (latent.hasScvi(slide)) figures.push(...await figuresOfScvi(slide));
  else missing.push("figures of scVI: there is no latent space (stage 2-06)");
  const labelled = (["nuclei", "cells"] as const)
    .filter((unit) => categories.hasFinalLabels(slide, unit));
  if (labelled.length > 0) {
    figures.push(
      ...figuresOfFinalLabels(
        await Promise.all(labelled.map((unit) => categories.openFinalLabels(slide, unit))),
      ),
    );
  } else missing.push("figures of final labels: there are none (stages 2-08 and 2-09)");
  if (combined.hasCombined(slide)) figures.push(...await figuresOfCombined(slide));
  else missing.push("figures of combined labels: there are none (stage 2-10)");
  return { figures, missing };
}

function figuresOfClusters(data: ClusterData): NamedFigure[] {
  const drawn: readonly (readonly [name: string, figure: Figure | undefined])[] = [
    ["umap_clusters", clusters.umapOfClusters(data)],
    ["cluster_sizes", clusters.sizesOfClusters(data)],
    ["marker_genes", clusters.dotPlotOfMarkers(data)],
    ["tangram_by_cluster", clusters.compositionOfClusters(data)],
    ["marker_scores", clusters.scoresOfMarkers(data)],
    ["umap_labels", clusters.umapOfLabels(data)],
    ["label_map", clusters.mapOfLabels(data)],
    ["umap_depth", clusters.umapOfDepth(data)],
    ["label_confusion", clusters.confusionOfLabels(data)],
  ];
  return drawn.flatMap(([name, figure]) =>
    figure === undefined ? [] : [{ name: `${data.unit}_${name}`, figure }]
  );
}

async function figuresOfScvi(slide: Slide): Promise<NamedFigure[]> {
  const data = await latent.openScvi(slide);
  const drawn: readonly (readonly [name: string, figure: Figure | undefined])[] = [
    ["scvi_losses", latent.scviLossFigure(data)],
    ["scvi_learning_rate", latent.scviLearningRateFigure(data)],
    ["umap_scvi", latent.umapOfLatent(data)],
    ["scvi_agreement", latent.scviAgreementBars(data)],
    ["scvi_composition", latent.scviCompositionFigure(data)],
  ];
  return drawn.flatMap(([name, figure]) => figure === undefined ? [] : [{ name, figure }]);
}

function figuresOfFinalLabels(tables: readonly categories.FinalLabelData[]): NamedFigure[] {
  const ofTables = tables.flatMap((data) => {
    const umap = categories.umapOfFinalLabels(data);
    return [
      ...(umap === undefined ? [] : [{ name: `${data.unit}_final_label_umap`, figure: umap }]),
      { name: `${data.unit}_final_label_map`, figure: categories.mapOfFinalLabels(data) },
      { name: `${data.unit}_label_counts`, figure: categories.countsOfLabels(data) },
    ];
  });
  return [...ofTables, {
    name: "final_label_shares",
    figure: categories.sharesOfFinalLabels(tables),
  }];
}

async function figuresOfCombined(slide: Slide): Promise<NamedFigure[]> {
  const data = await combined.openCombined(slide);
  const drawn: readonly (readonly [name: string, figure: Figure | undefined])[] = [
    ["combined_scree", combined.screeOfBlocks(data)],
    ["combined_umap_clusters", combined.umapOfCombinedClusters(data)],
    ["combined_umap_chosen", combined.umapOfChosenClusters(data)],
    ["combined_umap_labels", combined.umapOfCombinedLabels(data)],
    ["combined_clusters", combined.combinedClustersEvidence(data)],
    ["combined_truth", combined.combinedAgainstTruth(data)],
  ];
  return drawn.flatMap(([name, figure]) => figure === undefined ? [] : [{ name, figure }]);
}

async function figuresOfTangram(slide: Slide): Promise<NamedFigure[]> {
  const tangram = await openTangram(slide);
  const training = tangramLossFigure(tangram);
  const confusion = truthConfusionFigure(tangram);
  return [
    ...(training === undefined ? [] : [{ name: "tangram_training", figure: training }]),
    { name: "tangram_label_map", figure: labelMapFigure(tangram) },
    { name: "tangram_composition", figure: labelCompositionFigure(tangram) },
    { name: "tangram_score_map", figure: await scoreMapFigure(tangram) },
    ...(confusion === undefined ? [] : [{ name: "truth_confusion", figure: confusion }]),
  ];
}
