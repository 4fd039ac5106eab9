import type { Categorical } from "@/core/categorical.ts";
import type { AtlasFormat, CountsCheck, MatrixLayout, SharedGenes } from "@/formats/atlas/mod.ts";
import { labelOfType, type TypeLabel } from "@/labels/mod.ts";

/** A cell type of the reference. */
export interface ReferenceType extends TypeLabel {
  /** Its name in the reference. */
  readonly name: string;
  /** How many cells have it. */
  readonly cells: number;
  /** Their share of the cells that have a type. */
  readonly share: number;
}

/** What the genes of reference and panel have in common. */
export interface GeneOverlap {
  /** Genes of the panel, controls left out. */
  readonly panel: number;
  /** Columns of the table that are controls. */
  readonly controls: number;
  /** Genes of the reference. */
  readonly atlas: number;
  /** Genes of both: of one name, of names that differ in letters alone, of one Ensembl id. */
  readonly shared: { readonly name: number; readonly case: number; readonly id: number };
  /** Names of the panel's genes that the reference lacks. */
  readonly onlyInPanel: readonly string[];
  /** Shared names that the reference has more than once; its first was taken. */
  readonly duplicates: readonly string[];
}

/** What stage 2-01 found in the reference. */
export interface RefCellTypesReport {
  /** The reference. */
  readonly atlas: { readonly name: string; readonly format: AtlasFormat; readonly cells: number };
  /** Column of obs that holds the types. */
  readonly labelKey: string;
  /** Matrix that holds the counts. */
  readonly matrix: { readonly name: string; readonly layout: MatrixLayout };
  /** What its values look like. */
  readonly counts: CountsCheck;
  /** Types, the most frequent first. */
  readonly types: readonly ReferenceType[];
  /** Cells without a type. */
  readonly unlabelledCells: number;
  /** The genes. */
  readonly genes: GeneOverlap;
}

/**
 * Counts the cells of each type and names its label, the most frequent first.
 *
 * @param labels The type of each cell.
 * @param tissue `heart`.
 */
export function typeTable(labels: Categorical, tissue: string): ReferenceType[] {
  const cells = new Float64Array(labels.levels.length);
  let labelled = 0;
  for (const code of labels.codes) {
    if (code < 0) continue;
    cells[code]++;
    labelled++;
  }
  return labels.levels
    .map((name, code) => ({
      name,
      cells: cells[code],
      share: cells[code] / labelled,
      ...labelOfType(name, tissue),
    }))
    .filter((type) => type.cells > 0)
    .sort((a, b) => b.cells - a.cells || (a.name < b.name ? -1 : 1));
}

/** Sums up how the genes of reference and panel match. */
export function geneOverlap(
  shared: SharedGenes,
  panel: { readonly names: readonly string[]; readonly controls: number },
): GeneOverlap {
  const count = (kind: string) => shared.kinds.filter((other) => other === kind).length;
  return {
    panel: panel.names.length,
    controls: panel.controls,
    atlas: shared.kinds.length + shared.onlyInAtlas,
    shared: { name: count("name"), case: count("case"), id: count("id") },
    onlyInPanel: shared.onlyInPanel,
    duplicates: shared.duplicates,
  };
}
