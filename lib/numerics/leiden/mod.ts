export { leiden, type LeidenOptions } from "./leiden.ts";
export { type LeidenGraph, leidenGraph } from "./leiden_graph.ts";
export { modularity } from "./modularity.ts";
