import type { Disk } from "@/core/disk.ts";
import { SthelarError } from "@/core/errors.ts";
import { type Progress, silentProgress } from "@/core/progress.ts";
import { localDisk } from "../disk/mod.ts";
import { openDuckDb, parquetSchema } from "../parquet/mod.ts";
import { preferredName } from "../xenium/bundle_files.ts";
import { type BundleRole, openXeniumBundle, type XeniumBundle } from "../xenium/mod.ts";
import { isTable } from "../xenium/table_schema.ts";
import { cropHe, type CroppedHe, planHe } from "./crop_he.ts";
import { cropMatrix } from "./crop_matrix.ts";
import { cropMorphology, readMorphology } from "./crop_morphology.ts";
import {
  cropBoundaries,
  cropCells,
  croppedName,
  cropTranscripts,
  type TableCrop,
} from "./crop_tables.ts";
import { keepCells } from "./keep_cells.ts";
import { type PixelRectangle, type Roi, roiOfPixels, snapRoi } from "./snap_roi.ts";
import { writeCroppedManifest } from "./write_cropped_manifest.ts";

/** What is cropped, and how. */
export interface CropOptions {
  /** The region, µm; it grows to whole pixels and ends where the image ends. */
  readonly roiUm: Roi;
  /** Path of the H&E, if it is to be cropped as well. */
  readonly he?: string | undefined;
  /** Path of its alignment; without one the H&E shares the morphology's pixels. */
  readonly heAlignment?: string | undefined;
  /** Threads for tables and images. */
  readonly threads: number;
  /** Bytes of memory for the tables' buffers, 1 GB unless told. */
  readonly memoryBytes?: number | undefined;
  /** Told of tables and tiles. */
  readonly progress?: Progress | undefined;
  /** Stops the work. */
  readonly signal?: AbortSignal | undefined;
}

/** What a cropped bundle holds. */
export interface CroppedBundle {
  /** The region in pixels of the morphology image. */
  readonly region: PixelRectangle;
  /** The same in µm. */
  readonly roiUm: Roi;
  /** Cells that lie wholly in the region. */
  readonly cellCount: number;
  /** Cells that cross its edge: left out. */
  readonly cutCellCount: number;
  /** Transcripts in the region. */
  readonly transcriptCount: number;
  /** The H&E, if there is one. */
  readonly he: CroppedHe | undefined;
}

const MEMORY_BYTES = 1e9;
const TABLES = ["cells", "cellBoundaries", "nucleusBoundaries", "transcripts", "matrix"] as const;

/**
 * Writes a rectangle of a Xenium bundle as a whole smaller bundle whose coordinates start at (0, 0).
 * Tables are written as parquet and counts as HDF5, whatever they were read from:
 *
 * | file | what is in it |
 * |---|---|
 * | cells, boundaries, matrix | cells whose polygon lies wholly inside, in their order |
 * | transcripts | all inside; those of other cells become unassigned |
 * | focus images | the pixels inside, lossless JPEG 2000, pyramid |
 * | `he_image.ome.tif`, `he_imagealignment.csv` | what lies on the region and 64 pixels around it, JPEG |
 * | `experiment.xenium` | its keys, with `num_cells`, `roi_um` (snapped to pixels), `cropped_from` |
 *
 * Masks (`cells.zarr.zip`) and other copies of the same tables are not written.
 *
 * @param disk Where to write.
 * @param bundlePath The whole bundle's folder, on the machine's own disk.
 * @param folder Absolute path of the folder to write, which should not exist yet. After an error it
 *   holds part of a bundle: write to a temporary name and rename.
 * @throws {SthelarError} `InvalidArgument` for a region that is none, lies outside or holds no cell;
 *   what the readers throw for files that are missing, damaged or of different runs; `Aborted`.
 *
 * @example A corner of a simulated slide
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { localDisk } from "@/formats/disk/mod.ts";
 * import { openXeniumBundle } from "@/formats/xenium/mod.ts";
 * import { cropBundle } from "@/formats/xenium_crop/mod.ts";
 * import { simulateSlide } from "@/simulate/mod.ts";
 *
 * const folder = await Deno.makeTempDir();
 * await simulateSlide(localDisk, `${folder}/whole`, {
 *   slideId: "heart_s0",
 *   cells: 60,
 *   referenceCells: 20,
 *   morphologyCompression: "deflate",
 * });
 * const { cellCount } = await cropBundle(localDisk, `${folder}/whole`, `${folder}/part`, {
 *   roiUm: { x: 0, y: 0, width: 60, height: 60 },
 *   threads: 1,
 * });
 * const { manifest } = await openXeniumBundle(`${folder}/part`);
 * assertEquals(manifest.raw["num_cells"], cellCount);
 * assertEquals(manifest.raw["cropped_from"], "whole");
 * await Deno.remove(folder, { recursive: true });
 * ```
 */
