import type { Categorical } from "@/core/categorical.ts";
import type { SparseMatrix } from "@/core/sparse.ts";
import type { Input } from "@/core/stage.ts";
import { type Element, isCategorical, isSparse } from "@/formats/anndata/mod.ts";
import { reportInput } from "@/formats/spatialdata/stage_elements.ts";
import { elementInput } from "@/formats/spatialdata/table_part_input.ts";
import type { ClusteringReport } from "./clustering_report.ts";

/** A clustered table, read part by part. */
export interface ClusteredTable {
  /** What the stage that clustered found. */
  readonly report: ClusteringReport;
  /** Cluster of each row, by the name of the clustering; -1 for rows that were left out. */
  clusters(name: string): Promise<Categorical>;
  /** Values log(1 + normalised), CSR; empty for rows that were left out. */
  logNorm(): Promise<SparseMatrix>;
  /** Weights of the graph of neighbours. */
  connectivities(): Promise<SparseMatrix>;
}

/** What stage 2-03a or 2-05a made of a table. */
export function clusteringInput(table: string, report: string): Input<ClusteredTable> {
  const node = (part: string) => `tables/${table}/${part}`;
  const findings = reportInput<ClusteringReport>(report);
  return {
    kind: "nodes",
    names: [...findings.names, ...["obs/pca_*", "layers/log_norm", "obsp/pca_*"].map(node)],
    doc: `clusters of ${table}`,
    async open(location) {
      const read = <E extends Element>(
        part: string,
        is: (value: unknown) => value is E,
        expected: string,
      ) => elementInput(table, part, is, expected).open(location);
      const report = await findings.open(location);
      return {
        report,
        clusters: (name) => read(`obs/${name}`, isCategorical, "categories"),
        logNorm: () => read("layers/log_norm", isSparse, "a sparse matrix"),
        connectivities: () =>
          read(`obsp/${report.graph}_connectivities`, isSparse, "a sparse matrix"),
      };
    },
  };
}
