import type { Disk } from "@/core/disk.ts";
import { type AnnData, readAnnDataZarr } from "@/formats/anndata/mod.ts";
import { openTable, writeTable } from "@/formats/spatialdata/mod.ts";
import { hashRows } from "@/formats/spatialdata/stage_elements.ts";
import { elementOf, type MountedStore } from "./opened_store.ts";

/** A table of the opened store that stages added parts to. */
export interface CopiedTable {
  /** Its name. */
  readonly table: string;
  /** Hash of the names of its rows. */
  readonly sha256: string;
}

/**
 * Copies the tables of an opened store that get parts from stages into the slide's own store, without
 * the parts that come anew.
 *
 * @param nodes What the stages wrote.
 */
export async function copyOpenedTables(
  disk: Disk,
  storeRoot: string,
  opened: MountedStore,
  nodes: readonly string[],
): Promise<CopiedTable[]> {
  const parts = nodes.filter((node) => node.startsWith("tables/") && node !== elementOf(node));
  const copied: CopiedTable[] = [];
  for (const element of new Set(parts.map(elementOf))) {
    if (nodes.includes(element) || !await opened.has(element)) continue;
    const path = opened.pathOf(element);
    const { name, link } = await openTable(opened.disk, path);
    const table = await readAnnDataZarr(opened.disk, path);
    const anew = parts.filter((node) => elementOf(node) === element)
      .map((node) => node.slice(element.length + 1));
    await writeTable(disk, storeRoot, name, withoutParts(table, anew), link);
    copied.push({ table: name, sha256: hashRows(table.obs.index) });
  }
  return copied;
}

/** A table without some columns and entries, as in `obs/label1` or `obsm/X_pca`. */
function withoutParts(table: AnnData, parts: readonly string[]): AnnData {
  const isKept = (group: string) => (entry: readonly [string, unknown]) =>
    !parts.includes(`${group}/${entry[0]}`);
  const record = <T>(group: string, entries: Readonly<Record<string, T>>): Record<string, T> =>
    Object.fromEntries(Object.entries(entries).filter(isKept(group)));
  const map = <T>(group: string, entries: ReadonlyMap<string, T>): Map<string, T> =>
    new Map([...entries].filter(isKept(group)));
  return {
    ...table,
    obs: { ...table.obs, columns: map("obs", table.obs.columns) },
    var: { ...table.var, columns: map("var", table.var.columns) },
    layers: record("layers", table.layers),
    obsm: record("obsm", table.obsm),
    varm: record("varm", table.varm),
    obsp: record("obsp", table.obsp),
    varp: record("varp", table.varp),
    uns: map("uns", table.uns),
  };
}
