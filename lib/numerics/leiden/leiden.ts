import { SthelarError } from "@/core/errors.ts";
import type { Progress } from "@/core/progress.ts";
import type { Random } from "@/core/random.ts";
import { runInWorker } from "@/numerics/workers/mod.ts";
import type { LeidenGraph } from "./leiden_graph.ts";
import type { LeidenTask } from "./leiden_task.ts";

/** How Leiden clusters. */
export interface LeidenOptions {
  /** Above 1 there are more clusters, below 1 fewer. */
  readonly resolution: number;
  /** How often the whole algorithm runs on its own result (default 2). */
  readonly iterations?: number;
  /** Source of the order in which nodes are visited. */
  readonly random: Random;
  /** Receives how many iterations are done. */
  readonly progress?: Progress;
  /** Stops the run. */
  readonly signal?: AbortSignal;
}

/**
 * Clusters a graph by the Leiden algorithm (Traag, Waltman and van Eck 2019) so that modularity is large:
 * what scanpy's `tl.leiden(flavor="igraph", n_iterations=2)` does. It runs in a worker: several
 * resolutions of one graph may run side by side, and the results are the same.
 *
 * @param graph From `leidenGraph`.
 * @returns Cluster of each row, 0 the largest; of equal ones, that with the first member comes first. A
 * row without edges is a cluster of its own.
 * @throws {SthelarError} `InvalidArgument` for a resolution below zero or no iterations; `Aborted`.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { Random } from "@/core/random.ts";
 * import { leiden, leidenGraph } from "@/numerics/leiden/mod.ts";
 *
 * const graph = leidenGraph({
 *   format: "csr",
 *   shape: [5, 5],
 *   data: new Float32Array(8).fill(1),
 *   indices: Int32Array.of(1, 0, 3, 4, 2, 4, 2, 3),
 *   indptr: Int32Array.of(0, 1, 2, 4, 6, 8),
 * });
 * const clusters = await leiden(graph, { resolution: 1, random: new Random(1) });
 * assertEquals([...clusters], [1, 1, 0, 0, 0]);
 * ```
 */
export async function leiden(
  graph: LeidenGraph,
  { resolution, iterations = 2, random, progress, signal }: LeidenOptions,
): Promise<Int32Array> {
  if (!(resolution >= 0 && resolution < Infinity)) {
    throw invalid(`resolution ${resolution}`, "a finite number, not below zero");
  }
  if (!(Number.isInteger(iterations) && iterations > 0)) {
    throw invalid(`${iterations} iterations`, "a whole number of at least 1");
  }
  const seed = random.integer(2 ** 32);
  if (graph.totalStrength === 0) return Int32Array.from({ length: graph.nodes }, (_, row) => row);
  const task: LeidenTask = { graph, resolution, iterations, seed };
  return await runInWorker(new URL("./leiden_worker.ts", import.meta.url), task, {
    action: "cluster a graph",
    ...(progress === undefined ? {} : { progress }),
    ...(signal === undefined ? {} : { signal }),
  });
}

function invalid(found: string, expected: string): SthelarError {
  return new SthelarError("InvalidArgument", { action: "Cannot cluster a graph", found, expected });
}
