import type { Disk } from "@/core/disk.ts";
import { SthelarError } from "@/core/errors.ts";
import type { Random } from "@/core/random.ts";
import { type NpyArray, npzBytes, parseNpz } from "@/formats/npz/mod.ts";

/** The masks of a patch. */
export interface PatchMaskLayers {
  /** Number of the patch. */
  readonly patch: number;
  /** Nucleus in each pixel, 1, 2, …, 0 for none. */
  readonly instances: Int32Array;
  /** Cell whose nucleus is in each pixel, 0 for none. */
  readonly nucleusIds: Int32Array;
  /** Cell in each pixel, 0 for none. */
  readonly cellIds: Int32Array;
}

/** A patch that was put aside to be looked at. */
export interface ControlPatch extends PatchMaskLayers {
  /** Its picture, `(width, width, 3)`. */
  readonly rgb: Uint8Array;
  /** Side of the patch, px. */
  readonly width: number;
}

const LAYERS = ["instances", "nucleusIds", "cellIds"] as const;
const FILE_NAMES = { instances: "instances", nucleusIds: "nucleus_ids", cellIds: "cell_ids" };

/** A few patches of many, each as likely as any other, whatever their number turns out to be. */
export class ControlSample {
  readonly #width: number;
  readonly #count: number;
  readonly #random: Random;
  readonly #kept: ControlPatch[] = [];
  #offered = 0;

  /** @param width Side of a patch, px. */
  constructor(
    width: number,
    { count, random }: { readonly count: number; readonly random: Random },
  ) {
    this.#width = width;
    this.#count = count;
    this.#random = random;
  }

  /** Takes a copy of a patch, or does not. */
  offer({ patch, instances, nucleusIds, cellIds }: PatchMaskLayers, rgb: Uint8Array): void {
    const place = this.#offered < this.#count
      ? this.#offered
      : Math.floor(this.#random.uniform() * (this.#offered + 1));
    this.#offered++;
    if (place >= this.#count) return;
    this.#kept[place] = {
      ...{ patch, width: this.#width, rgb: rgb.slice() },
      ...{ instances: instances.slice(), nucleusIds: nucleusIds.slice() },
      cellIds: cellIds.slice(),
    };
  }

  /** The patches in ascending order, as a file for NumPy. */
  bytes(): Promise<Uint8Array<ArrayBuffer>> {
    const patches = this.#kept.toSorted((a, b) => a.patch - b.patch);
    const n = patches.length, side = this.#width, pixels = side * side;
    const images = new Uint8Array(3 * n * pixels);
    patches.forEach(({ rgb }, i) => images.set(rgb, 3 * i * pixels));
    const arrays: Record<string, NpyArray> = {
      patch_ids: { data: BigInt64Array.from(patches, ({ patch }) => BigInt(patch)), shape: [n] },
      images: { data: images, shape: [n, side, side, 3] },
    };
    for (const layer of LAYERS) {
      const data = new Int32Array(n * pixels);
      patches.forEach((patch, i) => data.set(patch[layer], i * pixels));
      arrays[FILE_NAMES[layer]] = { data, shape: [n, side, side] };
    }
    return npzBytes(arrays, true);
  }
}

/**
 * Reads the patches that were put aside.
 *
 * @param folder Of the set.
 * @throws {SthelarError} `NotFound`, or `CorruptData` for arrays that do not belong together.
 */
export async function readControlPatches(disk: Disk, folder: string): Promise<ControlPatch[]> {
  const path = `${folder}/control.npz`;
  const fail = (tag: "NotFound" | "CorruptData", found: string) =>
    new SthelarError(tag, { action: `Cannot read the sampled patches "${path}"`, found, path });
  const bytes = await disk.read(path);
  if (bytes === undefined) throw fail("NotFound", "no file");
  const arrays = await parseNpz(bytes, path);
  const numbers = (name: string) => {
    const array = arrays.get(name);
    if (array === undefined || !("data" in array)) {
      throw fail("CorruptData", `no numbers "${name}"`);
    }
    return array;
  };
  const images = numbers("images"), ids = numbers("patch_ids");
  const [n, width] = images.shape, pixels = width * width;
  const layers = LAYERS.map((layer) => numbers(FILE_NAMES[layer]));
  const areWhole = images.data instanceof Uint8Array && images.data.length === 3 * n * pixels &&
    ids.data.length === n &&
    layers.every(({ data }) => data instanceof Int32Array && data.length === n * pixels);
  if (!areWhole) throw fail("CorruptData", "arrays of other types or shapes");
  return Array.from({ length: n }, (_, i) => {
    const [instances, nucleusIds, cellIds] = layers.map(({ data }) =>
      (data as Int32Array).subarray(i * pixels, (i + 1) * pixels)
    );
    const rgb = (images.data as Uint8Array).subarray(3 * i * pixels, 3 * (i + 1) * pixels);
    return { patch: Number(ids.data[i]), width, rgb, instances, nucleusIds, cellIds };
  });
}
