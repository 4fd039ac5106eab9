import type { BundlePreset } from "./presets.ts";
import type { Panel } from "./simulation_tables.ts";

/** A row of the count matrix. */
export interface Feature {
  /** Gene or control name. */
  readonly name: string;
  /** Type, as the matrix names it. */
  readonly type: string;
  /** Category, as the transcripts of 3.0 on name it. */
  readonly category: string;
  /** The column of `cells` that counts it. */
  readonly countColumn: string;
}

/** Genes, control probes, control codewords, codes without probe: the rows of the matrix. */
export function featureList(panel: Panel, preset: BundlePreset): Feature[] {
  const isOld = preset.unassignedType === "Blank Codeword";
  return [
    ...panel.genes.map((name) => ({
      name,
      type: "Gene Expression",
      category: "predesigned_gene",
      countColumn: "transcript_counts",
    })),
    ...panel.negativeControlProbes.map((name) => ({
      name,
      type: "Negative Control Probe",
      category: "negative_control_probe",
      countColumn: "control_probe_counts",
    })),
    ...panel.negativeControlCodewords.map((name) => ({
      name,
      type: "Negative Control Codeword",
      category: "negative_control_codeword",
      countColumn: "control_codeword_counts",
    })),
    ...panel.unassignedCodewords.map((name) => ({
      name: isOld ? name.replace("UnassignedCodeword", "BLANK") : name,
      type: preset.unassignedType,
      category: "unassigned_codeword",
      countColumn: "unassigned_codeword_counts",
    })),
  ];
}
