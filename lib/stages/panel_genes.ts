import type { AtlasGenes } from "@/formats/atlas/mod.ts";
import { isControlName, type MatrixFeatures } from "@/formats/xenium/mod.ts";

/** The genes among the columns of a table of counts. */
export interface PanelGenes extends AtlasGenes {
  /** Columns of the table. */
  readonly columns: Int32Array;
  /** Columns that are no genes: probes and codewords for control. */
  readonly controls: number;
}

const GENE = "Gene Expression";

/**
 * Tells the genes of a table of counts from its controls, and names their Ensembl ids.
 *
 * @param names Names of the table's columns.
 * @param features What the bundle's count matrix says of them; names alone decide without it.
 */
export function panelGenes(names: readonly string[], features?: MatrixFeatures): PanelGenes {
  const listed = new Map(features?.names.map((name, i) => [name, i]));
  const isGene = (name: string) => {
    const feature = listed.get(name);
    return feature === undefined ? !isControlName(name) : features!.types[feature] === GENE;
  };
  const columns = Int32Array.from(names.keys().filter((column) => isGene(names[column])));
  const genes = Array.from(columns, (column) => names[column]);
  return {
    columns,
    names: genes,
    ids: features && genes.map((name) => features.ids[listed.get(name) ?? -1] ?? name),
    controls: names.length - columns.length,
  };
}
