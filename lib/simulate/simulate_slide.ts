import type { Disk } from "@/core/disk.ts";
import { encodeCellId } from "@/core/ids.ts";
import { type Progress, silentProgress } from "@/core/progress.ts";
import { Random } from "@/core/random.ts";
import type { SparseMatrix } from "@/core/sparse.ts";
import type { BundleSummary } from "./bundle_summary.ts";
import { CountTally } from "./count_tally.ts";
import { type ExpressionModel, expressionModel } from "./expression_model.ts";
import { type Feature, featureList } from "./feature_list.ts";
import type { MatrixContent } from "./matrix_content.ts";
import { PaintPool } from "./paint_pool.ts";
import { panelOf } from "./panel.ts";
import { expressProteins, type ProteinExpression, withProteins } from "./protein_expression.ts";
import { writeReference } from "./reference_atlas.ts";
import { growTissue, type SimulatedTissue } from "./simulated_tissue.ts";
import { TranscriptGenerator, type TranscriptTruth } from "./simulate_transcripts.ts";
import { planSlide, type SimulationOptions, type SlidePlan } from "./slide_plan.ts";
import { measureCells, writeBoundaries, writeCells } from "./write_cell_tables.ts";
import { writeCellsZarr } from "./write_cells_zarr.ts";
import { writeCsvTables } from "./write_csv_tables.ts";
import { writeHe } from "./write_he.ts";
import { writeMorphology } from "./write_images.ts";
import { writeManifest } from "./write_manifest.ts";
import { writeMatrix } from "./write_matrix.ts";
import { writeMetrics } from "./write_metrics.ts";
import { writeGenePanel, writeProteinPanel } from "./write_panel.ts";
import { type CellNames, writeTranscripts } from "./write_transcripts.ts";
import { writeTruth } from "./write_truth.ts";

/** Names of what {@link simulateSlide} writes beside the files of the bundle. */
export const SIMULATED_FILES = {
  he: "he_image.ome.tif",
  alignment: "he_imagealignment.csv",
  reference: "reference.h5ad",
  truth: "truth.parquet",
} as const;

/** What was simulated. */
export interface SimulatedSlide {
  /** Sizes, numbers and the alignment. */
  readonly plan: SlidePlan;
  /** Transcripts of all kinds. */
  readonly transcriptCount: number;
  /** Share of the cells' transcripts that were found in another cell. */
  readonly leakedShare: number;
}

/**
 * Simulates a whole slide with known truth and writes it in 10x's own formats: the bundle,
 * `he_image.ome.tif` with `he_imagealignment.csv`, `reference.h5ad`, `truth.parquet`.
 *
 * Of the instrument's files `transcripts.zarr.zip`, `analysis.zarr.zip`, `analysis/`, `aux_outputs/`
 * and `analysis_summary.html` are never written: all that they hold of the slide is in the others.
 *
 * @param disk Where to; for csv tables the machine's own.
 * @param folder Absolute path of the folder that is to hold it all.
 * @throws {SthelarError} `InvalidArgument` for options that can't be, `DiskFailure`.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { MemoryDisk } from "@/formats/disk/mod.ts";
 * import { simulateSlide } from "@/simulate/mod.ts";
 *
 * const disk = new MemoryDisk();
 * const { plan } = await simulateSlide(disk, "/heart", {
 *   slideId: "heart_s0",
 *   cells: 60,
 *   referenceCells: 20,
 *   morphologyCompression: "deflate",
 * });
 * assertEquals(plan.cellCount, 60);
 * assertEquals((await disk.list("/heart")).includes("transcripts.parquet"), true);
 * ```
 */
export async function simulateSlide(
  disk: Disk,
  folder: string,
  options: SimulationOptions,
  progress: Progress = silentProgress,
): Promise<SimulatedSlide> {
  const plan = planSlide(options);
  const random = new Random(`${plan.profile.id}/${plan.profile.tissue}/${plan.seed}`);
  const tissue = growTissue(plan);
  const expression = random.split("expression");
  const model = expressionModel(plan.profile, tissue.typing, panelOf(plan.preset), expression);
  const at = (name: string) => `${folder}/${name}`;

  using hePool = new PaintPool(tissue, "he");
  const paths = { he: at(SIMULATED_FILES.he), alignment: at(SIMULATED_FILES.alignment) };
  const he = writeHe(disk, paths, plan, hePool, progress);
  he.catch(() => {});
  const { tally, truth } = await writeBundle(disk, folder, { tissue, model, random }, progress);
  const programs = expression.split("programs");
  const reference = random.split("reference");
  await writeReference(disk, at(SIMULATED_FILES.reference), plan, model, programs, reference);
  await writeMorphology(disk, folder, tissue, progress);
  await he;
  const made = truth.made.reduce((a, b) => a + b, 0);
  const leaked = truth.leaked.reduce((a, b) => a + b, 0);
  return { plan, transcriptCount: tally.total, leakedShare: leaked / made };
}

