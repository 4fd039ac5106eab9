import { assertEquals, assertRejects } from "@std/assert";
import { categorical } from "@/core/categorical.ts";
import { SthelarError } from "@/core/errors.ts";
import type { AnnData, Column } from "@/formats/anndata/mod.ts";
import { readAnnDataZarr } from "@/formats/anndata/mod.ts";
import { MemoryDisk } from "@/formats/disk/mod.ts";
import { openTable, writeTable, writeTableLink } from "@/formats/spatialdata/mod.ts";
import { openGroup } from "@/formats/zarr/mod.ts";

function tableOf(regions: readonly (string | undefined)[]): AnnData {
  const index = regions.map((_, i) => `cell-${i}`);
  return {
    obs: {
      index,
      columns: new Map<string, Column>([["region", categorical(regions)], ["cell_id", index]]),
    },
    var: { index: ["CD3E"], columns: new Map() },
    obsm: {},
    varm: {},
    obsp: {},
    varp: {},
    layers: {},
    uns: new Map([["note", "kept"]]),
  };
}

const link = { region: "nuclei", regionKey: "region", instanceKey: "cell_id" };

Deno.test("writeTable() keeps uns beside the link, and a table without X has a shape", async () => {
  const disk = new MemoryDisk();
  await writeTable(disk, "/s.zarr", "t", tableOf(["nuclei", "nuclei"]), link);
  assertEquals(await openTable(disk, "/s.zarr/tables/t"), {
    name: "t",
    path: "/s.zarr/tables/t",
    shape: [2, 1],
    link,
  });
  const { uns } = await readAnnDataZarr(disk, "/s.zarr/tables/t");
  assertEquals(uns.get("note"), "kept");
  assertEquals(
    uns.get("spatialdata_attrs"),
    new Map([["region", "nuclei"], ["region_key", "region"], ["instance_key", "cell_id"]]),
  );
});

Deno.test("writeTable() refuses rows that annotate nothing, and missing columns", async () => {
  const disk = new MemoryDisk();
  for (const regions of [["nuclei", "cells"], ["nuclei", undefined]]) {
    const error = await assertRejects(
      () => writeTable(disk, "/s.zarr", "t", tableOf(regions), link),
      SthelarError,
    );
    assertEquals([error.tag, error.path], ["InvalidArgument", "/s.zarr/tables/t"]);
  }
  const table = tableOf(["nuclei"]);
  await assertRejects(
    () => writeTable(disk, "/s.zarr", "t", table, { ...link, instanceKey: "id" }),
    SthelarError,
    'no column "id"',
  );
});

Deno.test("a table may annotate several elements, or none", async () => {
  const disk = new MemoryDisk();
  const both = { ...link, region: ["cells", "nuclei"] };
  await writeTable(disk, "/s.zarr", "both", tableOf(["nuclei", "cells"]), both);
  assertEquals((await openTable(disk, "/s.zarr/tables/both")).link, both);
  await writeTable(disk, "/s.zarr", "none", tableOf(["x"]));
  assertEquals((await openTable(disk, "/s.zarr/tables/none")).link, undefined);
});

Deno.test("writeTableLink() writes the link alone, as a fragment", async () => {
  const disk = new MemoryDisk();
  await writeTableLink(disk, "/f/uns", link);
  const group = await openGroup(disk, "/f/uns/spatialdata_attrs");
  assertEquals((await group.children()).map(({ name }) => name), [
    "instance_key",
    "region",
    "region_key",
  ]);
});
