import type { AtlasGenes } from "./atlas.ts";

/** An Ensembl id of a gene, of any species, with or without a version. */
const ENSEMBL = /^ENS[A-Z]*G\d{6,}(\.\d+)?$/;
/** Columns that hold ids, by folded name. */
const ID_COLUMNS = ["geneids", "geneid", "ensemblid", "ensemblids", "ensembl", "featureid", "id"];
/** Columns that hold symbols where the rows are named by ids. */
const NAME_COLUMNS = [
  "featurename",
  "genesymbols",
  "genesymbol",
  "symbol",
  "symbols",
  "genename",
  "genenames",
  "genes",
  "gene",
  "name",
  "hgnc",
];

/** Whether most of these are Ensembl ids. */
export function areEnsemblIds(texts: readonly string[]): boolean {
  let ids = 0;
  for (const text of texts) if (ENSEMBL.test(text)) ids++;
  return ids > texts.length / 2;
}

/** An Ensembl id without its version, in capitals. */
export function bareId(id: string): string {
  return id.toUpperCase().replace(/\.\d+$/, "");
}

/**
 * Symbols and ids of the genes of a table, whichever of them name its rows.
 *
 * @param index Names of the rows of var.
 * @param columns Names of the columns of var.
 * @param read Reads a column as texts, `undefined` if it holds none.
 */
export async function genesOf(
  index: readonly string[],
  columns: readonly string[],
  read: (column: string) => Promise<readonly string[] | undefined>,
): Promise<AtlasGenes> {
  const areIds = areEnsemblIds(index);
  const wanted = areIds ? NAME_COLUMNS : ID_COLUMNS;
  for (const name of wanted) {
    const column = columns.find((candidate) => foldName(candidate) === name);
    const texts = column === undefined ? undefined : await read(column);
    if (texts?.length !== index.length) continue;
    if (areIds) return { names: texts, ids: index };
    if (areEnsemblIds(texts)) return { names: index, ids: texts };
  }
  return { names: index, ids: areIds ? index : undefined };
}

/** A name of a column without what people write in different ways. */
export function foldName(name: string): string {
  return name.toLowerCase().replaceAll(/[^a-z0-9]/g, "");
}
