import type { Disk } from "@/core/disk.ts";
import { SthelarError } from "@/core/errors.ts";
import type { Random } from "@/core/random.ts";
import type { OutputWriter } from "@/core/stage.ts";
import { npyBytes, SparseNpzWriter } from "@/formats/npz/mod.ts";
import { type Column, writeGeoParquet, writeParquet } from "@/formats/parquet/mod.ts";
import { ControlSample, type PatchMaskLayers } from "./control_sample.ts";
import { patchTable } from "./he_patches.ts";
import { InstanceColumns } from "./instance_columns.ts";
import {
  createPatchImages,
  type PatchImageKind,
  type PatchImageWriter,
} from "./patch_image_files.ts";
import type { PatchSetDescription } from "./patch_set_description.ts";

/** What became of a patch of the grid. */
export const PATCH_OUTCOMES = [
  "kept",
  "no nuclei",
  "too few nuclei",
  "covered by cells",
  "over the edge",
] as const;
/** What became of a patch of the grid. */
export type PatchOutcome = typeof PATCH_OUTCOMES[number];

/** A set of patches to be written. */
export interface PatchSetSpec {
  /** What it is. */
  readonly description: PatchSetDescription;
  /** Patches in a row of the grid, and in all. */
  readonly grid: { readonly columns: number; readonly count: number };
  /** Tissue of the slide, for `types.npy`. */
  readonly tissue: string;
  /** How pictures are kept. */
  readonly images: PatchImageKind;
  /** Threads that encode pictures. */
  readonly threads: number;
  /** Patches to put aside, drawn by chance. */
  readonly controls: { readonly count: number; readonly random: Random };
  /** Folder for what waits for its turn in a file. */
  readonly scratch: string;
}

/** Nuclei of a patch. */
export interface PatchNuclei {
  /** Number of the cell of each instance. */
  readonly cells: Int32Array;
  /** Whether the patch's edge cuts it. */
  readonly isCut: Uint8Array;
}

/** Channels of the masks as in PanNuke: instances in the first, the background's place has cell numbers. */
const CHANNELS = 6, INSTANCE_CHANNEL = 0, CELL_CHANNEL = 5;

/**
 * Writes a set of patches, patch after patch in ascending order; no more than a few are in memory.
 *
 * | file              | content |
 * |-------------------|---------|
 * | `patches.json`    | {@link PatchSetDescription} |
 * | `patches.parquet` | every patch of the grid: box, place, outcome, nuclei |
 * | `patch_ids.npy`   | numbers of the kept patches; the order of what follows |
 * | `images.zip`      | `<patch>.png` of each, or `images.npy` `(n, width, width, 3)` |
 * | `masks.npz`       | SciPy, `(n * width², 6)`: instances in column 0, cells in column 5 |
 * | `masks_cells.npz` | SciPy, `(n, width²)`: cells |
 * | `types.npy`       | the tissue, a text a patch |
 * | `nuclei.parquet`  | every instance: patch, number, cell, whether the edge cuts it |
 * | `control.npz`     | a few patches with pictures and masks, to be looked at |
 */
export class PatchSetWriter implements OutputWriter {
  readonly #disk: Disk;
  readonly #folder: string;
  readonly #spec: PatchSetSpec;
  readonly #images: PatchImageWriter;
  readonly #masks: SparseNpzWriter;
  readonly #cells: SparseNpzWriter;
  readonly #kept: number[] = [];
  readonly #outcomes: Int32Array<ArrayBuffer>;
  readonly #nuclei: Int32Array<ArrayBuffer>;
  readonly #cut: Int32Array<ArrayBuffer>;
  readonly #instances = new InstanceColumns();
  readonly #controls: ControlSample;

  private constructor(disk: Disk, folder: string, spec: PatchSetSpec, images: PatchImageWriter) {
    const { description: { patchWidth }, grid, scratch } = spec;
    this.#disk = disk;
    this.#folder = folder;
    this.#spec = spec;
    this.#images = images;
    this.#controls = new ControlSample(patchWidth, spec.controls);
    const options = { scratch };
    this.#masks = new SparseNpzWriter(disk, `${folder}/masks.npz`, CHANNELS, options);
    const pixels = patchWidth * patchWidth;
    this.#cells = new SparseNpzWriter(disk, `${folder}/masks_cells.npz`, pixels, options);
    this.#outcomes = new Int32Array(grid.count).fill(PATCH_OUTCOMES.indexOf("no nuclei"));
    this.#nuclei = new Int32Array(grid.count);
    this.#cut = new Int32Array(grid.count);
  }

