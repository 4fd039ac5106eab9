import { assert, assertEquals, assertThrows } from "@std/assert";
import { SthelarError } from "@/core/errors.ts";
import {
  isDataFrame,
  isDict,
  readAnnDataZarr,
  type Records,
  writeAnnDataZarr,
} from "@/formats/anndata/mod.ts";
import { type RankedColumns, rankGenesUns } from "@/formats/anndata/rank_genes_groups.ts";
import { MemoryDisk } from "@/formats/disk/mod.ts";

function ranked(group: number, genes: readonly number[]): RankedColumns {
  const column = (offset: number) => Float64Array.from(genes, (gene) => gene + offset);
  return {
    group,
    genes: Int32Array.from(genes),
    scores: column(0.1),
    log2FoldChanges: column(0.2),
    pValues: column(0.3),
    adjustedPValues: column(0.4),
    shares: column(0.5),
    sharesOthers: column(0.6),
  };
}

const GENES = ["CD3E", "VIM", "EPCAM"];
const GROUPS = { groups: [ranked(0, [2, 0, 1]), ranked(2, [1, 2, 0])] };

Deno.test("rankGenesUns() keeps genes by rank in records, shares by gene in frames", () => {
  const uns = rankGenesUns(GROUPS, GENES, { groupby: "leiden", groups: ["T", "B", "NK"] });
  const { fields } = uns.get("names") as Records;
  assertEquals([...fields.keys()], ["T", "NK"]);
  assertEquals(fields.get("NK")!.data, ["VIM", "EPCAM", "CD3E"]);
  assertEquals((uns.get("scores") as Records).fields.get("T")!.dtype, "float32");
  assertEquals((uns.get("pvals") as Records).fields.get("T")!.data, Float64Array.of(2.3, 0.3, 1.3));
  const pts = uns.get("pts");
  assert(isDataFrame(pts));
  assertEquals(pts.index, GENES);
  assertEquals(pts.columns.get("NK"), Float64Array.of(0.5, 1.5, 2.5));
});

Deno.test("rankGenesUns() names groups by number, and leaves shares out if asked to", () => {
  const uns = rankGenesUns(GROUPS, GENES, { groupby: "leiden", layer: "log_norm", shares: false });
  assertEquals([...(uns.get("names") as Records).fields.keys()], ["0", "2"]);
  assert(!uns.has("pts") && !uns.has("pts_rest"));
  const params = uns.get("params");
  assert(isDict(params));
  assertEquals(params.get("layer"), "log_norm");
});

Deno.test("rankGenesUns() survives writing and reading", async () => {
  const disk = new MemoryDisk();
  const uns = new Map([["ranked", rankGenesUns(GROUPS, GENES, { groupby: "leiden" })]]);
  const table = {
    obs: { index: ["a"], columns: new Map() },
    var: { index: GENES, columns: new Map() },
    ...{ obsm: {}, varm: {}, obsp: {}, varp: {}, layers: {} },
    uns,
  };
  await writeAnnDataZarr(disk, "table.zarr", table);
  const read = (await readAnnDataZarr(disk, "table.zarr")).uns.get("ranked");
  assert(isDict(read));
  for (const [key, value] of uns.get("ranked")!) {
    const found = read.get(key);
    if (isDataFrame(found)) assertEquals(found.columns, (value as typeof found).columns);
    else if (isDict(found)) {
      assertEquals(new Map([...found].sort()), new Map([...value as typeof found].sort()));
    } else assertEquals(found, value);
  }
});

const REFUSED: readonly (readonly [string, () => unknown, string])[] = [
  [
    "no groups",
    () => rankGenesUns({ groups: [] }, GENES, { groupby: "leiden" }),
    'Cannot keep the ranked genes of "leiden": found no group',
  ],
  [
    "a group without a name",
    () => rankGenesUns(GROUPS, GENES, { groupby: "leiden", groups: ["T"] }),
    "found no name for group 2",
  ],
  [
    "two groups of a name",
    () => rankGenesUns(GROUPS, GENES, { groupby: "leiden", groups: ["T", "B", "T"] }),
    'found two groups named "T"',
  ],
  [
    "names of fewer genes",
    () => rankGenesUns(GROUPS, GENES.slice(1), { groupby: "leiden" }),
    "found 3 genes in group 0 for 2 names",
  ],
];

for (const [what, run, words] of REFUSED) {
  Deno.test(`rankGenesUns() refuses ${what}, in words`, () => {
    const error = assertThrows(run, SthelarError);
    assertEquals(error.tag, "InvalidArgument");
    assert(error.message.includes(words), error.message);
  });
}
