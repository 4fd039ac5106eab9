import { assert, assertEquals, assertRejects } from "@std/assert";
import type { Disk } from "@/core/disk.ts";
import { SthelarError } from "@/core/errors.ts";
import { readElement } from "@/formats/anndata/mod.ts";
import { localDisk, MemoryDisk } from "@/formats/disk/mod.ts";
import { openDuckDb, parquetTable } from "@/formats/parquet/mod.ts";
import {
  describeSpatialData,
  ELEMENT_KINDS,
  openPoints,
  openSpatialData,
  selectPoints,
  type SpatialDataStore,
} from "@/formats/spatialdata/mod.ts";
import { openGroup } from "@/formats/zarr/mod.ts";
import { openZip, zipDisk, type ZipMethod, ZipWriter } from "@/formats/zip/mod.ts";
import { testWithData } from "../../test_data.ts";
import { openSmallStore } from "./small_store.ts";

/** Packs the files below a folder; `folderName` is theirs in the archive, "" for a flat one. */
async function pack(
  disk: Disk,
  root: string,
  folderName: string,
  method: ZipMethod,
): Promise<Uint8Array> {
  const parts: Uint8Array<ArrayBuffer>[] = [];
  const zip = new ZipWriter({
    append: (part) => {
      parts.push(part.slice());
      return Promise.resolve();
    },
  });
  const add = async (path: string): Promise<void> => {
    if ((await disk.stat(path))?.isDirectory) {
      for (const name of await disk.list(path)) await add(`${path}/${name}`);
    } else {
      const name = `${folderName}${path.slice(root.length)}`.replace(/^\//, "");
      await zip.add(name, (await disk.read(path))!, { method });
    }
  };
  await add(root);
  await zip.finish();
  return new Uint8Array(await new Blob(parts).arrayBuffer());
}

interface Packed {
  readonly disk: Disk;
  readonly root: string;
}

/** The store in a nested or flat, stored or deflated archive, opened in place. */
async function packed(disk: Disk, root: string, flat: boolean, method: ZipMethod): Promise<Packed> {
  const memory = new MemoryDisk();
  const folderName = flat ? "" : "sdata_x.zarr";
  await memory.write("/x.zarr.zip", await pack(disk, root, folderName, method));
  const inside = zipDisk(await openZip(memory, "/x.zarr.zip"));
  return { disk: inside, root: flat ? "" : "/sdata_x.zarr" };
}

const LAYOUTS = [false, true].flatMap((flat) =>
  (["stored", "deflate"] as const).map((method) => [flat, method] as const)
);

/** Everything that a store holds, read. */
async function contentOf(disk: Disk, store: SpatialDataStore): Promise<Record<string, unknown>> {
  const content: Record<string, unknown> = {};
  for (const kind of ELEMENT_KINDS) {
    for (const name of store.names(kind)) {
      content[`${kind}/${name}`] = await elementOf(disk, store, kind, name);
    }
  }
  return content;
}

async function elementOf(
  disk: Disk,
  store: SpatialDataStore,
  kind: typeof ELEMENT_KINDS[number],
  name: string,
): Promise<unknown> {
  switch (kind) {
    case "images":
    case "labels": {
      const image = await store[kind === "images" ? "image" : "labels"](name);
      const levels = image.levels.map(({ shape }, level) => {
        const [height, width] = shape.slice(-2);
        const [y0, x0] = [height, width].map((n) => Math.max(0, (n >> 1) - 200));
        const box = { y0, y1: Math.min(height, y0 + 400), x0, x1: Math.min(width, x0 + 400) };
        return image.readRegion(level, box);
      });
      return [image.channels, image.transformations, ...await Promise.all(levels)];
    }
    case "points":
      return await pointsOf(disk, store, name);
    case "shapes": {
      const { columns, ...shapes } = await store.shapes(name);
      return [shapes, ...columns.names.map((column) => [column, columns.column(column)])];
    }
    case "tables": {
      const { path } = await store.table(name);
      const parts = await (await openGroup(disk, path)).children();
      return await Promise.all(parts.map((part) => readElement(disk, `${path}/${part.name}`)));
    }
  }
}

async function pointsOf(disk: Disk, store: SpatialDataStore, name: string): Promise<unknown> {
  const points = await store.points(name);
  const folder = await Deno.makeTempDir({ prefix: "sthelar-points-" });
  const files = points.parquetPaths.map((_, part) => `${folder}/part.${part}.parquet`);
  for (const [part, path] of points.parquetPaths.entries()) {
    await localDisk.write(files[part], (await disk.read(path))!);
  }
  const columns = points.columns.map(({ name }) => name);
  const text = points.columns.filter(({ kind }) => kind === "text").map(({ name }) => name);
  using db = await openDuckDb({ memoryBytes: 256e6, threads: 1 });
  const local = { ...points, parquetPaths: files, table: parquetTable(files) };
  const read = await db.query(selectPoints(local, columns), { text });
  await localDisk.remove(folder);
  return [
    points.rowCount,
    points.transformations,
    columns.map((column) => [column, read.column(column)]),
  ];
}

async function readInPlace(disk: Disk, root: string, layouts = LAYOUTS): Promise<void> {
  const expected = await contentOf(disk, await openSpatialData(disk, root));
  const description = await describeSpatialData(await openSpatialData(disk, root));
  for (const [flat, method] of layouts) {
    const zip = await packed(disk, root, flat, method);
    const store = await openSpatialData(zip.disk, zip.root);
    const content = await contentOf(zip.disk, store);
    assertEquals(Object.keys(content), Object.keys(expected));
    for (const [name, element] of Object.entries(expected)) {
      assertEquals(content[name], element, `${flat} ${method} ${name}`);
    }
    const [, ...lines] = (await describeSpatialData(store)).split("\n");
    assertEquals(lines, description.split("\n").slice(1));
  }
}

for (const zarr of [2, 3] as const) {
  Deno.test(`a zarr v${zarr} store is read in place from a nested or flat, stored or deflated zip (spatialdata #1141)`, async () => {
    const { disk, root } = await openSmallStore(zarr);
    await readInPlace(disk, root);
  });
}

for (const name of ["blobs.zarr", "blobs_v3.zarr"]) {
  testWithData(
    "sdata_blobs",
    `every element of ${name} is read in place from a zip of each kind`,
    (folder) => readInPlace(localDisk, `${folder}/${name}`),
  );
}

testWithData(
  "xenium_ileum_tiny.sdata.zarr",
  "every element of a published store is read in place from a zip made by zip -r",
  (folder) => readInPlace(localDisk, folder, [[false, "deflate"]]),
);

Deno.test("points of a zip cannot be queried where they lie: NotFound that names the file", async () => {
  const { disk, root } = await openSmallStore(3);
  const points = await openPoints(disk, `${root}/points/st`);
  using db = await openDuckDb({ memoryBytes: 256e6, threads: 1 });
  const error = await assertRejects(() => db.query(selectPoints(points, ["x"])), SthelarError);
  assertEquals(error.tag, "NotFound");
  assert(error.message.includes("part.0.parquet"), error.message);
});
