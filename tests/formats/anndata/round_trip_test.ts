import { assertEquals } from "@std/assert";
import {
  type AnnData,
  type Column,
  isSparse,
  openAnnDataZarr,
  readAnnDataZarr,
  readElement,
  readH5ad,
  writeAnnDataZarr,
  writeElement,
  writeH5ad,
} from "@/formats/anndata/mod.ts";
import { localDisk, MemoryDisk } from "@/formats/disk/mod.ts";
import { RandomTables } from "./random_table.ts";

/** HDF5 lists children by name, so dictionaries are compared without their order. */
function sorted(value: unknown): unknown {
  if (value instanceof Map) {
    return [...value].map(([key, item]) => [key, sorted(item)]).sort((a, b) =>
      a[0]! < b[0]! ? -1 : 1
    );
  }
  return value;
}

function comparable(table: AnnData): unknown {
  return { ...table, uns: sorted(table.uns) };
}

Deno.test("what writeAnnDataZarr() writes is read back: 60 random tables", async () => {
  const random = new RandomTables(11);
  for (let i = 0; i < 60; i++) {
    const disk = new MemoryDisk();
    const table = random.table();
    await writeAnnDataZarr(disk, "/t.zarr", table);
    assertEquals(
      comparable(await readAnnDataZarr(disk, "/t.zarr")),
      comparable(table),
      `table ${i}`,
    );
  }
});

Deno.test("what writeH5ad() writes is read back: 25 random tables", async () => {
  const random = new RandomTables(12);
  const folder = await Deno.makeTempDir();
  try {
    for (let i = 0; i < 25; i++) {
      const table = random.table();
      await writeH5ad(localDisk, `${folder}/${i}.h5ad`, table);
      assertEquals(
        comparable(await readH5ad(`${folder}/${i}.h5ad`)),
        comparable(table),
        `table ${i}`,
      );
    }
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("a table put together from fragments equals the table written at once", async () => {
  const table = new RandomTables(13).table(7, 4);
  const whole = new MemoryDisk();
  await writeAnnDataZarr(whole, "/t.zarr", table);
  const parts = new MemoryDisk();
  await writeAnnDataZarr(parts, "/t.zarr", { ...table, obs: { ...table.obs, columns: new Map() } });
  for (const [name, column] of table.obs.columns) {
    await writeElement(parts, `/t.zarr/obs/${name}`, column);
  }
  await parts.write("/t.zarr/obs/zarr.json", whole.files.get("/t.zarr/obs/zarr.json")!);
  assertEquals([...parts.files.keys()].sort(), [...whole.files.keys()].sort());
  assertEquals(comparable(await readAnnDataZarr(parts, "/t.zarr")), comparable(table));
});

Deno.test("readElement() reads what writeElement() wrote, each kind alone", async () => {
  const random = new RandomTables(14);
  const disk = new MemoryDisk();
  const table = random.table(5, 3);
  const elements = [...table.obs.columns.values(), table.X!, table.obs, "text", 4, true, null];
  for (const [i, element] of elements.entries()) {
    await writeElement(disk, `/e${i}`, element, { owner: "stage" });
    assertEquals(await readElement(disk, `/e${i}`), element);
  }
});

Deno.test("openAnnDataZarr() reads parts of a table equal to the whole", async () => {
  const random = new RandomTables(15);
  for (let i = 0; i < 20; i++) {
    const disk = new MemoryDisk();
    const table = random.table(8, 5);
    await writeAnnDataZarr(disk, "/t.zarr", table, { region: "cells" });
    const handle = await openAnnDataZarr(disk, "/t.zarr");
    assertEquals(handle.shape, [8, 5]);
    assertEquals(handle.attributes.region, "cells");
    assertEquals(await handle.obsNames(), table.obs.index);
    assertEquals(await handle.varNames(), table.var.index);
    assertEquals(handle.columnNames("obs"), [...table.obs.columns.keys()]);
    for (const [name, column] of table.obs.columns) {
      assertEquals<Column>(await handle.column("obs", name), column);
    }
    assertEquals(await handle.readX(), table.X);
    assertEquals(sorted(await handle.element("uns")), sorted(table.uns));
  }
});

Deno.test("csrRows() of every range equals the same rows of the whole matrix", async () => {
  const disk = new MemoryDisk();
  const random = new RandomTables(16);
  let table = random.table(6, 5);
  while (!isSparse(table.X) || table.X.format !== "csr") table = random.table(6, 5);
  const { data, indices, indptr } = table.X;
  await writeAnnDataZarr(disk, "/t.zarr", table);
  const handle = await openAnnDataZarr(disk, "/t.zarr");
  for (let from = 0; from <= 6; from++) {
    for (let to = from; to <= 6; to++) {
      const rows = await handle.csrRows(from, to);
      const [start, stop] = [Number(indptr[from]), Number(indptr[to])];
      assertEquals(rows.shape, [to - from, 5]);
      assertEquals(rows.data, data.slice(start, stop));
      assertEquals(rows.indices, indices.slice(start, stop));
      assertEquals(
        [...rows.indptr].map(Number),
        [...indptr.slice(from, to + 1)].map((at) => Number(at) - start),
      );
    }
  }
});
