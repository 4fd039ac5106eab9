import type { Disk } from "@/core/disk.ts";
import { SthelarError } from "@/core/errors.ts";
import type { OutputWriter } from "@/core/stage.ts";
import {
  inferenceLog,
  type InferenceLogExtras,
  type InferenceResults,
  inferenceResultsJson,
  writeInstanceMaps,
} from "@/formats/cellvit/mod.ts";
import { type AlignmentTable, writeAlignment } from "./alignment_table.ts";
import { type NucleusClasses, writeNucleusClasses } from "./nucleus_classes.ts";
import type { PredictionDescription } from "./prediction_description.ts";
import { type PredictionFiles, predictionFiles } from "./prediction_files.ts";

/** Predicted nuclei of a patch. */
export interface PatchInstances {
  /** Its number in the grid. */
  readonly patch: number;
  /** Number of the nucleus in each pixel, 0 for none, `(width, width)`. */
  readonly instances: Int32Array;
}

/** What is known once all patches are evaluated. */
export interface PredictionMetrics {
  readonly alignment: AlignmentTable;
  readonly results: InferenceResults;
  readonly log: InferenceLogExtras;
  /** Only where the source tells classes. */
  readonly nucleusClasses?: NucleusClasses;
}

/**
 * Writes a set of predictions: first the maps, patch after patch, then what is known of all.
 *
 * | file                                    | content |
 * |-----------------------------------------|---------|
 * | `predictions.json`                      | {@link PredictionDescription} |
 * | `inference_instance_map_predictions.h5` | predicted nuclei, four datasets `<slide>_<patch>_*` a patch |
 * | `inference_results.json`, `inference.log` | metrics, in CellViT's words, and their source |
 * | `alignment_<slide>.parquet`             | metrics of each patch, {@link AlignmentTable} |
 * | `nucleus_classes_<slide>.parquet`       | pixels under each nucleus by class, {@link NucleusClasses} |
 */
export class PredictionSetWriter implements OutputWriter {
  readonly #disk: Disk;
  readonly #files: PredictionFiles;
  readonly #description: PredictionDescription;
  readonly #written = { maps: false, metrics: false };

  /** Used by the stage's output. */
  constructor(disk: Disk, folder: string, description: PredictionDescription) {
    this.#disk = disk;
    this.#files = predictionFiles(folder, description.slide);
    this.#description = description;
  }

  /**
   * Writes the maps as they come; only one is in memory.
   *
   * @returns How many there were.
   */
  async writeInstances(
    maps: AsyncIterable<PatchInstances> | Iterable<PatchInstances>,
  ): Promise<number> {
    const { slide, patchWidth } = this.#description;
    const shape = [patchWidth, patchWidth] as const;
    async function* named() {
      for await (const { patch, instances } of maps) {
        yield { name: `${slide}_${patch}`, instances, shape };
      }
    }
    const count = await writeInstanceMaps(this.#disk, this.#files.instances, named());
    this.#written.maps = true;
    return count;
  }

  /**
   * Writes what is known of all patches.
   *
   * @throws {SthelarError} `InvalidArgument` if there are classes of nuclei and no names of classes, or
   *   the other way round.
   */
  async writeMetrics(
    { alignment, results, log, nucleusClasses }: PredictionMetrics,
  ): Promise<void> {
    const { classes, source } = this.#description;
    if (String(nucleusClasses?.classes) !== String(classes ?? undefined)) {
      throw new SthelarError("InvalidArgument", {
        action: `Cannot write "${this.#files.nucleusClasses}"`,
        found: nucleusClasses?.classes.join(", ") ?? "no classes",
        expected: classes?.join(", ") ?? "none",
        path: this.#files.nucleusClasses,
      });
    }
    await writeAlignment(this.#disk, this.#files.alignment, alignment, source);
    const sourced = { ...results, source };
    await this.#writeText(this.#files.results, inferenceResultsJson(sourced));
    await this.#writeText(this.#files.log, inferenceLog(sourced, log));
    if (nucleusClasses !== undefined) {
      await writeNucleusClasses(this.#disk, this.#files.nucleusClasses, nucleusClasses);
    }
    this.#written.metrics = true;
  }

  /** Completes the set. */
  async finish(): Promise<void> {
    if (!this.#written.maps || !this.#written.metrics) {
      throw new SthelarError("PipelineConflict", {
        action: `Cannot finish "${this.#files.description}"`,
        found: `${this.#written.maps ? "no metrics" : "no maps"} written`,
        expected: "both",
      });
    }
    const json = `${JSON.stringify(this.#description, null, 2)}\n`;
    await this.#writeText(this.#files.description, json);
  }

  #writeText(path: string, text: string): Promise<void> {
    return this.#disk.write(path, new TextEncoder().encode(text));
  }
}
