import type { Disk } from "@/core/disk.ts";
import { SthelarError } from "@/core/errors.ts";
import {
  type InferenceResults,
  openInstanceMaps,
  parseInferenceResults,
} from "@/formats/cellvit/mod.ts";
import { type AlignmentTable, readAlignment } from "./alignment_table.ts";
import { type NucleusClasses, readNucleusClasses } from "./nucleus_classes.ts";
import {
  parsePredictionDescription,
  type PredictionDescription,
} from "./prediction_description.ts";
import { type PredictionFiles, predictionFiles } from "./prediction_files.ts";

/** Predicted nuclei of a slide and how well they agree with its masks, as stage 3-03 wrote them. */
export class PredictionSet {
  readonly #disk: Disk;
  readonly #files: PredictionFiles;

  /** @param folder Where it lies. */
  constructor(
    disk: Disk,
    readonly folder: string,
    /** What it is. */
    readonly description: PredictionDescription,
  ) {
    this.#disk = disk;
    this.#files = predictionFiles(folder, description.slide);
  }

  /** How well patches agree with the masks. */
  alignment(): Promise<AlignmentTable> {
    return readAlignment(this.#disk, this.#files.alignment);
  }

  /**
   * The nuclei of a patch.
   *
   * @param patch Its number in the grid.
   * @returns Number of the nucleus in each pixel, 0 for none, `(width, width)`; `undefined` if nothing
   *   was predicted.
   * @throws {SthelarError} `CorruptData`, also for a map of another size.
   */
  async instances(patch: number): Promise<Int32Array | undefined> {
    const { slide, patchWidth } = this.description;
    using maps = await openInstanceMaps(this.#files.instances, slide);
    const map = maps.read(patch);
    if (map === undefined) return undefined;
    if (map.shape.every((extent) => extent === patchWidth)) return map.instances;
    throw new SthelarError("CorruptData", {
      action: `Cannot read the instance map of patch ${patch} in "${maps.path}"`,
      found: `${map.shape.join(" x ")} px`,
      expected: `${patchWidth} x ${patchWidth} px`,
      path: maps.path,
    });
  }

  /** Metrics of the patches and of the whole, in the words of CellViT. */
  async results(): Promise<InferenceResults> {
    const path = this.#files.results;
    const bytes = await this.#disk.read(path);
    if (bytes === undefined) throw noFile(path);
    return parseInferenceResults(new TextDecoder().decode(bytes), path);
  }

  /** Pixels under each nucleus by class; `undefined` where the source does not tell classes. */
  async nucleusClasses(): Promise<NucleusClasses | undefined> {
    const { classes } = this.description;
    if (classes === null) return undefined;
    return await readNucleusClasses(this.#disk, this.#files.nucleusClasses, classes);
  }
}

/**
 * Opens a set of predictions.
 *
 * @param folder On the machine's disk, for the maps are read by a native library.
 * @throws {SthelarError} `NotFound` if a file is absent, `CorruptData`, `UnsupportedVersion`.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { localDisk } from "@/formats/disk/mod.ts";
 * import { emptyAlignment, openPredictionSet, PredictionSetWriter } from "@/formats/predictions/mod.ts";
 *
 * const folder = await Deno.makeTempDir();
 * const writer = new PredictionSetWriter(localDisk, folder, {
 *   ...{ format: 1, slide: "heart_s0", source: "published", classes: null },
 *   ...{ magnification: 40, patchWidth: 2 },
 * });
 * const instances = Int32Array.of(0, 4, 4, 0);
 * await writer.writeInstances([{ patch: 7, instances }]);
 * await writer.writeMetrics({
 *   alignment: emptyAlignment(Int32Array.of(7)),
 *   results: { dataset: {}, tissues: {}, patches: new Map(), pq: {}, detection: {} },
 *   log: { dq: {}, sq: {} },
 * });
 * await writer.finish();
 * const set = await openPredictionSet(localDisk, folder);
 * assertEquals(await set.instances(7), instances);
 * await Deno.remove(folder, { recursive: true });
 * ```
 */
export async function openPredictionSet(disk: Disk, folder: string): Promise<PredictionSet> {
  const path = `${folder}/predictions.json`;
  const json = await disk.read(path);
  if (json === undefined) throw noFile(path);
  const description = parsePredictionDescription(json, path);
  const { nucleusClasses, ...others } = predictionFiles(folder, description.slide);
  const files = [...Object.values(others), ...description.classes === null ? [] : [nucleusClasses]];
  for (const file of files) {
    if (await disk.stat(file) === undefined) throw noFile(file);
  }
  return new PredictionSet(disk, folder, description);
}

function noFile(path: string): SthelarError {
  return new SthelarError("NotFound", {
    action: `Cannot read the predictions "${path}"`,
    found: "no file",
    remedy: "run the stage again: deno task stage 3-03 <slide>",
    path,
  });
}
