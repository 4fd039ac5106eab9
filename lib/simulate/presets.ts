/**
 * Vertices of a cell's ring, the closing one included: exactly 13; at most 25; any number, some with
 * less than the 4 that make a triangle, as import from other programs leaves them.
 */
export type RingStyle = 13 | 25 | "imported";

/** A later segmentation by the field's software. */
export interface RangerRun {
  /** Text of `xenium_ranger.version`. */
  readonly version: string;
  /** Whether cells came from another program, as polygons without masks. */
  readonly isImport: boolean;
}

/** A version of the bundle's format; what distinguishes it from its neighbours. */
export interface BundlePreset {
  /** Text of `analysis_sw_version`. */
  readonly analysisVersion: string;
  /** `major_version` and `minor_version` of the manifest, absent in the oldest. */
  readonly manifestVersion: readonly [number, number] | undefined;
  /** How ids and texts are stored in parquet. */
  readonly ids: "integer" | "binary" | "text";
  /** Whether texts such as feature names are stored as plain bytes. */
  readonly binaryTexts: boolean;
  /** How many of the transcripts' columns there are, in their fixed order. */
  readonly transcriptColumns: 8 | 10 | 11 | 13;
  /** Optional columns of `cells`. */
  readonly cellColumns: readonly (
    | "genomic_control_counts"
    | "unassigned_codeword_counts"
    | "deprecated_codeword_counts"
    | "nucleus_count"
    | "segmentation_method"
  )[];
  /** Vertices of a ring. */
  readonly rings: RingStyle;
  /** Whether boundaries carry `label_id`. */
  readonly labelIds: boolean;
  /** Whether cells may have no or several nuclei. */
  readonly nucleiPerCell: "one" | "any";
  /** How far cells reach beyond their nucleus, µm. */
  readonly expansionUm: number;
  /** Which layout `cells.zarr.zip` has. */
  readonly cellsZarr: "integer-id" | "seg-mask-value" | "polygon-sets";
  /** Where the morphology images are. */
  readonly images: "single-files" | "focus-folder" | "named-channels";
  /** Channels of the morphology image. */
  readonly channels: readonly string[];
  /** Feature type of codes without probe. */
  readonly unassignedType: "Blank Codeword" | "Unassigned Codeword";
  /** Whether the panel has codes that were retired. */
  readonly deprecatedCodewords: boolean;
  /** Whether the panel has probes for DNA between genes. */
  readonly genomicControls: boolean;
  /** Antibodies whose stain is measured in each cell. */
  readonly proteins: readonly string[];
  /** Text of `chemistry_version`. */
  readonly chemistry: "v1" | "v2";
  /** The software that segmented the cells again, if one did. */
  readonly ranger?: RangerRun;
  /** Grid of x, y and z in µm and of qv; 0 for full float32. */
  readonly grid: { readonly um: number; readonly qv: number };
}

const V1_0: BundlePreset = {
  analysisVersion: "Xenium-1.0.2",
  manifestVersion: undefined,
  ids: "integer",
  binaryTexts: true,
  transcriptColumns: 8,
  cellColumns: [],
  rings: 13,
  labelIds: false,
  nucleiPerCell: "one",
  expansionUm: 15,
  cellsZarr: "integer-id",
  images: "single-files",
  channels: ["DAPI"],
  unassignedType: "Blank Codeword",
  deprecatedCodewords: false,
  genomicControls: false,
  proteins: [],
  chemistry: "v1",
  grid: { um: 0, qv: 0 },
};
const V1_4: BundlePreset = {
  ...V1_0,
  analysisVersion: "xenium-1.4.0.6",
  manifestVersion: [2, 0],
  ids: "binary",
  cellColumns: ["unassigned_codeword_counts"],
  cellsZarr: "seg-mask-value",
  unassignedType: "Unassigned Codeword",
};
const V1_9: BundlePreset = {
  ...V1_4,
  analysisVersion: "xenium-1.9.0.0",
  manifestVersion: [3, 0],
  ids: "text",
  binaryTexts: false,
  transcriptColumns: 10,
  cellColumns: ["unassigned_codeword_counts", "deprecated_codeword_counts"],
  deprecatedCodewords: true,
};
const V2_0: BundlePreset = {
  ...V1_9,
  analysisVersion: "xenium-2.0.0.10",
  manifestVersion: [5, 0],
  transcriptColumns: 11,
  cellColumns: ["unassigned_codeword_counts", "deprecated_codeword_counts", "nucleus_count"],
  rings: 25,
  labelIds: true,
  nucleiPerCell: "any",
  expansionUm: 5,
  cellsZarr: "polygon-sets",
  images: "focus-folder",
  deprecatedCodewords: false,
};
const KIT_CHANNELS = ["DAPI", "ATP1A1/CD45/E-Cadherin", "18S", "AlphaSMA/Vimentin"];
const V3_0: BundlePreset = {
  ...V2_0,
  analysisVersion: "xenium-3.0.0.15",
  transcriptColumns: 13,
  deprecatedCodewords: true,
  cellColumns: [
    "genomic_control_counts",
    "unassigned_codeword_counts",
    "deprecated_codeword_counts",
    "nucleus_count",
    "segmentation_method",
  ],
  grid: { um: 1 / 64, qv: 0.25 },
};

const V4_0: BundlePreset = {
  ...V3_0,
  analysisVersion: "xenium-4.0.0.19",
  manifestVersion: [6, 0],
  images: "named-channels",
  genomicControls: true,
};
const PROTEINS = ["CD3E", "CD20", "CD68", "PanCK", "Vimentin"];
const PROTEIN_CHANNELS = ["CD20", "PanCK"];

/** The formats that a bundle can be written in. */
export const PRESETS = {
  "v1.0": V1_0,
  "v1.4": V1_4,
  "v1.9": V1_9,
  "v2.0": V2_0,
  "v2.0-kit": {
    ...V2_0,
    cellColumns: [...V2_0.cellColumns, "segmentation_method"],
    channels: KIT_CHANNELS,
    deprecatedCodewords: true,
  },
  "v2.0-preview": {
    ...V2_0,
    analysisVersion: "xenium-2.0.0.6",
    labelIds: false,
  },
  "v3.0": V3_0,
  "v3.0-kit": { ...V3_0, channels: KIT_CHANNELS },
  "v3.0-prime-kit": {
    ...V3_0,
    channels: KIT_CHANNELS,
    genomicControls: true,
    deprecatedCodewords: false,
    chemistry: "v2",
  },
  "v4.0": V4_0,
  "v4.0-protein": {
    ...V4_0,
    channels: [...KIT_CHANNELS, ...PROTEIN_CHANNELS],
    proteins: PROTEINS,
  },
  "ranger-resegment": {
    ...V3_0,
    analysisVersion: "xenium-1.6.0.7",
    manifestVersion: [5, 2],
    ranger: { version: "xenium-3.1.0.5", isImport: false },
  },
  "ranger-import": {
    ...V3_0,
    analysisVersion: "xenium-2.0.0.10",
    manifestVersion: [5, 2],
    rings: "imported",
    ranger: { version: "xenium-3.1.0.5", isImport: true },
  },
} as const satisfies Record<string, BundlePreset>;

/** Name of a format that a bundle can be written in. */
export type PresetName = keyof typeof PRESETS;
