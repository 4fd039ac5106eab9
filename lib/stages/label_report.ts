import type {
  AutomaticLabel,
  ClusterLabels,
  LabelAgreement,
  MarkerScore,
  TangramShare,
} from "@/labels/mod.ts";

/** A gene of a cluster against all other rows, by Wilcoxon's test. */
export interface MarkerGene {
  /** Its name. */
  readonly gene: string;
  /** z-score of the rank sum. */
  readonly score: number;
  /** Doublings of the mean. */
  readonly log2FoldChange: number;
  /** Share of the cluster's rows that express it. */
  readonly share: number;
  /** The same of all other rows. */
  readonly shareOthers: number;
}

/** A refined cluster with its labels, and what speaks for them. */
export interface LabelledCluster extends ClusterLabels {
  /** Its name in `refine_res`. */
  readonly name: string;
  /** Its rows. */
  readonly cells: number;
  /** Clusters, or parts of them, that it is made of. */
  readonly from: readonly string[];
  /** Category of `label1`. */
  readonly finalLabel: string;
  /** Median of its rows' transcripts. */
  readonly medianTranscripts: number;
  /** Its genes, highest score first. */
  readonly genes: readonly MarkerGene[];
  /** How well it fits the cell types that it fits best. */
  readonly fits: readonly Pick<MarkerScore, "label1" | "kind" | "score" | "expressed">[];
  /** What Tangram says of its nuclei, most frequent first. */
  readonly tangram: readonly TangramShare[];
  /** Why the rule chose its labels, where it did. */
  readonly rule?: Pick<AutomaticLabel, "by" | "isDoubtful" | "best" | "runnerUp">;
}

/** What a stage that labels clusters did. */
export interface LabelReport {
  /** The clustering that was labelled: `pca_n10_pcs16_leiden_res0.6`. */
  readonly clustering: string;
  /** Its stamp, which decisions name. */
  readonly stamp: string;
  /** Who chose labels: the rule, or a person in a decisions file. */
  readonly by: "rule" | "person";
  /** Refined clusters, largest first. */
  readonly clusters: readonly LabelledCluster[];
  /** Expression of the first genes of each cluster in all clusters, in the order of `clusters`. */
  readonly expression: {
    readonly genes: readonly string[];
    /** Mean of log(1 + normalised), a row a cluster. */
    readonly mean: readonly (readonly number[])[];
    /** Share of rows that express the gene, a row a cluster. */
    readonly share: readonly (readonly number[])[];
  };
  /** Text of a decisions file that gives these labels, for a person to change. */
  readonly draft: string;
  /** Decisions that are about another clustering, and what they would be about this one. */
  readonly setAside?: {
    readonly path: string;
    readonly reason: string;
    /** Text of a decisions file to look through and accept. */
    readonly proposal: string;
  };
  /** Agreement with the truth of a simulated slide. */
  readonly agreement: LabelAgreement | null;
}
