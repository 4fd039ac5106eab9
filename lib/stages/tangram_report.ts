import type { Sampling } from "./sample_reference.ts";

/** A type of the reference in stage 2-02. */
export interface TangramType {
  /** Its name in the reference. */
  readonly name: string;
  /** Its column in `obsm/tangram_pred`. */
  readonly column: string;
  /** Its cells in the reference. */
  readonly cells: number;
  /** Those of them that were mapped. */
  readonly mapped: number;
  /** Nuclei that got its name. */
  readonly nuclei: number;
}

/** Nuclei that were mapped together. */
export interface TangramBag {
  /** How many. */
  readonly nuclei: number;
  /** Genes with counts in these nuclei and in the reference. */
  readonly genes: number;
  /** Epochs that were run. */
  readonly epochs: number;
  /** Whether a plateau ended it. */
  readonly stoppedEarly: boolean;
  /** Mean cosine of genes, each epoch. */
  readonly geneScore: readonly number[];
  /** Divergence of the density, each epoch. */
  readonly kl: readonly number[];
}

/** How well labels agree with what a simulated slide is. */
export interface TangramAgreement {
  /** Nuclei that could be compared. */
  readonly nuclei: number;
  /** Share whose type is the true one. */
  readonly type: number;
  /** Share whose category is the true one. */
  readonly finalLabel: number;
  /** The same for nuclei with more than 10 transcripts. */
  readonly finalLabelOver10: number;
  /** The same if every nucleus got the most frequent category. */
  readonly commonest: number;
}

/** What stage 2-02 did. */
export interface TangramReport {
  /** The reference: its name, its column of types, its matrix of counts. */
  readonly reference: {
    readonly name: string;
    readonly labelKey: string;
    readonly matrix: string;
    readonly cells: number;
    readonly mapped: number;
    readonly sampling: Sampling;
  };
  /** Whether cells or sums of types were mapped. */
  readonly mode: "cells" | "clusters";
  /** What computed. */
  readonly provider: string;
  /** Genes of the panel, and those of them in the reference. */
  readonly genes: { readonly panel: number; readonly shared: number };
  /** Types in the order of the columns. */
  readonly types: readonly TangramType[];
  /** Types whose scores tell no nuclei apart: no nucleus can get them. */
  readonly constantTypes: readonly string[];
  /** Nuclei without any count: they are labelled all the same. */
  readonly emptyNuclei: number;
  /** Bags. */
  readonly bags: readonly TangramBag[];
  /** What was estimated before it began. */
  readonly estimate: { readonly memoryBytes: number; readonly seconds: number };
  /** Agreement with the truth of a simulated slide. */
  readonly agreement: TangramAgreement | null;
}
