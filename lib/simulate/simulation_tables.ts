import { SthelarError } from "@/core/errors.ts";
import { didYouMean } from "@/core/nearest.ts";
import slideFile from "../../data/slides.json" with { type: "json" };
import cellTypeFile from "../../data/simulation/cell_types.json" with { type: "json" };
import percentFile from "../../data/simulation/final_label_percent.json" with { type: "json" };
import panelFile from "../../data/simulation/panel_multi_tissue_377.json" with { type: "json" };
import tissueFile from "../../data/simulation/tissues.json" with { type: "json" };
import labelFile from "../../data/ontology/label1_to_final_label.json" with { type: "json" };

/** Parts of a tissue in which cells lie. */
export const COMPARTMENTS = [
  "stroma",
  "epithelium",
  "muscle",
  "vesselWall",
  "lymphoid",
  "fat",
] as const;

/** A part of a tissue. */
export type Compartment = (typeof COMPARTMENTS)[number];

/** What is known of a cell type. */
export interface CellType {
  /** Its name here. */
  readonly name: string;
  /** Broad name, as a person who annotates clusters gives it. */
  readonly label1: string;
  /** Name in the single-cell reference, empty if it is not in there. */
  readonly referenceType: string;
  /** One of the ten categories, or `Unknown`. */
  readonly finalLabel: string;
  /** Nucleus: full lengths in µm, optical density of hematoxylin, coarseness of chromatin 0-1. */
  readonly nucleus: {
    readonly lengthUm: number;
    readonly widthUm: number;
    readonly hematoxylin: number;
    readonly coarseness: number;
  };
  /** Optical densities of the stains in the cytoplasm. */
  readonly cytoplasm: { readonly eosin: number; readonly hematoxylin: number };
  /** RNA content relative to other types. */
  readonly depth: number;
  /** How much it likes each part of the tissue. */
  readonly home: Readonly<Partial<Record<Compartment, number>>>;
  /** Genes that mark it, the strongest first. */
  readonly markers: readonly string[];
}

/** How a tissue is built. */
export interface TissueDesign {
  /** What its main cells form. */
  readonly parenchyma: "muscle" | "glands" | "sheets";
  /** Size of one gland or nest in µm. */
  readonly unitUm: number;
  /** Share of a gland's radius that is lumen. */
  readonly lumenFraction: number;
  /** Cells a square millimetre. */
  readonly cellsPerMm2: number;
  /** Share of the tissue that is fat. */
  readonly fatFraction: number;
  /** Cell types of each category, with weights. */
  readonly types: Readonly<Record<string, Readonly<Record<string, number>>>>;
}

/** What was published of a slide that the simulation imitates. */
export interface SlideProfile {
  /** `heart_s0` */
  readonly id: string;
  /** Tissue, or `all`. */
  readonly tissue: string;
  /** How it is built. */
  readonly design: TissueDesign;
  /** Percent of cells by category. */
  readonly percent: Readonly<Record<string, number>>;
  /** Published number of cells. */
  readonly cells: number;
  /** Share of cells with more than 10 transcripts. */
  readonly cellsOver10: number;
  /** Share of nuclei with more than 10 transcripts. */
  readonly nucleiOver10: number;
}

/** Names of a panel's features. */
export interface Panel {
  /** Genes. */
  readonly genes: readonly string[];
  /** Probes without target. */
  readonly negativeControlProbes: readonly string[];
  /** Codes that are never used. */
  readonly negativeControlCodewords: readonly string[];
  /** Codes without probe. */
  readonly unassignedCodewords: readonly string[];
  /** Codes whose probe was retired. */
  readonly deprecatedCodewords: readonly string[];
  /** Probes for DNA between genes. */
  readonly genomicControls: readonly string[];
}

/** The 377-gene multi-tissue panel. */
export const MULTI_TISSUE_PANEL: Panel = {
  ...panelFile,
  deprecatedCodewords: [],
  genomicControls: [],
};

/** Genes that most cells express somewhat. */
export const HOUSEKEEPING: readonly string[] = cellTypeFile.housekeeping;

const FINAL_LABELS: Readonly<Record<string, string>> = labelFile;

/** Every cell type, by name. */
export const CELL_TYPES: ReadonlyMap<string, CellType> = new Map(
  Object.entries(cellTypeFile.types).map(([name, type]) => [
    name,
    { name, finalLabel: FINAL_LABELS[type.label1], ...type } as CellType,
  ]),
);

/**
 * What was published of a slide.
 *
 * @param tissue `all` for a tissue with all ten categories in place of the slide's own.
 * @throws {SthelarError} `InvalidArgument` if there is no such slide.
 *
 * @example
 * ```ts
 * import { assertAlmostEquals } from "@std/assert";
 * import { slideProfile } from "@/simulate/mod.ts";
 *
 * assertAlmostEquals(slideProfile("heart_s0").percent.Specialized, 37.4);
 * ```
 */
export function slideProfile(slideId: string, tissue?: "all"): SlideProfile {
  const slide = slideFile.slides.find(({ id }) => id === slideId);
  if (slide === undefined) {
    throw new SthelarError("InvalidArgument", {
      action: `Cannot simulate slide "${slideId}"`,
      found: "no such slide",
      remedy: didYouMean(slideId, slideFile.slides.map(({ id }) => id)),
    });
  }
  const designs = tissueFile.tissues as unknown as Record<string, TissueDesign>;
  if (tissue === "all") {
    const { cellPercent, cells, cellsOver10Transcripts, nucleiOver10Transcripts } =
      tissueFile.tenCategories;
    return {
      id: slideId,
      tissue: "all",
      design: designs.all,
      percent: cellPercent,
      cells: slide.cells,
      cellsOver10: cellsOver10Transcripts / cells,
      nucleiOver10: nucleiOver10Transcripts / cells,
    };
  }
  const published = (percentFile as unknown as Record<string, {
    cellPercent: Record<string, number>;
    nucleiOver10Transcripts: number;
  }>)[slideId];
  return {
    id: slideId,
    tissue: slide.tissue,
    design: designs[slide.tissue],
    percent: published.cellPercent,
    cells: slide.cells,
    cellsOver10: slide.cellsOver10Transcripts / slide.cells,
    nucleiOver10: Math.max(0.1, published.nucleiOver10Transcripts / slide.cells),
  };
}
