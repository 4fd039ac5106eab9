import {
  BinaryMorphology,
  disk,
  DistanceTransform,
  dropSmall,
  fillHoles,
  gaussianKernel,
  labelComponents,
  type RasterSize,
  requirePixels,
  SeparableFilter,
  Watershed,
} from "@/vision/raster/mod.ts";
import { haematoxylin } from "./haematoxylin.ts";
import { LocalMean } from "./local_mean.ts";
import { persistentPeaks } from "./persistent_peaks.ts";
import type { StainHistogram } from "./stain_histogram.ts";

/** How the baseline finds nuclei; lengths are in µm, so that they hold at any magnification. */
export interface BaselineOptions {
  /** Blur of the stain. */
  readonly blurUm: number;
  /** Radius of the neighbourhood whose stain the threshold follows, and how far (0 to 1). */
  readonly localUm: number;
  readonly localShare: number;
  /** Nuclei are looked for from this share of the slide's threshold on; their borders are found later. */
  readonly thresholdShare: number;
  /** Radius of what the opening removes. */
  readonly openingUm: number;
  /** Rise of a distance above the saddle to the next nucleus. */
  readonly riseUm: number;
  /** Smaller regions are no nuclei, µm². */
  readonly minAreaUm2: number;
  /** Width of the surroundings that a nucleus is compared with. */
  readonly ringUm: number;
  /** Where the border lies between the stain of the surroundings (0) and of the nucleus (1). */
  readonly borderShare: number;
  /** A nucleus with less contrast to its surroundings is none, in units of the slide's threshold. */
  readonly minContrast: number;
}

/** Mean stain of a neighbourhood whose threshold is the slide's, as a share of it. */
const USUAL_MEAN = 0.75;
/** Blur of distances, so that ragged borders make no peaks. */
const DISTANCE_BLUR_UM = 0.25;

/** One set for all slides and magnifications. */
export const BASELINE: BaselineOptions = {
  blurUm: 0.3,
  localUm: 6,
  localShare: 1,
  thresholdShare: 0.95,
  openingUm: 0.75,
  riseUm: 0.25,
  minAreaUm2: 8,
  ringUm: 1.5,
  borderShare: 0.4,
  minContrast: 0.2,
};

/**
 * Finds nuclei in H&E without a trained network: stain separation, a threshold that follows the
 * neighbourhood, and a watershed of distances. Named `baseline` wherever its results go.
 *
 * One threshold holds for a slide: first {@link BaselineSegmenter.count} each tile, then
 * {@link BaselineSegmenter.segment} each.
 */
export class BaselineSegmenter {
  readonly #size: RasterSize;
  readonly #options: BaselineOptions;
  readonly #pxPerUm: number;
  readonly #filter: SeparableFilter;
  readonly #localMean: LocalMean;
  readonly #morphology: BinaryMorphology;
  readonly #distances: DistanceTransform;
  readonly #watershed: Watershed;
  readonly #stain: Float64Array;
  readonly #heights: Float64Array;
  readonly #mask: Uint8Array;
  readonly #inside: Int32Array;

  /**
   * @param size Of all tiles, halo included.
   * @param umPerPx Of the image.
   */
  constructor(size: RasterSize, umPerPx: number, options: BaselineOptions = BASELINE) {
    const pixels = size.width * size.height;
    this.#size = size;
    this.#options = options;
    this.#pxPerUm = 1 / umPerPx;
    this.#filter = new SeparableFilter(size);
    this.#localMean = new LocalMean(size, options.localUm * this.#pxPerUm);
    this.#morphology = new BinaryMorphology(size);
    this.#distances = new DistanceTransform(size);
    this.#watershed = new Watershed(size);
    this.#stain = new Float64Array(pixels);
    this.#heights = new Float64Array(pixels);
    this.#mask = new Uint8Array(pixels);
    this.#inside = new Int32Array(pixels);
  }

  /** Haematoxylin of the last tile, blurred, (height, width); valid until the next. */
  get stain(): Float64Array {
    return this.#stain;
  }

