import { assert, assertEquals, assertRejects } from "@std/assert";
import { constantCategorical } from "@/core/categorical.ts";
import type { Disk } from "@/core/disk.ts";
import { isSthelarError, SthelarError } from "@/core/errors.ts";
import { packPolygons } from "@/core/polygons.ts";
import {
  type AnnData,
  readAnnDataZarr,
  readElement,
  type UnsDict,
  writeAnnDataZarr,
} from "@/formats/anndata/mod.ts";
import { localDisk, MemoryDisk } from "@/formats/disk/mod.ts";
import {
  affineXY,
  createImageWriter,
  createLabelsWriter,
  describeSpatialData,
  identity,
  openSpatialData,
  type Transformation,
  writeShapes,
  writeStoreRoot,
  writeTable,
} from "@/formats/spatialdata/mod.ts";
import { convertToZarrV2 } from "@/formats/spatialdata/zarr_v2/mod.ts";
import { createGroup, openGroup, writeArray } from "@/formats/zarr/mod.ts";
import { RandomTables } from "../anndata/random_table.ts";
import { openSmallStore } from "./small_store.ts";

const ZARR_FIXTURES = new URL("../../fixtures/zarr", import.meta.url).pathname;

async function ownStore(): Promise<MemoryDisk> {
  const disk = new MemoryDisk();
  const image = await createImageWriter(disk, "/s.zarr", {
    name: "he",
    shape: [3, 20, 30],
    dtype: "uint16",
    channels: ["r", "g", "b"],
    tile: [1, 16, 16],
    pyramid: { kind: "halved", levels: 2 },
    transformations: new Map<string, Transformation>([
      ["global", affineXY([[1, 0, 5], [0, 1, 6]])],
      ["_he_intrinsic", identity],
    ]),
  });
  await image.writeTile({ channel: 1, row: 0, column: 1 }, new Uint16Array(16 * 14).fill(500));
  await image.finish();
  const labels = await createLabelsWriter(disk, "/s.zarr", {
    name: "nuclei_labels",
    shape: [20, 30],
    dtype: "uint32",
    tile: [16, 16],
    pyramid: { kind: "halved", levels: 1 },
    transformations: new Map([["global", identity]]),
  });
  await labels.finish();
  await writeShapes(disk, "/s.zarr", "nuclei", {
    ids: ["a", "b"],
    geometries: packPolygons([[[[0, 0, 1, 0, 1, 1, 0, 0]]], [[[2, 2, 3, 2, 3, 3, 2, 2]]]]),
    transformations: new Map([["global", identity]]),
  });
  await writeTable(disk, "/s.zarr", "table", {
    X: { data: Float32Array.of(1, NaN, 0, 4), shape: [2, 2] },
    obs: {
      index: ["a", "b"],
      columns: new Map([["region", constantCategorical("nuclei", 2)], ["id", ["a", "b"]]] as never),
    },
    var: { index: ["x", "y"], columns: new Map() },
    obsm: {},
    varm: {},
    obsp: {},
    varp: {},
    layers: {},
    uns: new Map([["none", null], ["ten", 10]] as never),
  }, { region: "nuclei", regionKey: "region", instanceKey: "id" });
  await writeStoreRoot(disk, "/s.zarr", { simulated: true });
  return disk;
}

// deno-lint-ignore no-explicit-any
async function json(disk: Disk, path: string): Promise<any> {
  return JSON.parse(new TextDecoder().decode((await disk.read(path))!));
}

async function filesBelow(disk: Disk, folder: string): Promise<string[]> {
  const files: string[] = [];
  for (const name of await disk.list(folder)) {
    const path = `${folder}/${name}`;
    const isFolder = (await disk.stat(path))?.isDirectory;
    files.push(...isFolder ? await filesBelow(disk, path) : [path]);
  }
  return files;
}

