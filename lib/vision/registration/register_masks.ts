import { SthelarError } from "@/core/errors.ts";
import { requirePixels } from "@/vision/raster/mod.ts";
import { type MaskLevel, maskLevels, type SlideMask } from "./mask_levels.ts";
import { type MaskWindow, type PixelShift, ShiftScores } from "./shift_scores.ts";

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

/** What is compared together: the slide, and each quarter. */
const WHOLE = [0, 1, 2, 3];
const QUARTERS = [[0], [1], [2], [3]];
/** Around twice the best shift of the coarser level, px. */
const REFINE_PX = 2;
/** The curve goes this far to both sides, px. */
const CURVE_PX = 4;

/**
 * Finds by how much a mask is shifted against another: correlations of all shifts on masks down-sampled by
 * powers of two, refined level by level, the last by a parabola to parts of a pixel. Of the whole slide and
 * of its quarters. Masks of many pixels are compared on evenly spaced rows.
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
 * import { registerMasks } from "@/vision/registration/mod.ts";
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
  const scales = maskLevels(truth, predicted, maxShiftUm / umPerPx).map((level) => ({
    umPerPx: level.umPerPx,
    scores: new ShiftScores(level, quartersOf(level)),
  }));
  return {
    whole: findShift(scales, WHOLE, maxShiftUm),
    quarters: QUARTERS.map((parts) => findShift(scales, parts, maxShiftUm)),
  };
}

function quartersOf({ width, height }: MaskLevel): MaskWindow[] {
  const [middleX, middleY] = [width >> 1, height >> 1];
  return [[0, 0], [1, 0], [0, 1], [1, 1]].map(([right, bottom]) => ({
    x0: right * middleX,
    y0: bottom * middleY,
    x1: right === 1 ? width : middleX,
    y1: bottom === 1 ? height : middleY,
  }));
}

/** Scores of shifts at a scale. */
interface Scale {
  readonly umPerPx: number;
  readonly scores: ShiftScores;
}

/** Finds a shift from the coarsest scale to the finest, the first. */
function findShift(
  scales: readonly Scale[],
  parts: readonly number[],
  maxShiftUm: number,
): RegistrationShift {
  const coarsest = scales.length - 1;
  let [dx, dy] = [0, 0], confidence = 0;
  for (let i = coarsest; i >= 0; i--) {
    const { scores, umPerPx } = scales[i];
    const reach = i < coarsest ? REFINE_PX : Math.ceil(maxShiftUm / umPerPx);
    const tried = scores.around(parts, dx, dy, reach);
    const best = tried.reduce((a, b) => b.score > a.score ? b : a, tried[0]);
    if (!Number.isFinite(best.score)) {
      return { best: undefined, unshifted: undefined, confidence: 0, curve: [] };
    }
    if (i === coarsest) confidence = riseOf(tried, best);
    [dx, dy] = i > 0 ? [2 * best.dx, 2 * best.dy] : [best.dx, best.dy];
  }
  return describeShift(scales[0], parts, { dx, dy, confidence });
}

function describeShift(
  { umPerPx, scores }: Scale,
  parts: readonly number[],
  { dx, dy, confidence }: { readonly dx: number; readonly dy: number; readonly confidence: number },
): RegistrationShift {
  const steps = Array.from({ length: 2 * CURVE_PX + 1 }, (_, i) => i - CURVE_PX);
  const at = (x: number, y: number) => ({ dx: x, dy: y, score: scores.score(parts, x, y) });
  const row = steps.map((step) => at(dx + step, dy));
  const column = steps.map((step) => at(dx, dy + step));
  const unshifted = at(0, 0).score;
  return {
    best: {
      dxUm: (dx + apex(row)) * umPerPx,
      dyUm: (dy + apex(column)) * umPerPx,
      score: row[CURVE_PX].score,
    },
    unshifted: Number.isFinite(unshifted) ? unshifted : undefined,
    confidence,
    curve: [...row, ...column].filter((point) => Number.isFinite(point.score))
      .map((point) => ({
        dxUm: point.dx * umPerPx,
        dyUm: point.dy * umPerPx,
        score: point.score,
      })),
  };
}

/** Standard deviations between the best score and those that are not near it. */
function riseOf(tried: readonly PixelShift[], best: PixelShift): number {
  const others = tried
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

/** Where a parabola through the middle scores of a line is highest, px from the middle. */
function apex(line: readonly PixelShift[]): number {
  const [before, middle, after] = line.slice(CURVE_PX - 1, CURVE_PX + 2).map(({ score }) => score);
  const bend = before - 2 * middle + after;
  if (!Number.isFinite(bend) || bend >= 0) return 0;
  return Math.max(-0.5, Math.min(0.5, (before - after) / (2 * bend)));
}
