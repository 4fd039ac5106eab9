import { assert, assertEquals, assertThrows } from "@std/assert";
import { SthelarError } from "@/core/errors.ts";
import { findLabelKey, matchGenes, readProfiles } from "@/formats/atlas/mod.ts";
import { localDisk, MemoryDisk } from "@/formats/disk/mod.ts";
import { writeParquet } from "@/formats/parquet/mod.ts";
import { assertRejects } from "@std/assert";
import { testWithData } from "../../test_data.ts";

const names = (...texts: string[]) => ({ names: texts, ids: undefined });

Deno.test("matchGenes() prefers the same letters, then takes the first in other letters, as Tangram", () => {
  const shared = matchGenes(
    names("kit", "Kit", "cd3e", "CD3E", "MPO"),
    names("CD3E", "KIT", "VIM"),
  );
  assertEquals([...shared.atlasColumns], [3, 0]);
  assertEquals([...shared.panelPositions], [0, 1]);
  assertEquals(shared.kinds, ["name", "case"]);
  assertEquals(shared.onlyInPanel, ["VIM"]);
  assertEquals(shared.onlyInAtlas, 3);
  assertEquals(shared.duplicates, ["kit", "cd3e"]);
});

Deno.test("one gene of the atlas stands for one gene of the panel", () => {
  const shared = matchGenes(names("kit"), names("KIT", "Kit"));
  assertEquals([...shared.panelPositions], [0]);
  assertEquals(shared.onlyInPanel, ["Kit"]);
});

Deno.test("Ensembl ids match where both know them, whatever their version", () => {
  const atlas = { names: ["ENSG00000198851.9", "ENSG00000157404.1"], ids: undefined };
  const panel = {
    names: ["CD3E", "KIT", "MPO"],
    ids: ["ENSG00000198851", "ENSG00000157404", "ENSG00000005381"],
  };
  const shared = matchGenes(atlas, panel);
  assertEquals(shared.kinds, ["id", "id"]);
  assertEquals([...shared.atlasColumns], [0, 1]);
  const error = assertThrows(() => matchGenes(atlas, names("CD3E", "KIT")), SthelarError);
  assert(error.remedy?.includes("Ensembl ids"));
});

Deno.test("without a shared gene the heads of both lists are shown", () => {
  const error = assertThrows(() => matchGenes(names("a", "b"), names("KIT", "MPO")), SthelarError);
  assertEquals(error.tag, "InvalidArgument");
  assertEquals(
    error.found,
    'no gene in both: the atlas has "a", "b", … (2), the panel "KIT", "MPO", … (2)',
  );
});

Deno.test("findLabelKey() takes ct first, and names the columns where it knows none", () => {
  const find = (columns: string[], given?: string) => findLabelKey({ path: "/a", columns }, given);
  assertEquals(find(["celltype", "ct"]), "ct");
  assertEquals(find(["n_genes", "Cell Type"]), "Cell Type");
  assertEquals(find(["bulk_labels"], "bulk_labels"), "bulk_labels");
  assertThrows(() => find(["bulk_labels", "phase"]), SthelarError, '"bulk_labels", "phase"');
  assertThrows(() => find([]), SthelarError, "nothing about its cells");
  assertThrows(
    () => find(["bulk_labels"], "bulk_label"),
    SthelarError,
    'did you mean "bulk_labels"',
  );
});

Deno.test("readProfiles() names the first value that can be no mean of counts", async () => {
  const disk = new MemoryDisk();
  for (const [value, found] of [[-1, '-1 for gene "KIT" in "T"'], [NaN, "NaN for gene"]] as const) {
    await writeParquet(
      disk,
      "/p.parquet",
      new Map([
        ["T", { kind: "numbers", values: Float64Array.of(0, value) }],
        ["gene", { kind: "text", values: ["VIM", "KIT"] }],
      ]),
    );
    await assertRejects(() => readProfiles(disk, "/p.parquet"), SthelarError, found);
  }
});

testWithData("sc_profiles", "readProfiles() reads pandas' mean profiles", async (folder) => {
  const path = `${await Deno.realPath(folder)}/Pancreas_HCA.parquet`;
  const { types, genes, values } = await readProfiles(localDisk, path);
  assertEquals(types.slice(0, 2), ["pancreatic.A.cell", "acinar.cell"]);
  assertEquals([genes.names.length, values.length], [15975, 6 * 15975]);
  // pandas: df.loc["A1BG", "acinar.cell"]
  assertEquals(values[15975 + genes.names.indexOf("A1BG")], Math.fround(4.76011848449707));
});
