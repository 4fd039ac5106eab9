import { assertEquals, assertRejects } from "@std/assert";
import { SthelarError } from "@/core/errors.ts";
import { MemoryDisk } from "@/formats/disk/mod.ts";
import type { DuckDb } from "@/formats/parquet/mod.ts";
import {
  checkIds,
  openTranscripts,
  openXeniumBundle,
  readBoundaries,
  readCells,
  readZLevels,
} from "@/formats/xenium/mod.ts";
import { xeniumBundleInput } from "@/formats/xenium/bundle_input.ts";
import { polygonAreas } from "@/geometry/mod.ts";
import { type Changes, TABLES, withBundle } from "./synthetic_bundle.ts";

const NO_TABLES: Changes = {
  "cells.parquet": null,
  "cell_boundaries.parquet": null,
  "nucleus_boundaries.parquet": null,
};

for (
  const [version, ids] of [
    ["1_0", ["1", "2", "3"]],
    ["1_3", ["aaaaaaaa-1", "aaaaaaab-1", "aaaaaaac-1"]],
  ] as const
) {
  const name = version.replace("_", ".");
  Deno.test(`cells.zarr.zip of ${name} gives polygons without padding, and none for a cell without nucleus`, () =>
    withBundle(
      { ...NO_TABLES, "cells.zarr.zip": `cells_${version}.zarr.zip` },
      async (bundle, db) => {
        const cells = await readBoundaries(bundle, db, "cell");
        assertEquals(cells.cellIds, ids);
        assertEquals(cells.labelIds, undefined);
        assertEquals([...polygonAreas(cells.polygons)], [4, 4, 4]);
        assertEquals([...cells.polygons.ringStart], [0, 5, 10, 15]);
        const nuclei = await readBoundaries(bundle, db, "nucleus");
        assertEquals(nuclei.cellIds, ids.slice(0, 2));
        assertEquals([...polygonAreas(nuclei.polygons)], [1, 1]);
        const { cellIds, nucleusCount, segmentationMethod, nucleusAreaUm2 } = await readCells(
          bundle,
          db,
        );
        assertEquals(cellIds, ids);
        assertEquals([nucleusCount, segmentationMethod], [undefined, undefined]);
        assertEquals(nucleusAreaUm2, Float64Array.of(1, 2, NaN));
      },
    ));
}

Deno.test("ids of cells.zarr.zip are compared with those of the cells (spatialdata-io #180, #150)", async () => {
  await withBundle({ "cells.zarr.zip": "cells_1_3.zarr.zip" }, async (bundle, db) => {
    assertEquals((await checkIds(bundle, db)).files.get("cellsZarr"), 3);
  });
  await withBundle({ "cells.zarr.zip": "cells_1_0.zarr.zip" }, async (bundle, db) => {
    const error = await assertRejects(() => checkIds(bundle, db), SthelarError);
    assertEquals([error.tag, error.found], [
      "IdMismatch",
      "3 unknown ids in cells.zarr.zip (1, 2, 3)",
    ]);
  });
});

Deno.test("transcripts are compared with the ids of cells.zarr.zip where there is no table of cells", () =>
  withBundle({
    ...NO_TABLES,
    "cells.zarr.zip": "cells_2_0.zarr.zip",
    "transcripts.parquet": TABLES["transcripts.parquet"].replaceAll("'aaaaaaac-1'", "'aaaaaaaz-1'"),
  }, async (bundle, db) => {
    const error = await assertRejects(() => checkIds(bundle, db), SthelarError);
    assertEquals(error.found, "1 unknown id in transcripts.parquet (aaaaaaaz-1)");
  }));

Deno.test("bare ids of transcripts get the suffix of those in cells.zarr.zip", () =>
  withBundle({
    ...NO_TABLES,
    "cells.zarr.zip": "cells_2_0.zarr.zip",
    "transcripts.parquet": TABLES["transcripts.parquet"].replaceAll(/'(aaaaaaa.)-1'/g, "'$1'"),
  }, async (bundle, db) => {
    assertEquals((await checkIds(bundle, db)).files.get("transcripts"), 2);
  }));