  /** Creates the files of a set. */
  static async create(disk: Disk, folder: string, spec: PatchSetSpec): Promise<PatchSetWriter> {
    const { images, threads, description: { patchWidth } } = spec;
    const pictures = await createPatchImages(disk, folder, images, patchWidth, threads);
    return new PatchSetWriter(disk, folder, spec, pictures);
  }

  /** How many patches are kept so far. */
  get kept(): number {
    return this.#kept.length;
  }

  /** Patches of the grid by what became of them. */
  get outcomes(): Readonly<Record<PatchOutcome, number>> {
    const counts = PATCH_OUTCOMES.map(() => 0);
    for (const outcome of this.#outcomes) counts[outcome]++;
    return Object.fromEntries(
      PATCH_OUTCOMES.map((name, i) => [name, counts[i]]),
    ) as Record<PatchOutcome, number>;
  }

  /** Records what became of a patch that is not kept; those that are never named have no nuclei. */
  leaveOut(patch: number, outcome: Exclude<PatchOutcome, "kept">, nuclei: number): void {
    this.#outcomes[patch] = PATCH_OUTCOMES.indexOf(outcome);
    this.#nuclei[patch] = nuclei;
  }

  /**
   * Adds a patch; the masks are read at once, the picture belongs to the writer from then on.
   *
   * @param rgb `(width, width, 3)`.
   * @throws {SthelarError} `InvalidArgument` for a patch that does not come after the last.
   */
  async append(
    masks: PatchMaskLayers,
    { cells, isCut }: PatchNuclei,
    rgb: Uint8Array<ArrayBuffer>,
  ) {
    const { patch } = masks, last = this.#kept.at(-1) ?? -1;
    if (patch <= last) {
      throw new SthelarError("InvalidArgument", {
        action: `Cannot add patch ${patch} to "${this.#folder}"`,
        found: `patch ${last} before it`,
        expected: "ascending numbers",
        path: this.#folder,
      });
    }
    this.#kept.push(patch);
    this.#outcomes[patch] = PATCH_OUTCOMES.indexOf("kept");
    this.#nuclei[patch] = cells.length;
    this.#cut[patch] = isCut.reduce((sum, cut) => sum + cut, 0);
    this.#instances.add(patch, cells, isCut);
    this.#masks.appendPixels([
      [INSTANCE_CHANNEL, masks.instances],
      [CELL_CHANNEL, masks.nucleusIds],
    ]);
    this.#cells.appendRow(masks.cellIds);
    this.#controls.offer(masks, rgb);
    await this.#images.append(patch, rgb);
  }

  /** Completes the files. */
  async finish(): Promise<void> {
    await Promise.all([this.#images.finish(), this.#masks.finish(), this.#cells.finish()]);
    const count = this.#kept.length;
    const texts = this.#kept.map(() => this.#spec.tissue);
    const ids = BigInt64Array.from(this.#kept, BigInt);
    const json = `${JSON.stringify(this.#spec.description, null, 2)}\n`;
    await this.#write("patches.json", new TextEncoder().encode(json));
    await this.#write("patch_ids.npy", npyBytes({ data: ids, shape: [count] }));
    await this.#write("types.npy", npyBytes({ texts, shape: [count], encoding: "unicode" }));
    await writeParquet(this.#disk, `${this.#folder}/nuclei.parquet`, this.#instances.columns());
    await this.#write("control.npz", await this.#controls.bytes());
    await this.#writeGrid();
  }

  /** Gives the files up, where not all patches could be written. */
  async discard(): Promise<void> {
    this.#masks[Symbol.dispose]();
    this.#cells[Symbol.dispose]();
    await this.#images.discard();
  }

  #write(name: string, bytes: Uint8Array): Promise<void> {
    return this.#disk.write(`${this.#folder}/${name}`, bytes);
  }

  async #writeGrid(): Promise<void> {
    const { description: { patchWidth, overlap }, grid } = this.#spec;
    const table = patchTable({ patchWidth, step: patchWidth - overlap, ...grid });
    await writeGeoParquet(this.#disk, `${this.#folder}/patches.parquet`, {
      ids: table.ids,
      geometries: { kind: "polygons", polygons: table.geometries },
      columns: new Map<string, Column>([
        ...table.columns,
        ["outcome", {
          kind: "categories",
          values: { codes: this.#outcomes, levels: PATCH_OUTCOMES, ordered: false },
        }],
        ["nuclei", { kind: "numbers", values: this.#nuclei }],
        ["cut_nuclei", { kind: "numbers", values: this.#cut }],
      ]),
    });
  }
}