/** What the files of a bundle are made from. */
interface BundleSource {
  readonly tissue: SimulatedTissue;
  readonly model: ExpressionModel;
  readonly random: Random;
}

/** Writes the tables, the matrix and the small files of a bundle, and the truth beside them. */
async function writeBundle(
  disk: Disk,
  folder: string,
  source: BundleSource,
  progress: Progress,
): Promise<{ readonly tally: CountTally; readonly truth: TranscriptTruth }> {
  const { tissue, model, random } = source;
  const { plan, shapes } = tissue;
  const { preset } = plan;
  const at = (name: string) => `${folder}/${name}`;
  const cells = nameCells(plan, random.split("names"));
  const generator = new TranscriptGenerator({ ...tissue, model }, random.split("transcripts"));
  const tally = new CountTally(featureList(model.panel, preset), plan.cellCount);
  await writeTranscripts(
    disk,
    at("transcripts.parquet"),
    preset,
    generator,
    cells,
    tally,
    progress,
  );
  const counts = tally.matrix();
  const sums = tally.columns(counts);
  const proteins = expressProteins(preset.proteins, tissue.typing, random.split("proteins"));
  const content = matrixContent(counts, tally.features, proteins, cells);
  await writeMatrix(disk, folder, plan, content);
  await writeCells(disk, at("cells.parquet"), plan, shapes, cells, sums);
  await writeOutlines(disk, folder, tissue, cells);
  await writeCellsZarr(disk, at("cells.zarr.zip"), plan, shapes, cells);
  await writeCsvTables(disk, folder, plan);
  await writeSummaries(disk, folder, plan, {
    tally,
    sizes: measureCells(shapes),
    transcriptCounts: sums.get("transcript_counts") ?? new Int32Array(plan.cellCount),
    matrixEntries: content.counts.data.length,
  });
  await writeTruth(disk, at(SIMULATED_FILES.truth), tissue, generator.truth, proteins, cells);
  return { tally, truth: generator.truth };
}

function matrixContent(
  counts: SparseMatrix,
  features: readonly Feature[],
  proteins: ProteinExpression,
  cells: CellNames,
): MatrixContent {
  return {
    counts: withProteins(counts, proteins),
    features: [...features, ...proteins.features],
    cells,
    proteinScalingFactor: proteins.features.length > 0 ? proteins.scalingFactor : undefined,
  };
}

async function writeSummaries(
  disk: Disk,
  folder: string,
  plan: SlidePlan,
  summary: BundleSummary,
): Promise<void> {
  const { proteins } = plan.preset;
  await writeManifest(disk, `${folder}/experiment.xenium`, plan, summary);
  await writeMetrics(disk, `${folder}/metrics_summary.csv`, plan, summary);
  await writeGenePanel(disk, `${folder}/gene_panel.json`, summary.tally.features);
  if (proteins.length > 0) {
    await writeProteinPanel(disk, `${folder}/protein_panel.json`, proteins);
  }
}

/** Distinct random ids in ascending order, as the instrument's are; 1, 2, 3, … in the oldest. */
function nameCells({ preset, cellCount }: SlidePlan, random: Random): CellNames {
  const distinct = new Set<number>();
  while (distinct.size < cellCount) distinct.add(random.integer(2 ** 32));
  const prefixes = Uint32Array.from(distinct).sort();
  const texts = Array.from(
    prefixes,
    (prefix, i) => preset.ids === "integer" ? String(i + 1) : encodeCellId(prefix),
  );
  return { texts, prefixes };
}

async function writeOutlines(
  disk: Disk,
  folder: string,
  { plan, shapes }: SimulatedTissue,
  names: CellNames,
): Promise<void> {
  const rows = Int32Array.from({ length: plan.cellCount }, (_, i) => i);
  await writeBoundaries(
    disk,
    `${folder}/cell_boundaries.parquet`,
    plan,
    shapes.cells,
    plan.preset.rings,
    rows,
    names,
  );
  await writeBoundaries(
    disk,
    `${folder}/nucleus_boundaries.parquet`,
    plan,
    shapes.nuclei,
    plan.preset.rings === 13 ? 13 : 25,
    shapes.owner,
    names,
  );
}
