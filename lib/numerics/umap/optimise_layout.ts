import type { Curve } from "./fit_curve.ts";
import { gradientTables, TABLE_SHIFT } from "./gradient_tables.ts";
import type { WeightedGraph } from "./weighted_graph.ts";

const NEGATIVE_SAMPLES = 5;
/** A coordinate moves by no more than this in one sample. */
const LONGEST_MOVE = 4;

/** How a layout is optimised. */
export interface OptimiseOptions {
  readonly curve: Curve;
  readonly epochs: number;
  /** 32 bits. */
  readonly seed: number;
  onEpoch(done: number): void;
}

/** When each edge is sampled next, in epochs, and how often. */
interface Schedule {
  readonly interval: Float32Array;
  readonly next: Float32Array;
  readonly nextNegative: Float32Array;
}

/**
 * Moves the points of a layout by stochastic gradient descent (McInnes, Healy and Melville 2018): an edge
 * is sampled in proportion to its weight and pulls both ends together; with each sample of an edge
 * five random points, seen from one place, push its row away. The steps grow shorter from 1 to 0.
 *
 * @param layout `(n_rows, 2)`, changed in place.
 */
export function optimiseLayout(
  layout: Float32Array,
  graph: WeightedGraph,
  { curve, epochs, seed, onEpoch }: OptimiseOptions,
): void {
  const tables = gradientTables(curve);
  const schedule = scheduleOf(graph.weights);
  for (let epoch = 0; epoch < epochs; epoch++) {
    const epochSeed = Math.imul(seed ^ Math.imul(epoch + 1, 0x9e3779b1), 0x85ebca6b);
    runEpoch(layout, graph, schedule, tables, epoch, 1 - epoch / epochs, epochSeed);
    onEpoch(epoch + 1);
  }
}

function scheduleOf(weights: Float32Array): Schedule {
  let largest = 0;
  for (let k = 0; k < weights.length; k++) largest = Math.max(largest, weights[k]);
  const interval = weights.map((weight) => largest / weight);
  return {
    interval,
    next: interval.slice(),
    nextNegative: interval.map((epochs) => epochs / NEGATIVE_SAMPLES),
  };
}

/** One pass over all edges; each row has its own random numbers. */
function runEpoch(
  layout: Float32Array,
  { rows, starts, neighbours }: WeightedGraph,
  { interval, next, nextNegative }: Schedule,
  { attraction, repulsion }: ReturnType<typeof gradientTables>,
  epoch: number,
  step: number,
  seed: number,
): void {
  const squared = new Float32Array(1);
  const bits = new Int32Array(squared.buffer);
  const toRow = rows / 4294967296;
  for (let row = 0; row < rows; row++) {
    let x = layout[2 * row];
    let y = layout[2 * row + 1];
    let state = scramble(seed + Math.imul(row, 0x9e3779b1));
    for (let k = starts[row]; k < starts[row + 1]; k++) {
      if (next[k] > epoch) continue;
      const other = 2 * neighbours[k];
      let dx = x - layout[other];
      let dy = y - layout[other + 1];
      squared[0] = dx * dx + dy * dy;
      if (bits[0] > 0) {
        const pull = attraction[bits[0] >>> TABLE_SHIFT];
        const moveX = step * clipped(pull * dx);
        const moveY = step * clipped(pull * dy);
        x += moveX;
        y += moveY;
        layout[other] -= moveX;
        layout[other + 1] -= moveY;
      }
      next[k] += interval[k];
      const negativeInterval = interval[k] / NEGATIVE_SAMPLES;
      const samples = ((epoch - nextNegative[k]) / negativeInterval) | 0;
      nextNegative[k] += samples * negativeInterval;
      layout[2 * row] = x;
      layout[2 * row + 1] = y;
      let pushX = 0;
      let pushY = 0;
      for (let i = 0; i < samples; i++) {
        state ^= state << 13;
        state ^= state >>> 17;
        state ^= state << 5;
        const stranger = 2 * (((state >>> 0) * toRow) | 0);
        dx = x - layout[stranger];
        dy = y - layout[stranger + 1];
        squared[0] = dx * dx + dy * dy;
        const push = repulsion[bits[0] >>> TABLE_SHIFT];
        pushX += clipped(push * dx);
        pushY += clipped(push * dy);
      }
      x += step * pushX;
      y += step * pushY;
    }
    layout[2 * row] = x;
    layout[2 * row + 1] = y;
  }
}

function clipped(move: number): number {
  return move > LONGEST_MOVE ? LONGEST_MOVE : move < -LONGEST_MOVE ? -LONGEST_MOVE : move;
}

/** Mixes 32 bits, never to 0. */
function scramble(value: number): number {
  let mixed = Math.imul(value ^ (value >>> 16), 0x7feb352d);
  mixed = Math.imul(mixed ^ (mixed >>> 15), 0x846ca68b);
  return (mixed ^ (mixed >>> 16)) || 1;
}
