import { SthelarError } from "@/core/errors.ts";
import { type RasterSize, requirePixels } from "@/vision/raster/mod.ts";

/** A mask of a slide, as shares of pixels: down-sample it so that it has some millions of pixels at most. */
export interface SlideMask extends RasterSize {
  /** How much of each pixel is inside, on any scale, (height, width). */
  readonly data: Float32Array | Uint8Array;
  /** Size of a pixel. */
  readonly umPerPx: number;
}

/** A shift, and how well the masks agree when the second is moved by it. */
export interface ShiftScore {
  readonly dxUm: number;
  readonly dyUm: number;
  /** Correlation of the masks where both are, -1 to 1. */
  readonly score: number;
}

/** What the search for a shift found. */
export interface RegistrationShift {
  /** The second mask lies this far to the right of the first; `undefined` where a mask is empty or flat. */
  readonly best: ShiftScore | undefined;
  /** Score without any shift. */
  readonly unshifted: number | undefined;
  /** How far the best score rises above those far from it, in their standard deviations; from 5 it is sure. */
  readonly confidence: number;
  /** Scores of whole steps along x and along y through the best one. */
  readonly curve: readonly ShiftScore[];
}

/** Registration of a slide and of its quarters. */
export interface RegistrationReport {
  readonly whole: RegistrationShift;
  /** Top left, top right, bottom left, bottom right: where they differ, the slide is turned or stretched. */
  readonly quarters: readonly RegistrationShift[];
}

/** A window of both masks. */
interface Window {
  readonly x0: number;
  readonly y0: number;
  readonly x1: number;
  readonly y1: number;
}

/**
 * Finds by how much a mask is shifted against another: correlations of all shifts on masks down-sampled by
 * powers of two, refined level by level, the last by a parabola to parts of a pixel. Of the whole slide and
 * of its quarters.
 *
 * @param truth As nuclei of the Xenium run.
 * @param predicted As nuclei predicted on the H&E, on the same grid of pixels.
 * @param maxShiftUm The largest shift that is looked for, along each axis.
 * @throws {SthelarError} `InvalidArgument` for masks on different grids.
 *
 * @example
 * ```ts
 * import { assertAlmostEquals } from "@std/assert";
 * import { Random } from "@/core/random.ts";
 * import { registerMasks } from "@/vision/registration.ts";
 *
 * const grid = { width: 96, height: 96, umPerPx: 1 };
 * const random = new Random(1);
 * const truth = new Float32Array(96 * 96), predicted = new Float32Array(96 * 96);
 * for (let i = 0; i < 60; i++) {
 *   const p = (10 + random.integer(70)) * 96 + 10 + random.integer(70);
 *   for (const q of [p, p + 1, p + 96, p + 97]) truth[q] = predicted[q + 3 - 96 * 2] = 1;
 * }
 * const masks = [truth, predicted].map((data) => ({ ...grid, data }));
 * const { whole } = registerMasks(masks[0], masks[1], 8);
 * assertAlmostEquals(whole.best!.dxUm, 3, 0.1);
 * assertAlmostEquals(whole.best!.dyUm, -2, 0.1);
 * ```
 */
export function registerMasks(
  truth: SlideMask,
  predicted: SlideMask,
  maxShiftUm: number,
): RegistrationReport {
  const { width, height, umPerPx } = truth;
  if (predicted.width !== width || predicted.height !== height || predicted.umPerPx !== umPerPx) {
    throw new SthelarError("InvalidArgument", {
      action: "Cannot register masks",
      found: `${predicted.height} x ${predicted.width} px of ${predicted.umPerPx} µm`,
      expected: `${height} x ${width} px of ${umPerPx} µm, as the other`,
    });
  }
  requirePixels("Cannot register masks", truth, truth.data, predicted.data);
  const levels = pyramid(truth, predicted, maxShiftUm / umPerPx);
  const [middleX, middleY] = [width >> 1, height >> 1];
  const quarters = [[0, 0], [1, 0], [0, 1], [1, 1]].map(([right, bottom]) => ({
    x0: right * middleX,
    y0: bottom * middleY,
    x1: right === 1 ? width : middleX,
    y1: bottom === 1 ? height : middleY,
  }));
  const find = (window: Window) => findShift(levels, window, maxShiftUm);
  return {
    whole: find({ x0: 0, y0: 0, x1: width, y1: height }),
    quarters: quarters.map(find),
  };
}

type Level = readonly [truth: SlideMask, predicted: SlideMask];

/** Shifts, in px of the coarsest level, that are all tried. */
const COARSE_PX = 8;
const FLAT = 1e-12;

function pyramid(truth: SlideMask, predicted: SlideMask, maxShiftPx: number): Level[] {
  const levels: Level[] = [[truth, predicted]];
  for (let reach = maxShiftPx; reach > COARSE_PX; reach /= 2) {
    const [a, b] = levels[levels.length - 1];
    if (Math.min(a.width, a.height) < 4 * COARSE_PX) break;
    levels.push([halve(a), halve(b)]);
  }
  return levels;
}

function halve({ data, width, height, umPerPx }: SlideMask): SlideMask {
  const [w, h] = [width >> 1, height >> 1];
  const halved = new Float32Array(w * h);
  for (let y = 0, p = 0; y < h; y++) {
    for (let x = 0; x < w; x++, p++) {
      const q = 2 * y * width + 2 * x;
      halved[p] = (data[q] + data[q + 1] + data[q + width] + data[q + width + 1]) / 4;
    }
  }
  return { data: halved, width: w, height: h, umPerPx: 2 * umPerPx };
}

