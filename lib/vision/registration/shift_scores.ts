import type { MaskLevel } from "./mask_levels.ts";

/** A window of a level, px. */
export interface MaskWindow {
  readonly x0: number;
  readonly y0: number;
  readonly x1: number;
  readonly y1: number;
}

/** A shift in px of a level, and how well the masks agree there. */
export interface PixelShift {
  readonly dx: number;
  readonly dy: number;
  readonly score: number;
}

/** Larger levels are compared on evenly spaced rows that have this many pixels. */
const SAMPLE_PX = 4e6;
/** Squares of bytes of this many pixels fit into 31 bits. */
const RUN_PX = 32_768;
const FLAT = 1e-12;
/** Pixels; sums of truth and prediction, of their squares, of their product. */
const SUMS = 6;

/**
 * Correlations of both masks of a level for shifts, in windows put together from parts; what was summed
 * for a part is kept, so that the slide costs nothing beside its quarters.
 */
export class ShiftScores {
  readonly #level: MaskLevel;
  readonly #parts: readonly MaskWindow[];
  readonly #rowStep: number;
  readonly #kept: Map<string, Float64Array>[];

  /** @param parts Windows of the true mask that don't overlap. */
  constructor(level: MaskLevel, parts: readonly MaskWindow[]) {
    this.#level = level;
    this.#parts = parts;
    this.#rowStep = Math.max(1, Math.floor(level.width * level.height / SAMPLE_PX));
    this.#kept = parts.map(() => new Map());
  }

  /**
   * Pearson's correlation of truth at (x, y) and prediction at (x + dx, y + dy), where both are.
   *
   * @param parts Indices of the parts.
   * @returns -1 to 1; -infinity where one of them is flat.
   */
  score(parts: readonly number[], dx: number, dy: number): number {
    const all = new Float64Array(SUMS);
    for (const part of parts) {
      const sums = this.#sumsOf(part, dx, dy);
      for (let i = 0; i < SUMS; i++) all[i] += sums[i];
    }
    const [n, a, b, aa, bb, ab] = all;
    if (n === 0) return -Infinity;
    const varianceA = aa / n - (a / n) ** 2, varianceB = bb / n - (b / n) ** 2;
    if (!(varianceA > FLAT && varianceB > FLAT)) return -Infinity;
    return (ab / n - a / n * (b / n)) / Math.sqrt(varianceA * varianceB);
  }

  /** Scores of all shifts up to a reach around one. */
  around(parts: readonly number[], dx: number, dy: number, reach: number): PixelShift[] {
    const scores: PixelShift[] = [];
    for (let y = dy - reach; y <= dy + reach; y++) {
      for (let x = dx - reach; x <= dx + reach; x++) {
        scores.push({ dx: x, dy: y, score: this.score(parts, x, y) });
      }
    }
    return scores;
  }

  #sumsOf(part: number, dx: number, dy: number): Float64Array {
    const kept = this.#kept[part], key = `${dx} ${dy}`;
    let sums = kept.get(key);
    if (sums === undefined) {
      sums = sumWindow(this.#level, this.#parts[part], dx, dy, this.#rowStep);
      kept.set(key, sums);
    }
    return sums;
  }
}

function sumWindow(
  { truth, predicted, width, height }: MaskLevel,
  window: MaskWindow,
  dx: number,
  dy: number,
  rowStep: number,
): Float64Array {
  const x0 = Math.max(window.x0, -dx), x1 = Math.min(window.x1, width - dx);
  const y0 = Math.max(window.y0, -dy), y1 = Math.min(window.y1, height - dy);
  const sums = new Float64Array(SUMS), shift = dy * width + dx;
  for (let y = Math.ceil(y0 / rowStep) * rowStep; y < y1; y += rowStep) {
    for (let x = x0; x < x1; x += RUN_PX) {
      const from = y * width + x, end = y * width + Math.min(x1, x + RUN_PX);
      let a = 0, b = 0, aa = 0, bb = 0, ab = 0;
      for (let p = from; p < end; p++) {
        const u = truth[p], v = predicted[p + shift];
        a = a + u | 0;
        b = b + v | 0;
        aa = aa + u * u | 0;
        bb = bb + v * v | 0;
        ab = ab + u * v | 0;
      }
      sums[0] += end - from;
      sums[1] += a;
      sums[2] += b;
      sums[3] += aa;
      sums[4] += bb;
      sums[5] += ab;
    }
  }
  return sums;
}