  /** Counts the stain of a tile. */
  count(rgb: Uint8Array, histogram: StainHistogram): void {
    this.#findStain(rgb);
    histogram.add(this.#stain);
  }

  /**
   * Finds the nuclei of a tile.
   *
   * @param rgb (height, width, 3).
   * @param threshold Of the slide: `histogram.otsu()`.
   * @param labels Gets the instance map, 0 outside; labels may have gaps.
   * @returns The largest label.
   *
   * @example Two dark disks that touch
   * ```ts
   * import { assertEquals } from "@std/assert";
   * import { BaselineSegmenter, StainHistogram } from "@/vision/baseline/mod.ts";
   *
   * const size = { width: 120, height: 80 };
   * const rgb = new Uint8Array(3 * 9600);
   * for (let p = 0; p < 9600; p++) {
   *   const [x, y] = [p % 120, Math.floor(p / 120)];
   *   const isNucleus = [45, 70].some((middle) => Math.hypot(x - middle, y - 40) < 14);
   *   rgb.set(isNucleus ? [90, 60, 140] : [240, 200, 225], 3 * p);
   * }
   * const segmenter = new BaselineSegmenter(size, 0.25);
   * const histogram = new StainHistogram();
   * segmenter.count(rgb, histogram);
   * const labels = new Int32Array(9600);
   * segmenter.segment(rgb, histogram.otsu(), labels);
   * assertEquals([labels[40 * 120 + 40], labels[40 * 120 + 76]].sort(), [1, 2]);
   * ```
   */
  segment(rgb: Uint8Array, threshold: number, labels: Int32Array): number {
    requirePixels("Cannot find nuclei", this.#size, labels);
    this.#findStain(rgb);
    this.#findMask(threshold, labels);
    this.#distances.measure(this.#mask, this.#heights);
    this.#filter.filter(
      this.#heights,
      gaussianKernel(DISTANCE_BLUR_UM * this.#pxPerUm),
      this.#heights,
    );
    for (let p = 0; p < labels.length; p++) if (this.#mask[p] === 0) this.#heights[p] = 0;
    const rise = this.#options.riseUm * this.#pxPerUm;
    const count = persistentPeaks(this.#heights, this.#size, rise, labels);
    for (let p = 0; p < labels.length; p++) this.#heights[p] = -this.#heights[p];
    this.#watershed.flood(this.#heights, this.#mask, labels);
    dropSmall(labels, count, this.#minPixels());
    this.#refine(labels, count, threshold);
    dropSmall(labels, count, this.#minPixels());
    return count;
  }

  #findStain(rgb: Uint8Array): void {
    requirePixels("Cannot separate stains", this.#size, { length: rgb.length / 3 });
    haematoxylin(rgb, this.#stain);
    const { blurUm } = this.#options;
    this.#filter.filter(this.#stain, gaussianKernel(blurUm * this.#pxPerUm), this.#stain);
  }

  #findMask(threshold: number, scratch: Int32Array): void {
    const { localShare, thresholdShare } = this.#options;
    const mean = this.#heights, mask = this.#mask;
    this.#localMean.measure(this.#stain, mean);
    for (let p = 0; p < mask.length; p++) {
      const local = thresholdShare * threshold + localShare * (mean[p] - USUAL_MEAN * threshold);
      mask[p] = this.#stain[p] > local ? 1 : 0;
    }
    fillHoles(mask, this.#size);
    this.#openMask();
    const count = labelComponents(mask, this.#size, scratch);
    dropSmall(scratch, count, this.#minPixels());
    for (let p = 0; p < mask.length; p++) mask[p] = scratch[p] === 0 ? 0 : 1;
  }

  /**
   * Lays the border of each nucleus where the stain is between that of its inside and that of its
   * surroundings, and drops nuclei that stand out too little.
   */
  #refine(labels: Int32Array, count: number, threshold: number): void {
    const { ringUm, borderShare, minContrast } = this.#options;
    const stain = this.#stain, mask = this.#mask;
    this.#inside.set(labels);
    for (let p = 0; p < mask.length; p++) mask[p] = labels[p] === 0 ? 1 : 0;
    this.#distances.measure(mask, this.#heights);
    const ring = ringUm * this.#pxPerUm;
    for (let p = 0; p < mask.length; p++) mask[p] = this.#heights[p] <= ring ? 1 : 0;
    this.#watershed.flood(this.#heights, mask, labels);
    const [sums, pixels] = [new Float64Array(2 * count + 2), new Int32Array(2 * count + 2)];
    for (let p = 0; p < mask.length; p++) {
      const at = 2 * labels[p] + (this.#inside[p] === 0 ? 0 : 1);
      sums[at] += stain[p];
      pixels[at]++;
    }
    for (let p = 0; p < mask.length; p++) {
      const at = 2 * labels[p];
      mask[p] = 0;
      if (at === 0) continue;
      const inner = sums[at + 1] / pixels[at + 1];
      const outer = pixels[at] === 0 ? inner - threshold : sums[at] / pixels[at];
      const border = outer + borderShare * (inner - outer);
      if (inner - outer >= minContrast * threshold && stain[p] > border) mask[p] = 1;
    }
    fillHoles(mask, this.#size);
    this.#openMask();
    for (let p = 0; p < mask.length; p++) if (mask[p] === 0) labels[p] = 0;
  }

  #openMask(): void {
    const radius = Math.round(this.#options.openingUm * this.#pxPerUm);
    if (radius > 0) this.#morphology.open(this.#mask, disk(radius), this.#mask);
  }

  #minPixels(): number {
    return Math.round(this.#options.minAreaUm2 * this.#pxPerUm ** 2);
  }
}
