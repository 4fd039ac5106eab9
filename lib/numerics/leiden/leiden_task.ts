import type { LeidenGraph } from "./leiden_graph.ts";

/** One clustering, for a worker. */
export interface LeidenTask {
  readonly graph: LeidenGraph;
  readonly resolution: number;
  readonly iterations: number;
  readonly seed: number;
}