Deno.test("a transcript of cell 0 is unassigned unless cells.zarr.zip has a cell 0", () =>
  withBundle({
    ...NO_TABLES,
    "cells.zarr.zip": "cells_1_0.zarr.zip",
    "transcripts.parquet": `select * from (values (0, 'a', 0::float, 0::float), (1, 'a', 0, 0))
      rows(cell_id, feature_name, x_location, y_location)`,
  }, async (bundle, db) => {
    assertEquals((await openTranscripts(bundle, db)).zeroIsCell, false);
  }));

testFixture("openXeniumBundle() refuses a bundle of the Atera instrument", async (disk) => {
  await disk.write("/b/cells.zarr.zip", await fixture("cells_atera.zarr.zip"));
  const error = await assertRejects(() => openXeniumBundle("/b", disk), SthelarError);
  assertEquals([error.tag, error.path], ["UnsupportedVersion", "/b/cells.zarr.zip"]);
});

testFixture("a damaged cells.zarr.zip hinders only those who need it", async (disk) => {
  const bytes = await fixture("cells_2_0.zarr.zip");
  await disk.write("/b/cells.zarr.zip", bytes.subarray(0, bytes.length - 40));
  const bundle = await openXeniumBundle("/b", disk);
  const error = await assertRejects(() => readCells(bundle, NO_DB), SthelarError);
  assertEquals([error.tag, error.path], ["CorruptData", "/b/cells.zarr.zip"]);
});

testFixture(
  "a flipped byte anywhere in cells.zarr.zip is a right read or a tagged error",
  async (disk) => {
    const bytes = await fixture("cells_2_0.zarr.zip");
    for (let at = 0; at < bytes.length; at += 61) {
      const flipped = bytes.slice();
      flipped[at] ^= 0x55;
      await disk.write("/b/cells.zarr.zip", flipped);
      try {
        const bundle = await openXeniumBundle("/b", disk);
        await readCells(bundle, NO_DB);
        await readBoundaries(bundle, NO_DB, "nucleus");
      } catch (error) {
        if (!(error instanceof SthelarError)) throw error;
        assertEquals(error.path?.startsWith("/b/cells.zarr.zip"), true, error.message);
      }
    }
  },
);

/** What lies in zarr is read without SQL. */
const NO_DB = undefined as unknown as DuckDb;

function testFixture(name: string, run: (disk: MemoryDisk) => Promise<void>): void {
  Deno.test(name, () => run(new MemoryDisk()));
}

function fixture(name: string): Promise<Uint8Array<ArrayBuffer>> {
  return Deno.readFile(new URL(`../../fixtures/xenium/${name}`, import.meta.url));
}

Deno.test("readZLevels() reads the heights of cells.zarr.zip, where there is one with a summary", () =>
  withBundle({ "cells.zarr.zip": "cells_2_0.zarr.zip" }, async (bundle) => {
    assertEquals(await readZLevels(bundle, 3), Float64Array.of(0, 0, 0));
    const error = await assertRejects(() => readZLevels(bundle, 4), SthelarError);
    assertEquals(error.tag, "CorruptData");
    const files = new Map([...bundle.files].filter(([role]) => role !== "cellsZarr"));
    assertEquals(await readZLevels({ ...bundle, files }, 3), undefined);
  }));

Deno.test("a role that is read if it is there counts for a bundle's identity where it is", () =>
  withBundle({ "cells.zarr.zip": "cells_2_0.zarr.zip" }, async (_bundle, _db, folder) => {
    const { files } = xeniumBundleInput(["cells"], ["cellsZarr"]);
    const names = async () => (await files!(folder)).map((path) => path.slice(folder.length + 1));
    assertEquals(await names(), ["cells.parquet", "cells.zarr.zip"]);
    await Deno.remove(`${folder}/cells.zarr.zip`);
    assertEquals(await names(), ["cells.parquet"]);
  }));
