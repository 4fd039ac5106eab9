import {
  BinaryMorphology,
  blurRuns,
  ELLIPSE_5,
  fillHoles,
  type RasterSize,
  requirePixels,
  Runs,
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
import { scaleToUnit, type UnitScale, unitScale } from "./scale_to_unit.ts";

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
  readonly #gradients: readonly [x: Float64Array, y: Float64Array];
  readonly #depth: Float64Array;

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
    this.#gradients = [new Float64Array(pixels), new Float64Array(pixels)];
    this.#depth = new Float64Array(pixels);
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
    const steepness = [
      this.#findGradient(horizontal, 0, "horizontal"),
      this.#findGradient(vertical, 1, "vertical"),
    ] as const;
    const blobs = this.#findBlobs(binary);
    this.#joinGradients(blobs, ...steepness);
    const [blurred] = this.#gradients;
    blurRuns(this.#depth, blobs, this.#size, blurred);
    const count = this.#findMarkers(labels);
    this.#watershed.flood(blurred, this.#blob, labels);
    return count;
  }

  #findBlobs(binary: Uint8Array): Runs {
    const blobs = Runs.inside(binary, this.#size);
    blobs.dropSmallParts(blobs.join(4), MIN_NUCLEUS_PIXELS);
    blobs.paintMask(this.#blob);
    return blobs;
  }

  /** The gradient along an axis, and what scales it so that 0 is the steepest descent. */
  #findGradient(map: Float32Array, axis: 0 | 1, name: string): UnitScale {
    const gradient = this.#gradients[axis];
    scaleToUnit(map, "single", gradient, name);
    return unitScale(this.#filter.filter(gradient, this.#kernels[axis], gradient));
  }

  /**
   * The depth to flood, -1 far from borders, and the pixels of nuclei that are no border; in single
   * precision until the steeper descent is known.
   */
  #joinGradients(
    { count, first, end, part }: Runs,
    { scale: scaleX, shift: shiftX }: UnitScale,
    { scale: scaleY, shift: shiftY }: UnitScale,
  ): void {
    const [x, y] = this.#gradients;
    const depth = this.#depth, marker = this.#marker;
    depth.fill(0);
    marker.fill(0);
    for (let run = 0; run < count; run++) {
      if (part[run] === 0) continue;
      for (let p = first[run], last = end[run]; p < last; p++) {
        const descentX = Math.fround(1 - Math.fround(x[p] * scaleX + shiftX));
        const descentY = Math.fround(1 - Math.fround(y[p] * scaleY + shiftY));
        const steepest = descentX > descentY ? descentX : descentY;
        depth[p] = steepest - 1;
        marker[p] = steepest < BORDER_GRADIENT ? 1 : 0;
      }
    }
  }

  #findMarkers(labels: Int32Array): number {
    fillHoles(this.#marker, this.#size);
    this.#morphology.open(this.#marker, ELLIPSE_5, this.#marker);
    const markers = Runs.inside(this.#marker, this.#size);
    const count = markers.join(4);
    markers.dropSmallParts(count, this.#minMarkerPixels);
    markers.paint(labels);
    return count;
  }
}
