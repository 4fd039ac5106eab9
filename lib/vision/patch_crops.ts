import { SthelarError } from "@/core/errors.ts";
import type { ImagePyramid } from "@/formats/spatialdata/mod.ts";

/** Bytes of pixels that are kept between patches, unless a row of patches needs more. */
const BAND_BYTES = 192e6;

/**
 * Cuts patches out of a colour image, row of patches after row: a band of the image is in memory, and
 * what two rows of patches share is read once.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { MemoryDisk } from "@/formats/disk/mod.ts";
 * import { createImageWriter, identity, openImage } from "@/formats/spatialdata/mod.ts";
 * import { PatchCrops } from "@/vision/patch_crops.ts";
 *
 * const disk = new MemoryDisk();
 * const writer = await createImageWriter(disk, "/a.zarr", {
 *   name: "he",
 *   shape: [3, 1, 2],
 *   dtype: "uint8",
 *   channels: ["r", "g", "b"],
 *   transformations: new Map([["global", identity]]),
 * });
 * for (let channel = 0; channel < 3; channel++) {
 *   await writer.writeTile({ channel, row: 0, column: 0 }, Uint8Array.of(channel, 10 + channel));
 * }
 * await writer.finish();
 * const crops = new PatchCrops(await openImage(disk, "/a.zarr/images/he"), 0, 1);
 * assertEquals(await crops.cut(1, 0), Uint8Array.of(10, 11, 12));
 * ```
 */
export class PatchCrops {
  readonly #image: ImagePyramid;
  readonly #level: number;
  readonly #patchWidth: number;
  /** Rows that are read at once: whole tiles where these are not too high. */
  readonly #readRows: number;
  /** The rows in memory: pieces of `readRows` rows, by number. */
  readonly #pieces = new Map<number, Uint8Array>();

  /**
   * @param image With three channels of bytes.
   * @param level Level that is cut.
   * @param patchWidth Side of a patch, px.
   * @throws {SthelarError} `UnsupportedVersion` for an image of another kind.
   */
  constructor(image: ImagePyramid, level: number, patchWidth: number) {
    const { shape: [channels, , width], chunks } = image.levels[level];
    if (image.dtype !== "uint8" || channels !== 3) {
      throw new SthelarError("UnsupportedVersion", {
        action: `Cannot cut patches out of "${image.name}"`,
        found: `${channels} channels of ${image.dtype}`,
        expected: "red, green and blue of uint8",
      });
    }
    this.#image = image;
    this.#level = level;
    this.#patchWidth = patchWidth;
    const affordable = Math.floor(BAND_BYTES / (3 * width));
    this.#readRows = Math.max(16, Math.min(chunks[1], affordable));
  }

  /**
   * One patch, whole within the image. Rows of patches are asked for from above to below.
   *
   * @returns Interleaved, `(width, width, 3)`.
   */
  async cut(x: number, y: number): Promise<Uint8Array<ArrayBuffer>> {
    const side = this.#patchWidth;
    const rgb = new Uint8Array(3 * side * side);
    const first = Math.floor(y / this.#readRows);
    const last = Math.floor((y + side - 1) / this.#readRows);
    for (const number of this.#pieces.keys()) if (number < first) this.#pieces.delete(number);
    for (let number = first; number <= last; number++) {
      const piece = this.#pieces.get(number) ?? await this.#read(number);
      const top = number * this.#readRows;
      const from = Math.max(y, top), to = Math.min(y + side, top + this.#readRows);
      this.#copy(piece, { top, from, to, x }, rgb.subarray(3 * side * (from - y)));
    }
    return rgb;
  }

  async #read(number: number): Promise<Uint8Array> {
    const { shape: [, height, width] } = this.#image.levels[this.#level];
    const y0 = number * this.#readRows, y1 = Math.min(height, y0 + this.#readRows);
    const region = { y0, y1, x0: 0, x1: width };
    const { data } = await this.#image.readRegion(this.#level, region);
    this.#pieces.set(number, data as Uint8Array);
    return data as Uint8Array;
  }

  #copy(
    piece: Uint8Array,
    { top, from, to, x }: Readonly<Record<"top" | "from" | "to" | "x", number>>,
    rgb: Uint8Array,
  ): void {
    const { shape: [, height, width] } = this.#image.levels[this.#level];
    const plane = width * (Math.min(height, top + this.#readRows) - top);
    const side = this.#patchWidth;
    for (let row = from, at = 0; row < to; row++) {
      let source = (row - top) * width + x;
      for (const end = source + side; source < end; source++, at += 3) {
        rgb[at] = piece[source];
        rgb[at + 1] = piece[plane + source];
        rgb[at + 2] = piece[2 * plane + source];
      }
    }
  }
}
