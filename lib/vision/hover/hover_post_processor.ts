import {
  BinaryMorphology,
  dropSmall,
  ELLIPSE_5,
  fillHoles,
  GAUSSIAN_3,
  labelComponents,
  type RasterSize,
  requirePixels,
  SeparableFilter,
  type SeparableKernel,
  sobelKernel,
  Watershed,
} from "@/vision/raster/mod.ts";
import {
  BORDER_GRADIENT,
  type HoverConstants,
  type HoverMaps,
  MIN_NUCLEUS_PIXELS,
} from "./hover_maps.ts";
import { scaleToUnit } from "./scale_to_unit.ts";

/**
 * Cuts the nuclei of binary maps apart where the gradients of the distance maps are steep, as HoVer-Net
 * (Graham et al. 2019) and CellViT do; equal to their OpenCV, SciPy and scikit-image calls (see
 * `tests/fixtures/vision`). Buffers are reused from image to image.
 *
 * @example Two halves of a block, each with its own centre
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { HOVER_CONSTANTS, HoverPostProcessor } from "@/vision/hover/mod.ts";
 *
 * const size = { width: 64, height: 32 };
 * const isInside = (x: number, y: number) => x >= 16 && x < 48 && y >= 8 && y < 24;
 * const draw = (value: (x: number, y: number) => number) =>
 *   Float32Array.from({ length: 2048 }, (_, p) => {
 *     const [x, y] = [p % 64, p >> 6];
 *     return isInside(x, y) ? value(x, y) : 0;
 *   });
 * const maps = {
 *   ...size,
 *   binary: Uint8Array.from(draw(() => 1)),
 *   horizontal: draw((x) => (x < 32 ? x - 23.5 : x - 39.5) / 8),
 *   vertical: draw((_, y) => (y - 15.5) / 8),
 * };
 * const labels = new Int32Array(2048);
 * assertEquals(new HoverPostProcessor(size, HOVER_CONSTANTS[20]).segment(maps, labels), 2);
 * assertEquals([labels[16 * 64 + 20], labels[16 * 64 + 44]], [1, 2]);
 * ```
 */
export class HoverPostProcessor {
  readonly #size: RasterSize;
  readonly #minMarkerPixels: number;
  readonly #kernels: readonly [x: SeparableKernel, y: SeparableKernel];
  readonly #filter: SeparableFilter;
  readonly #morphology: BinaryMorphology;
  readonly #watershed: Watershed;
  readonly #blob: Uint8Array;
  readonly #marker: Uint8Array;
  readonly #gradient: Float64Array;
  /** Two maps of single precision. */
  readonly #scaled: readonly [Float32Array, Float32Array];

  /**
   * @param size Of all images.
   * @param constants By magnification, as `HOVER_CONSTANTS[40]`.
   */
  constructor(size: RasterSize, { sobelSize, minMarkerPixels }: HoverConstants) {
    const pixels = size.width * size.height;
    this.#size = size;
    this.#minMarkerPixels = minMarkerPixels;
    this.#kernels = [sobelKernel("x", sobelSize), sobelKernel("y", sobelSize)];
    this.#filter = new SeparableFilter(size);
    this.#morphology = new BinaryMorphology(size);
    this.#watershed = new Watershed(size);
    this.#blob = new Uint8Array(pixels);
    this.#marker = new Uint8Array(pixels);
    this.#gradient = new Float64Array(pixels);
    this.#scaled = [new Float32Array(pixels), new Float32Array(pixels)];
  }

  /**
   * Finds the nuclei of one image.
   *
   * @param maps What the network says.
   * @param labels Gets the instance map, 0 outside; labels may have gaps, where markers were too small.
   * @returns The largest label.
   * @throws {SthelarError} `CorruptData` for a map with numbers that are not finite,
   *   `InvalidArgument` for maps of another size.
   */
  segment(maps: HoverMaps, labels: Int32Array): number {
    const { binary, horizontal, vertical } = maps;
    requirePixels("Cannot find nuclei", this.#size, binary, horizontal, vertical, labels);
    this.#findBlobs(binary, labels);
    this.#findGradients(horizontal, 0, "horizontal");
    this.#findGradients(vertical, 1, "vertical");
    this.#joinGradients();
    this.#filter.filter(this.#gradient, GAUSSIAN_3, this.#gradient);
    const count = this.#findMarkers(labels);
    this.#watershed.flood(this.#gradient, this.#blob, labels);
    return count;
  }

  #findBlobs(binary: Uint8Array, labels: Int32Array): void {
    const count = labelComponents(binary, this.#size, labels);
    dropSmall(labels, count, MIN_NUCLEUS_PIXELS);
    for (let p = 0; p < labels.length; p++) this.#blob[p] = labels[p] === 0 ? 0 : 1;
  }

  /** The gradient along an axis, scaled so that 1 is the steepest descent. */
  #findGradients(map: Float32Array, axis: 0 | 1, name: string): void {
    const scaled = this.#scaled[axis];
    this.#gradient.set(map);
    scaleToUnit(this.#gradient, "single", scaled, name);
    this.#filter.filter(scaled, this.#kernels[axis], this.#gradient);
    scaleToUnit(this.#gradient, "double", scaled, name);
    for (let p = 0; p < scaled.length; p++) scaled[p] = 1 - scaled[p];
  }

  /** The depth to flood, -1 far from borders, and the pixels of nuclei that are no border. */
  #joinGradients(): void {
    const [horizontal, vertical] = this.#scaled;
    const depth = this.#gradient, blob = this.#blob, marker = this.#marker;
    for (let p = 0; p < depth.length; p++) {
      const steepest = horizontal[p] > vertical[p] ? horizontal[p] : vertical[p];
      depth[p] = blob[p] === 0 ? 0 : steepest - 1;
      marker[p] = blob[p] === 1 && steepest < BORDER_GRADIENT ? 1 : 0;
    }
  }

  #findMarkers(labels: Int32Array): number {
    fillHoles(this.#marker, this.#size, labels);
    this.#morphology.open(this.#marker, ELLIPSE_5, this.#marker);
    const count = labelComponents(this.#marker, this.#size, labels);
    dropSmall(labels, count, this.#minMarkerPixels);
    return count;
  }
}
