import type { CombinedEvidence, LabelAgreement } from "@/labels/mod.ts";
import type { ClusteringSummary } from "./clustering_report.ts";
import type { Unpartnered } from "./combined_rows.ts";
import type { MarkerGene } from "./label_report.ts";

/** Principal components of one measurement. */
export interface CombinedBlock {
  readonly name: "nucleus" | "cytoplasm";
  /** Share of the variance that each of its principal components holds. */
  readonly varianceRatio: readonly number[];
  /** How many of them are kept. */
  readonly components: number;
  /** Who chose how many. */
  readonly by: "given" | "knee";
  /** Variance of the kept ones, the first being 1. */
  readonly keptVariance: readonly number[];
  /** What its scores were multiplied by. */
  readonly weight: number;
}

/** A combined cluster, what it is called, and what speaks for that. */
export interface CombinedCluster extends CombinedEvidence {
  /** Its category. */
  readonly finalLabel: string;
  /** Whether a person chose the category; otherwise it is that of most of its cells. */
  readonly overridden: boolean;
  /** Its genes in cells, highest score first. */
  readonly genes: readonly Pick<MarkerGene, "gene" | "score" | "log2FoldChange">[];
}

/** Agreement of the labels of nuclei, of cells and of both with the truth, on the same rows. */
export interface ThreeAgreements {
  readonly nuclei: LabelAgreement;
  readonly cells: LabelAgreement;
  readonly combined: LabelAgreement;
}

/** What stage 2-10 did. */
export interface CombinedReport {
  /** Rows of the table. */
  readonly rows: number;
  /** Cells that were combined; the others are `Less10`. */
  readonly kept: number;
  /** Cells with no more transcripts were left out. */
  readonly minTranscripts: number;
  readonly cellsWithoutNucleus: Unpartnered;
  readonly nucleiWithoutCell: Unpartnered;
  /** Genes that both tables count, and features of one only. */
  readonly genes: {
    readonly common: number;
    readonly onlyNuclei: readonly string[];
    readonly onlyCells: readonly string[];
  };
  /** What of the cells lies outside of their nuclei. */
  readonly cytoplasm: {
    readonly transcripts: number;
    /** Cells with nothing outside. */
    readonly empty: number;
    /** What nuclei count above their cells, and was cut. */
    readonly clipped: {
      readonly transcripts: number;
      /** Pairs of cell and gene. */
      readonly values: number;
      /** Cells. */
      readonly rows: number;
    };
  };
  /** Nuclei without a transcript of the common genes. */
  readonly emptyNuclei: number;
  readonly blocks: readonly CombinedBlock[];
  /** Share of the variance of both blocks that each combined component holds. */
  readonly varianceRatio: readonly number[];
  /** Combined components that neighbours were found by. */
  readonly principalComponents: number;
  readonly neighbours: number;
  /** `pca_n10_pcs21` */
  readonly graph: string;
  readonly clusterings: readonly ClusteringSummary[];
  /** The clustering that is labelled, and its stamp, which decisions name. */
  readonly clustering: string;
  readonly stamp: string;
  /** Who labelled it: the rule, or the rule and a person in a decisions file. */
  readonly by: "rule" | "person";
  /** Order of `cellCounts` of clusters. */
  readonly cellCategories: readonly string[];
  /** Order of `nucleusCounts` of clusters. */
  readonly nucleusCategories: readonly string[];
  /** The clusters, by number. */
  readonly clusters: readonly CombinedCluster[];
  /** Share of disagreement above which a cluster is flagged. */
  readonly flagAbove: number;
  /** Text of a decisions file that gives these labels, for a person to change. */
  readonly draft: string;
  /** Decisions that are about another clustering, and what they would be about this one. */
  readonly setAside?: {
    readonly path: string;
    readonly reason: string;
    /** Text of a decisions file to look through and accept. */
    readonly proposal: string;
  };
  /** Of a simulated slide: agreement with the truth. */
  readonly agreement: {
    /** On all combined cells; a nucleus called `Less10` is wrong. */
    readonly all: ThreeAgreements;
    /** On those whose nucleus was clustered too. */
    readonly withNucleus: ThreeAgreements;
  } | null;
}
