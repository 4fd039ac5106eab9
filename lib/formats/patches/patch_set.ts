import type { Disk } from "@/core/disk.ts";
import { SthelarError } from "@/core/errors.ts";
import { openSparseNpz, parseNpy, type SparseNpz } from "@/formats/npz/mod.ts";
import { openPatchImages, type PatchImages } from "./patch_image_files.ts";
import { parseDescription, type PatchSetDescription } from "./patch_set_description.ts";

/** The masks of a kept patch. */
export interface StoredPatchMasks {
  /** Nucleus in each pixel, 1, 2, …, 0 for none. */
  readonly instances: Int32Array<ArrayBuffer>;
  /** Cell whose nucleus is in each pixel, 0 for none. */
  readonly nucleusIds: Int32Array<ArrayBuffer>;
}

const LAST_CHANNEL_FROM_END = 1;
const USUAL_WIDTH = 256;

/**
 * A set of patches, read patch by patch: what stage 3-01 wrote, or a folder of the original's. Reading
 * forwards is fast; a step back in the masks reads the file from its start.
 */
export class PatchSet {
  /** @param folder Where it lies. */
  constructor(
    readonly folder: string,
    /** What it is; the original's folders do not tell. */
    readonly description: PatchSetDescription | undefined,
    /** Numbers of the kept patches in the grid, ascending. */
    readonly patchIds: Int32Array<ArrayBuffer>,
    /** Side of a patch, px. */
    readonly patchWidth: number,
    /** Their pictures. */
    readonly images: PatchImages,
    /** Nuclei: a row a pixel, instances in the first column, cells in the last. */
    readonly masks: SparseNpz,
    /** Cells: a row a patch. */
    readonly cellMasks: SparseNpz,
  ) {}

  /** How many patches are kept. */
  get count(): number {
    return this.patchIds.length;
  }

  /** The picture of a kept patch, `(width, width, 3)`. */
  image(index: number): Promise<Uint8Array<ArrayBuffer>> {
    return this.images.read(index, this.patchIds[index]);
  }

  /** The nuclei of a kept patch, `(width, width)` each. */
  async nuclei(index: number): Promise<StoredPatchMasks> {
    const pixels = this.patchWidth * this.patchWidth;
    const { indptr, indices, data } = await this.masks.rows(index * pixels, pixels);
    const instances = new Int32Array(pixels), nucleusIds = new Int32Array(pixels);
    const last = this.masks.shape[1] - LAST_CHANNEL_FROM_END;
    for (let pixel = 0; pixel < pixels; pixel++) {
      for (let k = Number(indptr[pixel]); k < Number(indptr[pixel + 1]); k++) {
        const channel = Number(indices[k]);
        if (channel === 0) instances[pixel] = Number(data[k]);
        else if (channel === last) nucleusIds[pixel] = Number(data[k]);
      }
    }
    return { instances, nucleusIds };
  }

  /** The cells of a kept patch, `(width, width)`. */
  async cells(index: number): Promise<Int32Array<ArrayBuffer>> {
    const { indices, data } = await this.cellMasks.rows(index, 1);
    const cells = new Int32Array(this.patchWidth * this.patchWidth);
    for (let k = 0; k < indices.length; k++) cells[Number(indices[k])] = Number(data[k]);
    return cells;
  }
}

/**
 * Opens a set of patches.
 *
 * @param folder With `patch_ids.npy`, `images.zip` or `images.npy`, `masks.npz` and `masks_cells.npz`.
 * @throws {SthelarError} `NotFound`, `CorruptData` also if the files do not belong together.
 */
export async function openPatchSet(disk: Disk, folder: string): Promise<PatchSet> {
  const json = await disk.read(`${folder}/patches.json`);
  const description = json && parseDescription(json, `${folder}/patches.json`);
  const patchWidth = description?.patchWidth ?? USUAL_WIDTH;
  const patchIds = await readPatchIds(disk, `${folder}/patch_ids.npy`);
  const images = await openPatchImages(disk, folder, patchIds.length, patchWidth);
  const masks = await openSparseNpz(disk, `${folder}/masks.npz`);
  const cellMasks = await openSparseNpz(disk, `${folder}/masks_cells.npz`);
  const pixels = patchWidth * patchWidth;
  requireRows(masks, patchIds.length * pixels, undefined);
  requireRows(cellMasks, patchIds.length, pixels);
  return new PatchSet(folder, description, patchIds, patchWidth, images, masks, cellMasks);
}

/** The numbers of patches in a file. */
export async function readPatchIds(disk: Disk, path: string): Promise<Int32Array<ArrayBuffer>> {
  const bytes = await disk.read(path);
  if (bytes === undefined) {
    throw new SthelarError("NotFound", {
      action: `Cannot read the numbers of patches "${path}"`,
      found: "no file",
      path,
    });
  }
  const array = parseNpy(bytes, path);
  const ids = "data" in array ? Array.from(array.data as Int32Array, Number) : undefined;
  const fault = ids === undefined || array.shape.length !== 1
    ? "something else"
    : ids.find((id, i) => !(id > (ids[i - 1] ?? -1) && id < 2 ** 31));
  if (ids !== undefined && fault === undefined) return Int32Array.from(ids);
  throw new SthelarError("CorruptData", {
    action: `Cannot read the numbers of patches "${path}"`,
    found: String(fault),
    expected: "ascending whole numbers from 0",
    path,
  });
}

function requireRows(matrix: SparseNpz, rows: number, columns: number | undefined): void {
  const { shape, path } = matrix;
  if (shape[0] === rows && (columns ?? shape[1]) === shape[1]) return;
  throw new SthelarError("CorruptData", {
    action: `Cannot open the masks "${path}"`,
    found: `a matrix of ${shape.join(" x ")}`,
    expected: `${rows} x ${columns ?? "channels"}, as patch_ids.npy implies`,
    path,
  });
}
