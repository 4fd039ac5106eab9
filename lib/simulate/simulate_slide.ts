import type { Disk } from "@/core/disk.ts";
import { encodeCellId } from "@/core/ids.ts";
import { type Progress, silentProgress } from "@/core/progress.ts";
import { Random } from "@/core/random.ts";
import { omeXml, writePyramidTiff } from "@/formats/ome_tiff_writer/mod.ts";
import { CountTally } from "./count_tally.ts";
import { expressionModel } from "./expression_model.ts";
import { featureList } from "./feature_list.ts";
import { writeReference } from "./reference_atlas.ts";
import { PaintPool } from "./paint_pool.ts";
import { growTissue, type SimulatedTissue } from "./simulated_tissue.ts";
import { TranscriptGenerator } from "./simulate_transcripts.ts";
import { MULTI_TISSUE_PANEL } from "./simulation_tables.ts";
import { PIXEL_UM, planSlide, type SimulationOptions, type SlidePlan } from "./slide_plan.ts";
import { measureCells, writeBoundaries, writeCells } from "./write_cell_tables.ts";
import { writeCellsZarr } from "./write_cells_zarr.ts";
import {
  morphologyFiles,
  writeGenePanel,
  writeManifest,
  writeMetrics,
  writeText,
} from "./write_manifest.ts";
import { writeMatrix } from "./write_matrix.ts";
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

const MORPHOLOGY_TILE = 1024;
const HE_TILE = 512;
const HE_QUALITY = 88;

/**
 * Simulates a whole slide with known truth and writes it in 10x's own formats: the bundle,
 * `he_image.ome.tif` with `he_imagealignment.csv`, `reference.h5ad`, `truth.parquet`.
 *
 * @param disk Where to.
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
  const names = nameCells(plan, random.split("names"));
  const expression = random.split("expression");
  const model = expressionModel(plan.profile, tissue.typing, MULTI_TISSUE_PANEL, expression);
  const source = { ...tissue, model };
  const generator = new TranscriptGenerator(source, random.split("transcripts"));
  const features = featureList(MULTI_TISSUE_PANEL, plan.preset);
  const tally = new CountTally(features, plan.cellCount);
  const at = (name: string) => `${folder}/${name}`;

  using hePool = new PaintPool(tissue, "he", painterCount());
  const he = writeHe(disk, at, tissue, hePool, progress);
  he.catch(() => {});
  await writeTranscripts(
    disk,
    at("transcripts.parquet"),
    plan.preset,
    generator,
    features,
    names,
    tally,
    progress,
  );
  const matrix = tally.matrix();
  const counts = tally.columns(matrix);
  await writeMatrix(disk, at("cell_feature_matrix.h5"), matrix, features, names.texts);
  await writeCells(disk, at("cells.parquet"), plan, tissue.shapes, names, counts);
  await writeOutlines(disk, at, tissue, names);
  await writeCellsZarr(disk, at("cells.zarr.zip"), plan, tissue.shapes, names);
  const transcriptCounts = counts.get("transcript_counts") ?? new Int32Array(plan.cellCount);
  const summary = { tally, sizes: measureCells(tissue.shapes), transcriptCounts };
  await writeManifest(disk, at("experiment.xenium"), plan, summary);
  await writeMetrics(disk, at("metrics_summary.csv"), plan, summary);
  await writeGenePanel(disk, at("gene_panel.json"), features);
  await writeTruth(disk, at(SIMULATED_FILES.truth), tissue, generator.truth, names);
  await writeReference(
    disk,
    at(SIMULATED_FILES.reference),
    plan,
    model,
    expression.split("programs"),
    random.split("reference"),
  );
  await writeMorphology(disk, at, tissue, progress);
  await he;
  const made = generator.truth.made.reduce((a, b) => a + b, 0);
  const leaked = generator.truth.leaked.reduce((a, b) => a + b, 0);
  return { plan, transcriptCount: tally.total, leakedShare: leaked / made };
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

/** Workers that paint at the same time. */
function painterCount(): number {
  return Math.max(1, Math.min(4, navigator.hardwareConcurrency));
}

async function writeOutlines(
  disk: Disk,
  at: (name: string) => string,
  { plan, shapes }: SimulatedTissue,
  names: CellNames,
): Promise<void> {
  const rows = Int32Array.from({ length: plan.cellCount }, (_, i) => i);
  await writeBoundaries(disk, at("cell_boundaries.parquet"), plan, shapes.cells, rows, names);
  await writeBoundaries(
    disk,
    at("nucleus_boundaries.parquet"),
    plan,
    shapes.nuclei,
    shapes.owner,
    names,
  );
}

async function writeMorphology(
  disk: Disk,
  at: (name: string) => string,
  tissue: SimulatedTissue,
  progress: Progress,
): Promise<void> {
  const { plan } = tissue;
  const { width, height, preset } = plan;
  const files = morphologyFiles(plan);
  const names = files.map((file) => file.slice(file.lastIndexOf("/") + 1));
  const size = { width, height, dtype: "uint16" as const };
  const single = preset.images === "single-files";
  for (const [channel, file] of files.entries()) {
    using painter = new PaintPool(tissue, channel, painterCount());
    const description = omeXml({
      ...size,
      name: names[channel],
      pixelSizeUm: PIXEL_UM,
      channels: preset.channels,
      ...(single ? {} : { files: { names, self: channel } }),
    });
    const image = {
      ...size,
      samples: 1 as const,
      compression: plan.morphologyCompression,
      description,
      tileSize: MORPHOLOGY_TILE,
    };
    const copies = single ? [file, "morphology_mip.ome.tif"] : [file];
    for (const copy of copies) {
      await writePyramidTiff(
        disk,
        at(copy),
        image,
        (x, y, w, h) => painter.paint(x, y, w, h),
        progress,
      );
    }
  }
}

async function writeHe(
  disk: Disk,
  at: (name: string) => string,
  tissue: SimulatedTissue,
  painter: PaintPool,
  progress: Progress,
): Promise<void> {
  const { he } = tissue.plan;
  const size = { width: he.width, height: he.height, dtype: "uint8" as const };
  await writePyramidTiff(
    disk,
    at(SIMULATED_FILES.he),
    {
      ...size,
      samples: 3,
      compression: "jpeg",
      quality: HE_QUALITY,
      tileSize: HE_TILE,
      description: omeXml({
        ...size,
        name: "he_image",
        pixelSizeUm: he.pixelSizeUm,
        channels: ["H&E"],
        samplesPerChannel: 3,
      }),
    },
    (x, y, w, h) => painter.paint(x, y, w, h),
    progress,
  );
  const rows = he.toMorphology.map((row) => row.join(","));
  await writeText(disk, at(SIMULATED_FILES.alignment), `${rows.join("\n")}\n`);
}
