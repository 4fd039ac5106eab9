import type { DenseArray } from "@/core/arrays.ts";
import { SthelarError } from "@/core/errors.ts";
import type { Progress } from "@/core/progress.ts";
import type { Random } from "@/core/random.ts";
import type { SparseMatrix } from "@/core/sparse.ts";
import { runInWorker } from "@/numerics/workers/mod.ts";
import { fitCurve } from "./fit_curve.ts";
import { requireGraph } from "./require_graph.ts";
import type { UmapTask } from "./umap_task.ts";

/** Up to so many rows there are more epochs. */
const FEW_ROWS = 10_000;

/** How a graph is laid out. */
export interface UmapOptions {
  /** How close points may lie (default 0.5). */
  readonly minDist?: number;
  /** How far clusters reach (default 1). */
  readonly spread?: number;
  /** Passes over the graph (default 500 up to 10,000 rows, else 200). */
  readonly epochs?: number;
  /** Where points are at first: by the graph's spectrum, or the first two columns of an array. */
  readonly start: DenseArray | "spectral";
  /** Source of noise and samples. */
  readonly random: Random;
  /** Receives products of the spectral start, then epochs. */
  readonly progress?: Progress;
  /** Stops the run. */
  readonly signal?: AbortSignal;
}

/**
 * Lays a fuzzy graph out in the plane: umap-learn's `simplicial_set_embedding` with the defaults of
 * scanpy's `tl.umap`. It runs in a worker.
 *
 * @param connectivities Symmetric weights, `(n_rows, n_rows)`, by rows, as `fuzzyGraph` makes them.
 * @returns Coordinates, `(n_rows, 2)`, all finite.
 * @throws {SthelarError} `InvalidArgument` for weights or a start that are not finite or of another shape,
 * or options out of range; `Aborted`.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { Random } from "@/core/random.ts";
 * import { umap } from "@/numerics/umap/mod.ts";
 *
 * const ring = {
 *   format: "csr" as const,
 *   shape: [4, 4] as const,
 *   data: new Float32Array(8).fill(1),
 *   indices: Int32Array.of(1, 3, 0, 2, 1, 3, 0, 2),
 *   indptr: Int32Array.of(0, 2, 4, 6, 8),
 * };
 * const { shape, data } = await umap(ring, { start: "spectral", random: new Random(1) });
 * assertEquals(shape, [4, 2]);
 * assertEquals(data.every(Number.isFinite), true);
 * ```
 */
export async function umap(
  connectivities: SparseMatrix,
  options: UmapOptions,
): Promise<DenseArray<Float32Array>> {
  const { minDist = 0.5, spread = 1, start, random, progress, signal } = options;
  const rows = connectivities.shape[0];
  const { epochs = rows <= FEW_ROWS ? 500 : 200 } = options;
  requireGraph(connectivities);
  requireOptions(minDist, spread, epochs);
  const task: UmapTask = {
    connectivities,
    curve: fitCurve(minDist, spread),
    epochs,
    start: start === "spectral" ? undefined : planeOf(start, rows),
    seed: random.integer(2 ** 32),
  };
  if (rows < 2) return { data: new Float32Array(2 * rows), shape: [rows, 2] };
  const data = await runInWorker<UmapTask, Float32Array>(
    new URL("./umap_worker.ts", import.meta.url),
    task,
    {
      action: "lay a graph out",
      ...(progress === undefined ? {} : { progress }),
      ...(signal === undefined ? {} : { signal }),
    },
  );
  return { data, shape: [rows, 2] };
}

function requireOptions(minDist: number, spread: number, epochs: number): void {
  if (!(spread > 0 && spread < Infinity)) throw invalid(`spread ${spread}`, "more than 0");
  if (!(minDist >= 0 && minDist <= 3 * spread)) {
    throw invalid(`minDist ${minDist}`, "0 to three times the spread");
  }
  if (!(Number.isInteger(epochs) && epochs > 0)) {
    throw invalid(`${epochs} epochs`, "a whole number of at least 1");
  }
}

/** The first two columns. */
function planeOf({ data, shape }: DenseArray, rows: number): Float64Array {
  const [startRows, columns] = shape;
  if (shape.length !== 2 || startRows !== rows || columns < 2) {
    throw invalid(`a start of shape [${shape}]`, `[${rows}, 2 or more]`);
  }
  const plane = new Float64Array(2 * rows);
  for (let row = 0; row < rows; row++) {
    for (const axis of [0, 1]) {
      const value = Number(data[row * columns + axis]);
      if (!Number.isFinite(value)) throw invalid(`${value} in row ${row} of the start`, "numbers");
      plane[2 * row + axis] = value;
    }
  }
  return plane;
}

function invalid(found: string, expected: string): SthelarError {
  return new SthelarError("InvalidArgument", { action: "Cannot lay a graph out", found, expected });
}
