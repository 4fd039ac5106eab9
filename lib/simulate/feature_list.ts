import type { BundlePreset } from "./presets.ts";
import type { Panel } from "./simulation_tables.ts";

const UNASSIGNED = "Unassigned Codeword";

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

/** What each kind of feature of a panel is called, in the order of the rows. */
const KINDS: readonly (readonly [keyof Panel, string, string, string])[] = [
  ["genes", "Gene Expression", "predesigned_gene", "transcript_counts"],
  [
    "negativeControlProbes",
    "Negative Control Probe",
    "negative_control_probe",
    "control_probe_counts",
  ],
  [
    "negativeControlCodewords",
    "Negative Control Codeword",
    "negative_control_codeword",
    "control_codeword_counts",
  ],
  ["unassignedCodewords", UNASSIGNED, "unassigned_codeword", "unassigned_codeword_counts"],
  [
    "deprecatedCodewords",
    "Deprecated Codeword",
    "deprecated_codeword",
    "deprecated_codeword_counts",
  ],
  ["genomicControls", "Genomic Control", "genomic_control_probe", "genomic_control_counts"],
];

/** Genes, then each kind of control: the rows of the matrix that transcripts are counted in. */
export function featureList(panel: Panel, { unassignedType }: BundlePreset): Feature[] {
  const isOld = unassignedType === "Blank Codeword";
  return KINDS.flatMap(([kind, type, category, countColumn]) =>
    panel[kind].map((name) => ({
      name: isOld ? name.replace(/^UnassignedCodeword/, "BLANK") : name,
      type: type === UNASSIGNED ? unassignedType : type,
      category,
      countColumn,
    }))
  );
}