Deno.test("convertToZarrV2() writes the attributes that spatialdata 0.2 to 0.4 look for", async () => {
  const disk = await ownStore();
  await convertToZarrV2(disk, "/s.zarr", "/old.zarr");
  assertEquals(await json(disk, "/old.zarr/.zattrs"), {
    simulated: true,
    spatialdata_attrs: { spatialdata_software_version: "0.4.0", version: "0.1" },
  });
  const he = await json(disk, "/old.zarr/images/he/.zattrs");
  assertEquals(Object.keys(he).sort(), ["multiscales", "omero", "spatialdata_attrs"]);
  assertEquals(he.multiscales[0].version, "0.4");
  assertEquals(he.multiscales[0].datasets.map((d: { path: string }) => d.path), ["0", "1"]);
  assertEquals(he.omero, { channels: [{ label: "r" }, { label: "g" }, { label: "b" }] });
  assertEquals(he.spatialdata_attrs, { version: "0.1" });
  assertEquals(await json(disk, "/old.zarr/labels/.zattrs"), { labels: ["nuclei_labels"] });
  const labels = await json(disk, "/old.zarr/labels/nuclei_labels/.zattrs");
  assertEquals(labels["image-label"], { version: "0.4" });
  const shapes = await json(disk, "/old.zarr/shapes/nuclei/.zattrs");
  assertEquals(shapes.spatialdata_attrs, { version: "0.2" });
  assertEquals((await json(disk, "/old.zarr/tables/table/.zattrs")).version, "0.1");
  assertEquals(await json(disk, "/old.zarr/images/he/0/.zarray"), {
    chunks: [1, 16, 16],
    compressor: { id: "zstd", level: 1 },
    dimension_separator: "/",
    dtype: "<u2",
    fill_value: 0,
    filters: null,
    order: "C",
    shape: [3, 20, 30],
    zarr_format: 2,
  });
});

Deno.test("attributes have the keys and forms of those that spatialdata wrote itself", async () => {
  const { disk: theirs, root } = await openSmallStore(2);
  const disk = await ownStore();
  await convertToZarrV2(disk, "/s.zarr", "/old.zarr");
  const pairs = [["images/odd", "images/he"], ["tables/table_nuclei", "tables/table"]];
  for (const [wrote, converted] of pairs) {
    const expected = await json(theirs, `${root}/${wrote}/.zattrs`);
    const ours = await json(disk, `/old.zarr/${converted}/.zattrs`);
    assertEquals(Object.keys(ours).sort(), Object.keys(expected).sort());
  }
});

Deno.test("a converted store says of itself what the store says, and nothing of zarr v3 is left", async () => {
  const disk = await ownStore();
  const { omitted } = await convertToZarrV2(disk, "/s.zarr", "/old.zarr");
  assertEquals(omitted, ["tables/table/uns/none"]);
  const before = await describeSpatialData(await openSpatialData(disk, "/s.zarr"));
  const store = await openSpatialData(disk, "/old.zarr");
  const lines = (text: string) => text.split("\n").slice(1);
  assertEquals(lines(await describeSpatialData(store)), lines(before));
  assertEquals([store.zarrFormat, store.attributes], [2, { simulated: true }]);
  const files = await filesBelow(disk, "/old.zarr");
  assertEquals(files.filter((file) => /zarr\.json|\/c(\/|$)/.test(file)), []);
  const pixels = await (await store.image("he")).readRegion(0, { y0: 0, y1: 20, x0: 0, x1: 30 });
  assertEquals(pixels.data.filter((value) => value === 500).length, 16 * 14);
  assertEquals(await readElement(disk, "/old.zarr/tables/table/X"), {
    data: Float32Array.of(1, NaN, 0, 4),
    shape: [2, 2],
  });
});

Deno.test("the consolidated metadata, under both of its names, lists every document", async () => {
  const disk = await ownStore();
  await convertToZarrV2(disk, "/s.zarr", "/old.zarr");
  const noted = await json(disk, "/old.zarr/zmetadata");
  assertEquals(await json(disk, "/old.zarr/.zmetadata"), noted);
  assertEquals(noted.zarr_consolidated_format, 1);
  const files = (await filesBelow(disk, "/old.zarr"))
    .filter((file) => /\/\.z(group|attrs|array)$/.test(file));
  assertEquals(Object.keys(noted.metadata).sort(), files.map((f) => f.slice(10)).sort());
  for (const file of files) assertEquals(await json(disk, file), noted.metadata[file.slice(10)]);
});

