/** Writes a small table with ranked genes, as zarr and as h5ad, into `STHELAR_INTEROP_OUT`. */
import { rankGenesUns } from "@/formats/anndata/rank_genes_groups.ts";
import { writeAnnDataZarr, writeH5ad } from "@/formats/anndata/mod.ts";
import { localDisk } from "@/formats/disk/mod.ts";
import { log1p, normaliseTotal } from "@/numerics/normalise/mod.ts";
import { rankGenes } from "@/numerics/rank_genes/mod.ts";
import { syntheticCounts } from "../bench/shared/synthetic_counts.ts";

const out = Deno.env.get("STHELAR_INTEROP_OUT");
if (out === undefined) throw new Error("Cannot write: set STHELAR_INTEROP_OUT to a folder");

const GROUPS = 4;
const { counts, labels } = syntheticCounts({ cells: 600, genes: 60, clusters: GROUPS, seed: 5 });
const logNorm = log1p(normaliseTotal(counts));
const genes = Array.from({ length: 60 }, (_, gene) => `Gene${gene}`);
const levels = Array.from({ length: GROUPS }, (_, group) => `type ${group}`);

const uns = new Map();
for (const [key, tieCorrect] of [["plain", false], ["tie_corrected", true]] as const) {
  const ranked = await rankGenes(logNorm, labels, GROUPS, { tieCorrect });
  uns.set(key, rankGenesUns(ranked, genes, { groupby: "type", groups: levels }));
}
const table = {
  X: logNorm,
  obs: {
    index: Array.from({ length: 600 }, (_, cell) => `cell_${cell}`),
    columns: new Map([["type", { codes: labels, levels, ordered: false }]]),
  },
  var: { index: genes, columns: new Map() },
  ...{ obsm: {}, varm: {}, obsp: {}, varp: {}, layers: {} },
  uns,
};

await localDisk.remove(`${out}/rank_genes`);
await writeAnnDataZarr(localDisk, `${out}/rank_genes/table.zarr`, table);
await writeH5ad(localDisk, `${out}/rank_genes/table.h5ad`, table);