export async function cropBundle(
  disk: Disk,
  bundlePath: string,
  folder: string,
  options: CropOptions,
): Promise<CroppedBundle> {
  const { threads, progress = silentProgress, signal } = options;
  if (signal?.aborted) {
    throw new SthelarError("Aborted", { action: `Stopped cropping "${bundlePath}"` });
  }
  const bundle = await openXeniumBundle(bundlePath, localDisk);
  for (const role of TABLES) checkCroppable(bundle, role);
  const morphology = await readMorphology(bundle);
  const { pixelUm } = morphology;
  const region = snapRoi(options.roiUm, morphology, pixelUm);
  const he = await plannedHe(options, region, pixelUm);
  const images = { threads, progress, signal };

  const tables = await cropTables(bundle, disk, folder, region, pixelUm, options);
  await cropMorphology(bundle, morphology, region, disk, folder, images);
  if (he !== undefined) await cropHe(he, pixelUm, disk, folder, images);
  await copyGenePanel(bundle, disk, folder);
  const roi = roiOfPixels(region, pixelUm);
  await writeCroppedManifest(disk, `${folder}/experiment.xenium`, bundle.manifest, {
    cellCount: tables.cellCount,
    pixelUm,
    roi,
    source: folderName(bundlePath),
  });
  return {
    region,
    roiUm: roi,
    ...tables,
    he: he && { region: he.region, coverage: he.coverage },
  };
}

/** A crop copies rows from table to table: polygons and cells in `cells.zarr.zip` have none. */
function checkCroppable(bundle: XeniumBundle, role: BundleRole): void {
  const path = bundle.pathOf(role);
  if (role === "matrix" || isTable(bundle, role)) return;
  throw new SthelarError("NotFound", {
    action: `Cannot crop the bundle "${bundle.root}"`,
    found: `no "${preferredName(role)}"; what "${path}" holds of it is not cropped`,
    expected: "tables in parquet or csv",
    remedy: "copy the tables of the bundle into the folder as well",
    path,
  });
}

async function plannedHe({ he, heAlignment }: CropOptions, region: PixelRectangle, um: number) {
  if (he !== undefined) return await planHe(he, heAlignment, region, um);
  if (heAlignment === undefined) return undefined;
  throw new SthelarError("InvalidArgument", {
    action: "Cannot crop the H&E",
    found: `an alignment ("${heAlignment}") without H&E`,
    remedy: "name the H&E image as well",
    path: heAlignment,
  });
}

async function cropTables(
  bundle: XeniumBundle,
  disk: Disk,
  folder: string,
  region: PixelRectangle,
  pixelUm: number,
  { threads, memoryBytes = MEMORY_BYTES, progress = silentProgress, signal }: CropOptions,
): Promise<Pick<CroppedBundle, "cellCount" | "cutCellCount" | "transcriptCount">> {
  const tempFolder = `${folder}/.spill`;
  const path = (role: typeof TABLES[number]) => `${folder}/${croppedName(bundle, role)}`;
  using db = await openDuckDb({ memoryBytes, threads, tempFolder, ...(signal && { signal }) });
  const { ids, cutCount } = await keepCells(bundle, db, region, pixelUm);
  await disk.makeDirectory(folder);
  const crop: TableCrop = { bundle, db, disk, folder, region, pixelUm };
  const steps = [
    () => cropCells(crop),
    () => cropBoundaries(crop, "cellBoundaries"),
    () => cropBoundaries(crop, "nucleusBoundaries"),
    () => cropTranscripts(crop),
    () => cropMatrix(bundle, disk, path("matrix"), ids, signal),
  ];
  for (const [i, step] of steps.entries()) {
    await step();
    progress.update(i + 1, steps.length, "tables");
  }
  await disk.remove(tempFolder);
  const { rowCount } = await parquetSchema(disk, path("transcripts"));
  return { cellCount: ids.length, cutCellCount: cutCount, transcriptCount: rowCount };
}

async function copyGenePanel(bundle: XeniumBundle, disk: Disk, folder: string): Promise<void> {
  const path = bundle.files.get("genePanel");
  const bytes = path === undefined ? undefined : await bundle.disk.read(path);
  if (path === undefined || bytes === undefined) return;
  await disk.write(`${folder}/${path.slice(bundle.root.length + 1)}`, bytes);
}

function folderName(path: string): string {
  const trimmed = path.replace(/\/+$/, "");
  return trimmed.slice(trimmed.lastIndexOf("/") + 1);
}