Deno.test("chunks take no space: they are the files of the store", async () => {
  const folder = await Deno.makeTempDir();
  try {
    await writeArray(localDisk, `${folder}/s.zarr/images/x`, {
      data: Uint8Array.of(1, 2),
      shape: [2],
    });
    await createGroup(localDisk, `${folder}/s.zarr/images`);
    await writeStoreRoot(localDisk, `${folder}/s.zarr`);
    const { files } = await convertToZarrV2(localDisk, `${folder}/s.zarr`, `${folder}/old.zarr`);
    assertEquals(files, 1);
    const inode = async (path: string) => (await localDisk.stat(`${folder}/${path}`))!.inode;
    assertEquals(await inode("old.zarr/images/x/0"), await inode("s.zarr/images/x/c/0"));
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("10 random tables have the same values in zarr v2", async () => {
  const random = new RandomTables(5);
  for (let i = 0; i < 10; i++) {
    const disk = new MemoryDisk();
    await writeAnnDataZarr(disk, "/s.zarr/any/table", random.table());
    await createGroup(disk, "/s.zarr/any");
    await writeStoreRoot(disk, "/s.zarr");
    await convertToZarrV2(disk, "/s.zarr", "/old.zarr");
    assertEquals((await openGroup(disk, "/old.zarr/any/table")).zarrFormat, 2);
    const [ours, theirs] = await Promise.all(
      ["/old.zarr", "/s.zarr"].map((root) => readAnnDataZarr(disk, `${root}/any/table`)),
    );
    assertEquals(ours, withoutNulls(theirs));
  }
});

function withoutNulls(table: AnnData): AnnData {
  const clean = (dict: UnsDict): UnsDict =>
    new Map(
      [...dict].filter(([, value]) => value !== null)
        .map(([key, value]) => [key, value instanceof Map ? clean(value as UnsDict) : value]),
    );
  return { ...table, uns: clean(table.uns) };
}

/** The arrays that zarr-python wrote, copied into the store `/s.zarr`. */
async function withFixtures(names: (name: string) => boolean): Promise<MemoryDisk> {
  const disk = new MemoryDisk();
  for (const file of await filesBelow(localDisk, `${ZARR_FIXTURES}/v3.zarr`)) {
    const name = file.slice(`${ZARR_FIXTURES}/v3.zarr/`.length);
    const copied = name !== "zarr.json" && names(name.split("/")[0]);
    if (copied) await disk.write(`/s.zarr/any/${name}`, (await localDisk.read(file))!);
  }
  await createGroup(disk, "/s.zarr/any");
  await writeStoreRoot(disk, "/s.zarr");
  return disk;
}

Deno.test("arrays of zarr-python keep their values: codecs, orders, records, fill values", async () => {
  const golden = await json(localDisk, `${ZARR_FIXTURES}/golden.json`);
  const disk = await withFixtures((name) => !name.startsWith("sharded"));
  await convertToZarrV2(disk, "/s.zarr", "/old.zarr");
  const [before, after] = await Promise.all(
    ["/s.zarr/any", "/old.zarr/any"].map((path) => openGroup(disk, path)),
  );
  const names = Object.keys(golden).filter((name) => /^v3.zarr\/(?!sharded)/.test(name));
  assert(names.length >= 15);
  for (const name of names.map((name) => name.slice(8))) {
    const [from, to] = await Promise.all([before.array(name), after.array(name)]);
    assertEquals([to.dtype, to.shape, to.chunks], [from.dtype, from.shape, from.chunks], name);
    assertEquals(to.dimensionNames, from.dimensionNames, name);
    if (from.dtype === "string") assertEquals(await to.readStrings(), await from.readStrings());
    else assertEquals(await to.read(), await from.read(), name);
  }
  const zarray = (name: string) => json(disk, `/old.zarr/any/${name}/.zarray`);
  assertEquals((await zarray("missing")).fill_value, "NaN");
  assertEquals((await zarray("transposed")).order, "F");
  assertEquals((await zarray("big_endian")).dtype, ">f8");
  assertEquals((await zarray("dots")).dimension_separator, ".");
  assertEquals((await zarray("texts")).filters, [{ id: "vlen-utf8" }]);
  assertEquals((await zarray("records")).dtype, [["n", "<i4"], ["score", "<f8"], ["gene", "<U5"]]);
});

Deno.test("what zarr v2 lacks is UnsupportedVersion, before anything is written", async () => {
  const sharded = await withFixtures((name) => name === "raw" || name === "sharded");
  const error = await assertRejects(
    () => convertToZarrV2(sharded, "/s.zarr", "/old.zarr"),
    SthelarError,
    "sharding_indexed",
  );
  assertEquals([error.tag, error.path], ["UnsupportedVersion", "/s.zarr/any/sharded/zarr.json"]);
  assertEquals(await sharded.stat("/old.zarr"), undefined);

  const cases: readonly [found: string, change: (document: Record<string, unknown>) => void][] = [
    ["crc32c", (d) => (d.codecs as unknown[]).push({ name: "crc32c" })],
    ["lz9", (d) => d.codecs = [{ name: "bytes" }, { name: "lz9" }]],
    ["order [0,1]", (d) => {
      const order = [0, 1];
      d.codecs = [{ name: "transpose", configuration: { order } }, ...d.codecs as unknown[]];
    }],
    ["undefined", (d) => d.codecs = []],
    ["vlen-utf8 for", (d) => d.codecs = [{ name: "vlen-utf8" }]],
  ];
  for (const [found, change] of cases) {
    const disk = await withFixtures((name) => name === "zstd");
    const path = "/s.zarr/any/zstd/zarr.json";
    const document = await json(disk, path);
    change(document);
    await disk.write(path, new TextEncoder().encode(JSON.stringify(document)));
    const error = await assertRejects(
      () => convertToZarrV2(disk, "/s.zarr", "/old.zarr"),
      SthelarError,
      found,
    );
    assertEquals([error.tag, error.path], ["UnsupportedVersion", path]);
    assertEquals(await disk.stat("/old.zarr"), undefined);
  }
});

Deno.test("an element of another version is UnsupportedVersion and named", async () => {
  for (const path of ["images/he", "shapes/nuclei", "tables/table"]) {
    const disk = await ownStore();
    const document = await json(disk, `/s.zarr/${path}/zarr.json`);
    if (path.startsWith("tables")) document.attributes.version = "9";
    else document.attributes.spatialdata_attrs.version = "9";
    await disk.write(
      `/s.zarr/${path}/zarr.json`,
      new TextEncoder().encode(JSON.stringify(document)),
    );
    const error = await assertRejects(
      () => convertToZarrV2(disk, "/s.zarr", "/old.zarr"),
      SthelarError,
      path,
    );
    assertEquals(error.tag, "UnsupportedVersion");
  }
});

Deno.test("metadata without one of its entries gives a tagged error, or the same as before", async () => {
  const disk = await ownStore();
  const documents = (await filesBelow(disk, "/s.zarr")).filter((f) => f.endsWith("zarr.json"));
  let refused = 0;
  for (const path of documents) {
    const intact = (await disk.read(path))!;
    for (const change of await entriesOf(disk, path)) {
      await disk.write(path, new TextEncoder().encode(JSON.stringify(change)));
      try {
        await convertToZarrV2(disk, "/s.zarr", "/old.zarr");
      } catch (error) {
        if (!isSthelarError(error)) throw error;
        refused++;
      }
      await disk.remove("/old.zarr");
    }
    await disk.write(path, intact);
  }
  assert(refused > 20, `${refused} refused`);
});

/** With 1 every change is tried; that takes half a minute. */
const SAMPLE = 7;

/** A document without each of its entries in turn, at any depth, and with null in their place. */
async function entriesOf(disk: Disk, path: string): Promise<unknown[]> {
  const text = new TextDecoder().decode((await disk.read(path))!);
  const changed: unknown[] = [];
  const visit = (keys: readonly string[], value: unknown): void => {
    if (typeof value !== "object" || value === null) return;
    for (const key of Object.keys(value)) {
      for (const replacement of [undefined, null]) {
        const copy = JSON.parse(text);
        const parent = keys.reduce((node, name) => node[name], copy);
        parent[key] = replacement;
        changed.push(copy);
      }
      visit([...keys, key], (value as Record<string, unknown>)[key]);
    }
  };
  const document = JSON.parse(text);
  delete document.consolidated_metadata;
  visit([], document);
  return changed.filter((_, i) => i % SAMPLE === 0);
}

Deno.test("a store of zarr v2 is taken file by file as it is", async () => {
  const { disk, root } = await openSmallStore(2);
  const memory = new MemoryDisk();
  for (const file of await filesBelow(disk, root)) {
    await memory.write(`/s.zarr${file.slice(root.length)}`, (await disk.read(file))!);
  }
  await convertToZarrV2(memory, "/s.zarr", "/old.zarr");
  const below = async (folder: string) =>
    (await filesBelow(memory, folder)).map((file) => file.slice(folder.length));
  assertEquals(await below("/old.zarr"), await below("/s.zarr"));
  assertEquals(await memory.read("/old.zarr/.zgroup"), await memory.read("/s.zarr/.zgroup"));
});

Deno.test("convertToZarrV2() stops when asked, and of no store is NotFound", async () => {
  const disk = await ownStore();
  const stop = new AbortController();
  const progress = { update: (done: number) => done === 2 && stop.abort() };
  const error = await assertRejects(
    () => convertToZarrV2(disk, "/s.zarr", "/old.zarr", { signal: stop.signal, progress }),
    SthelarError,
  );
  assertEquals(error.tag, "Aborted");
  assertEquals(await disk.stat("/old.zarr/.zgroup"), undefined);
  const missing = await assertRejects(() => convertToZarrV2(disk, "/no", "/old"), SthelarError);
  assertEquals([missing.tag, missing.path], ["NotFound", "/no"]);
});