function findShift(
  levels: readonly Level[],
  window: Window,
  maxShiftUm: number,
): RegistrationShift {
  const coarsest = levels.length - 1;
  let [dx, dy] = [0, 0], confidence = 0;
  for (let level = coarsest; level >= 0; level--) {
    const reach = level < coarsest ? 2 : Math.ceil(maxShiftUm / levels[level][0].umPerPx);
    const scores = scoresAround(levels[level], shrink(window, level), dx, dy, reach);
    const best = scores.reduce((a, b) => b.score > a.score ? b : a, scores[0]);
    if (!Number.isFinite(best.score)) {
      return { best: undefined, unshifted: undefined, confidence: 0, curve: [] };
    }
    if (level === coarsest) confidence = riseOf(scores, best);
    [dx, dy] = level > 0 ? [2 * best.dx, 2 * best.dy] : [best.dx, best.dy];
  }
  return describeShift(levels[0], window, dx, dy, confidence);
}

function describeShift(
  level: Level,
  window: Window,
  dx: number,
  dy: number,
  confidence: number,
): RegistrationShift {
  const um = level[0].umPerPx;
  const score = (x: number, y: number) => correlation(level, window, x, y);
  const steps = Array.from({ length: 9 }, (_, i) => i - 4);
  const row = steps.map((step) => ({ dx: dx + step, dy, score: score(dx + step, dy) }));
  const column = steps.map((step) => ({ dx, dy: dy + step, score: score(dx, dy + step) }));
  const shiftX = apex(row[3].score, row[4].score, row[5].score);
  const shiftY = apex(column[3].score, column[4].score, column[5].score);
  const unshifted = score(0, 0);
  return {
    best: { dxUm: (dx + shiftX) * um, dyUm: (dy + shiftY) * um, score: row[4].score },
    unshifted: Number.isFinite(unshifted) ? unshifted : undefined,
    confidence,
    curve: [...row, ...column].filter((point) => Number.isFinite(point.score))
      .map((point) => ({ dxUm: point.dx * um, dyUm: point.dy * um, score: point.score })),
  };
}

interface PixelShift {
  readonly dx: number;
  readonly dy: number;
  readonly score: number;
}

function scoresAround(
  level: Level,
  window: Window,
  dx: number,
  dy: number,
  reach: number,
): PixelShift[] {
  const scores: PixelShift[] = [];
  for (let y = dy - reach; y <= dy + reach; y++) {
    for (let x = dx - reach; x <= dx + reach; x++) {
      scores.push({ dx: x, dy: y, score: correlation(level, window, x, y) });
    }
  }
  return scores;
}

function shrink({ x0, y0, x1, y1 }: Window, level: number): Window {
  return { x0: x0 >> level, y0: y0 >> level, x1: x1 >> level, y1: y1 >> level };
}

/** Pearson's correlation of truth at (x, y) and prediction at (x + dx, y + dy); -infinity if one is flat. */
function correlation([truth, predicted]: Level, window: Window, dx: number, dy: number): number {
  const { width, height, data: a } = truth;
  const b = predicted.data;
  const x0 = Math.max(window.x0, -dx), x1 = Math.min(window.x1, width - dx);
  const y0 = Math.max(window.y0, -dy), y1 = Math.min(window.y1, height - dy);
  const n = (x1 - x0) * (y1 - y0);
  if (x1 <= x0 || y1 <= y0) return -Infinity;
  let sumA = 0, sumB = 0, sumAA = 0, sumBB = 0, sumAB = 0;
  for (let y = y0; y < y1; y++) {
    const shift = dy * width + dx;
    for (let p = y * width + x0; p < y * width + x1; p++) {
      const u = a[p], v = b[p + shift];
      sumA += u;
      sumB += v;
      sumAA += u * u;
      sumBB += v * v;
      sumAB += u * v;
    }
  }
  const varianceA = sumAA / n - (sumA / n) ** 2, varianceB = sumBB / n - (sumB / n) ** 2;
  if (!(varianceA > FLAT && varianceB > FLAT)) return -Infinity;
  return (sumAB / n - sumA / n * (sumB / n)) / Math.sqrt(varianceA * varianceB);
}

/** Standard deviations between the best score and those that are not near it. */
function riseOf(scores: readonly PixelShift[], best: PixelShift): number {
  const others = scores
    .filter(({ dx, dy, score }) =>
      Number.isFinite(score) && Math.max(Math.abs(dx - best.dx), Math.abs(dy - best.dy)) > 2
    )
    .map(({ score }) => score);
  if (others.length < 3) return 0;
  const mean = others.reduce((sum, score) => sum + score, 0) / others.length;
  const deviation = Math.sqrt(
    others.reduce((sum, score) => sum + (score - mean) ** 2, 0) / others.length,
  );
  return deviation > 0 ? (best.score - mean) / deviation : 0;
}

/** Where a parabola through three scores is highest, from the middle one. */
function apex(before: number, middle: number, after: number): number {
  const bend = before - 2 * middle + after;
  if (!Number.isFinite(bend) || bend >= 0) return 0;
  return Math.max(-0.5, Math.min(0.5, (before - after) / (2 * bend)));
}
