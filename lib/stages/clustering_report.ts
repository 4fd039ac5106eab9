/** What a stage that clusters found. */
export interface ClusteringReport {
  /** Rows of the table. */
  readonly rows: number;
  /** Rows with enough transcripts, which were clustered. */
  readonly kept: number;
  /** Rows with no more transcripts were left out. */
  readonly minTranscripts: number;
  /** Columns of the table, all of which count. */
  readonly columns: number;
  /** Share of the variance that each principal component holds. */
  readonly varianceRatio: readonly number[];
  /** Principal components that neighbours were found by. */
  readonly principalComponents: number;
  /** Neighbours of each row, itself among them. */
  readonly neighbours: number;
  /** Name of the graph: `pca_n10_pcs16`. */
  readonly graph: string;
  /** The clusterings, in the order of their resolutions. */
  readonly clusterings: readonly ClusteringSummary[];
}

/** One clustering. */
export interface ClusteringSummary {
  /** Its column of obs: `pca_n10_pcs16_leiden_res0.4`. */
  readonly name: string;
  /** Resolution of Leiden. */
  readonly resolution: number;
  /** Rows of each cluster. */
  readonly sizes: readonly number[];
}
