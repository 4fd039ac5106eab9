import { Random } from "@/core/random.ts";
import { log1p, normaliseTotal } from "@/numerics/normalise/mod.ts";
import type { Clustering } from "@/labels/cluster_statistics.ts";
import panel from "../../data/simulation/panel_multi_tissue_377.json" with { type: "json" };

/** The genes of the multi-tissue panel. */
export const PANEL_GENES: readonly string[] = panel.genes;

/** Cells of a planted cluster. */
export interface Plant {
  /** Genes that they express. */
  readonly genes: readonly string[];
  /** How many. */
  readonly cells: number;
}

/** Cells that express their cluster's genes, a third of their counts being any gene of the panel. */
export function plantedClusters(plants: readonly Plant[], genes = PANEL_GENES, depth = 40) {
  const random = new Random("planted");
  const rows: number[] = [], data: number[] = [], indices: number[] = [], codes: number[] = [];
  const columnOf = new Map(genes.map((gene, column) => [gene, column]));
  plants.forEach((plant, cluster) => {
    const own = plant.genes.map((gene) => columnOf.get(gene)!);
    for (let cell = 0; cell < plant.cells; cell++) {
      const counts = new Map<number, number>();
      for (let i = 0; i < depth; i++) {
        const isOwn = own.length > 0 && random.uniform() < 2 / 3;
        const column = isOwn ? own[random.integer(own.length)] : random.integer(genes.length);
        counts.set(column, (counts.get(column) ?? 0) + 1);
      }
      for (const [column, count] of [...counts].sort((a, b) => a[0] - b[0])) {
        indices.push(column);
        data.push(count);
      }
      rows.push(indices.length);
      codes.push(cluster);
    }
  });
  const counts = {
    format: "csr" as const,
    shape: [codes.length, genes.length] as const,
    data: Int32Array.from(data),
    indices: Int32Array.from(indices),
    indptr: Int32Array.from([0, ...rows]),
  };
  const clustering: Clustering = {
    key: "planted",
    codes: Int32Array.from(codes),
    count: plants.length,
  };
  return { clustering, sources: { logNorm: log1p(normaliseTotal(counts)), genes } };
}
