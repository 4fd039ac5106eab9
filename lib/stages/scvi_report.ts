/** What training came to, a value an epoch; per cell. */
export interface ScviCurves {
  /** What is minimised: reconstruction and weighted divergences. */
  readonly loss: readonly number[];
  /** Negative evidence lower bound: reconstruction and divergences, unweighted. */
  readonly elbo: readonly number[];
  /** Negative log-likelihood of the counts. */
  readonly reconstruction: readonly number[];
  /** Divergence of the cells' latent places from the prior. */
  readonly klLocal: readonly number[];
  /** The same of quantities that all cells share: there are none, it is 0. */
  readonly klGlobal: readonly number[];
}

/** How training went. */
export interface ScviTraining {
  /** Epochs that were run. */
  readonly epochs: number;
  /** Whether it stopped before the last epoch that it was allowed. */
  readonly stoppedEarly: boolean;
  /** Step size of each epoch. */
  readonly learningRate: readonly number[];
  readonly train: ScviCurves;
  readonly validation: ScviCurves;
}

/** How well the latent space agrees with labels of the same cells. */
export interface LatentAgreement {
  /** The labels: a column of `table_cells`. */
  readonly name: string;
  /** Cells that have one. */
  readonly cells: number;
  /** How many different ones there are. */
  readonly labels: number;
  /** Adjusted Rand index with the latent clusters; `null` where either has one cluster only. */
  readonly ari: number | null;
  /** Normalised mutual information with the latent clusters; `null` where either has one only. */
  readonly nmi: number | null;
  /** Share of the cells with the label of most of their neighbours in the latent space. */
  readonly knnAccuracy: number | null;
}

/** Cells of each latent cluster by their label. */
export interface LatentComposition {
  /** The labels, in the order of columns. */
  readonly labels: readonly string[];
  /** A row a latent cluster. */
  readonly counts: readonly (readonly number[])[];
}

/** Clusters against what cells of a simulated slide are. */
export interface TruthAgreement {
  /** The clusters. */
  readonly name: string;
  readonly ari: number | null;
  readonly nmi: number | null;
  /** Share that is right if each cluster has the category of most of its cells. */
  readonly accuracy: number;
}

/** What stage 2-06 did. */
export interface ScviReport {
  /** Rows of the table. */
  readonly rows: number;
  /** Cells that were trained on, or held back to validate. */
  readonly cells: number;
  /** Cells with no more transcripts were left out. */
  readonly minTranscripts: number;
  /** Cells that 10x counts more of, and whose genes have no counts: left out too. */
  readonly withoutCounts: number;
  /** Genes, all columns of the table. */
  readonly genes: number;
  /** Dimensions of the latent space. */
  readonly latent: number;
  /** How training went. */
  readonly training: ScviTraining;
  /** Clusters in the latent space. */
  readonly clusters: {
    /** Their column of `table_scvi`. */
    readonly name: string;
    /** Neighbours of each cell, itself among them. */
    readonly neighbours: number;
    /** Resolution of Leiden. */
    readonly resolution: number;
    /** Cells of each. */
    readonly sizes: readonly number[];
  };
  /** Agreement with the RNA clusterings, `refine_res` and `label1`, as far as they are there. */
  readonly agreement: readonly LatentAgreement[];
  /** Latent clusters by label1; `null` where cells have none. */
  readonly composition: LatentComposition | null;
  /** Of a simulated slide: agreement with the truth, of latent clusters and of the others. */
  readonly truth: {
    /** Cells whose category is known. */
    readonly cells: number;
    /** Share of the cells with the category of most of their neighbours in the latent space. */
    readonly knnAccuracy: number | null;
    readonly clusterings: readonly TruthAgreement[];
  } | null;
}
