import { reportInput } from "@/formats/spatialdata/stage_elements.ts";
import type { Slide } from "@/pipeline/slide.ts";
import { geneOverlap, refCellTypes } from "@/plots/chapter_2/mod.ts";
import { categoryColours, type Figure, type FigureNote } from "@/plots/mod.ts";
import type { RefCellTypesReport } from "@/stages/2_01_ref_cell_types.ts";

/** What stage 2-01 found. */
export interface ReferenceData {
  /** Types, counts and genes of the reference. */
  readonly reference: RefCellTypesReport;
  /** Marks that the figures carry. */
  readonly notes: readonly FigureNote[];
}

/** Opens what stage 2-01 found for a slide. */
export async function openReference(slide: Slide): Promise<ReferenceData> {
  return {
    reference: await slide.open(reportInput<RefCellTypesReport>("ref_cell_types")),
    notes: slide.manifest.simulated ? ["simulated"] : [],
  };
}

/** Cells of each type of the reference. */
export function refCellTypesFigure({ reference, notes }: ReferenceData): Figure {
  const { types, atlas, unlabelledCells } = reference;
  return refCellTypes({
    types: types.map(({ name, cells, finalLabel, by }) => ({
      name,
      cells,
      ...(by === "none" ? {} : { category: finalLabel }),
    })),
    colours: categoryColours("final_label"),
    caption: `${atlas.name}, column "${reference.labelKey}"` +
      (unlabelledCells > 0 ? `; ${unlabelledCells} cells have no type` : ""),
    notes,
  });
}

/** Genes that reference and panel share. */
export function geneOverlapFigure({ reference: { genes }, notes }: ReferenceData): Figure {
  const { shared, onlyInPanel, atlas } = genes;
  return geneOverlap({ shared, onlyInPanel, atlas, notes });
}
