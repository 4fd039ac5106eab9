import type { Categorical } from "@/core/categorical.ts";
import { SthelarError } from "@/core/errors.ts";
import type { SparseMatrix } from "@/core/sparse.ts";
import type { Input } from "@/core/stage.ts";
import { type Element, isCategorical, isSparse, readElement } from "@/formats/anndata/mod.ts";
import { reportInput } from "@/formats/spatialdata/stage_elements.ts";
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
      const read = async <E extends Element>(
        part: string,
        is: (value: unknown) => value is E,
      ): Promise<E> => {
        const path = location.resolve(node(part));
        const value = await readElement(location.disk, path);
        if (is(value)) return value;
        throw new SthelarError("CorruptData", {
          action: `Cannot read "${part}" of "${table}"`,
          found: "another kind of element",
          path,
        });
      };
      const report = await findings.open(location);
      return {
        report,
        clusters: (name) => read(`obs/${name}`, isCategorical),
        logNorm: () => read("layers/log_norm", isSparse),
        connectivities: () => read(`obsp/${report.graph}_connectivities`, isSparse),
      };
    },
  };
}
