import { assert, assertEquals, assertRejects } from "@std/assert";
import { isSthelarError, SthelarError } from "@/core/errors.ts";
import {
  type AnnData,
  type Column,
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

function smallTable(): AnnData {
  return {
    X: {
      format: "csr",
      shape: [3, 2],
      data: Float32Array.of(1, 2, 3),
      indices: Int32Array.of(0, 1, 0),
      indptr: Int32Array.of(0, 1, 2, 3),
    },
    obs: {
      index: ["a", "b", "c"],
      columns: new Map<string, Column>([
        ["area", Float64Array.of(1, 2, 3)],
        ["label", { codes: Int32Array.of(0, 1, -1), levels: ["x", "y"], ordered: false }],
      ]),
    },
    var: { index: ["EPCAM", "VIM"], columns: new Map() },
    obsm: { X_umap: { data: new Float32Array(6), shape: [3, 2] } },
    varm: {},
    obsp: {},
    varp: {},
    layers: {},
    uns: new Map([["region", "cells"]]),
  };
}

Deno.test("a store without one of its files ends in a tagged error, or reads the fill value", async () => {
  const disk = new MemoryDisk();
  await writeAnnDataZarr(disk, "/t.zarr", smallTable());
  for (const [file, bytes] of [...disk.files]) {
    disk.files.delete(file);
    try {
      await readAnnDataZarr(disk, "/t.zarr");
    } catch (error) {
      assert(isSthelarError(error), `${file}: ${error}`);
      assert(error.path?.startsWith("/t.zarr"), `${file}: ${error.message}`);
    }
    disk.files.set(file, bytes);
  }
});

Deno.test("a store with one file cut short ends in a tagged error that names it", async () => {
  const disk = new MemoryDisk();
  await writeAnnDataZarr(disk, "/t.zarr", smallTable());
  for (const [file, bytes] of [...disk.files]) {
    for (const length of [0, 1, bytes.length >> 1, bytes.length - 1]) {
      disk.files.set(file, bytes.slice(0, length));
      const error = await assertRejects(() => readAnnDataZarr(disk, "/t.zarr"), SthelarError);
      assertEquals([error.tag, error.path], ["CorruptData", file], `${length} bytes`);
    }
    disk.files.set(file, bytes);
  }
});

const replaced: [string, string, Parameters<typeof writeElement>[2]][] = [
  ["a column of another length", "obs/area", Float64Array.of(1, 2)],
  ["a code above the levels", "obs/label/codes", Int8Array.of(0, 1, 2)],
  ["an index beyond the columns", "X/indices", Int32Array.of(0, 2, 0)],
  ["an indptr that falls", "X/indptr", Int32Array.of(0, 2, 1, 3)],
  ["fewer values than indices", "X/data", Float32Array.of(1, 2)],
  ["obsm of other rows", "obsm/X_umap", { data: new Float32Array(4), shape: [2, 2] }],
  ["a dictionary for a column", "obs/area", new Map([["a", 1]])],
  ["a text for X", "X", "nothing"],
];

for (const [what, name, element] of replaced) {
  Deno.test(`readAnnDataZarr() refuses ${what}`, async () => {
    const disk = new MemoryDisk();
    await writeAnnDataZarr(disk, "/t.zarr", smallTable());
    await disk.remove(`/t.zarr/${name}`);
    await writeElement(disk, `/t.zarr/${name}`, element);
    const error = await assertRejects(() => readAnnDataZarr(disk, "/t.zarr"), SthelarError);
    assertEquals(error.tag, "CorruptData");
    assert(error.path?.startsWith("/t.zarr"));
  });
}

Deno.test("an unknown encoding is UnsupportedVersion that lists the known ones", async () => {
  const disk = new MemoryDisk();
  await writeElement(disk, "/e", 1, { "encoding-type": "awkward-array" });
  const error = await assertRejects(
    () => readElement(disk, "/e"),
    SthelarError,
    "csr_matrix 0.1.0",
  );
  assertEquals(error.tag, "UnsupportedVersion");
  await assertRejects(() => readElement(disk, "/f"), SthelarError, "nothing of that name");
});

Deno.test("writeAnnDataZarr() refuses parts that do not fit, before it writes a value", async () => {
  const table = smallTable();
  const matrix = { data: new Float32Array(6), shape: [3, 2] };
  const wrong: Partial<AnnData>[] = [
    { X: { data: new Float32Array(4), shape: [2, 2] } },
    { layers: { counts: { data: new Float32Array(3), shape: [3, 1] } } },
    { obsp: { graph: matrix } },
    { varm: { PCs: matrix } },
    { obs: { index: ["a", "b", "c"], columns: new Map([["area", Float64Array.of(1)]]) } },
    { obs: { index: ["a", "b", "c"], columns: new Map([["_index", ["a", "b", "c"]]]) } },
    { obs: { index: ["a", "b", "c"], columns: new Map([["a/b", Float64Array.of(1, 2, 3)]]) } },
    { X: { ...smallTable().X as object, indptr: Int32Array.of(0, 1) } as AnnData["X"] & object },
  ];
  for (const change of wrong) {
    const write = () => writeAnnDataZarr(new MemoryDisk(), "/t.zarr", { ...table, ...change });
    const error = await assertRejects(write, SthelarError);
    assertEquals(error.tag, "InvalidArgument", JSON.stringify(Object.keys(change)));
  }
});

Deno.test("column() of a misspelt name says which is near", async () => {
  const disk = new MemoryDisk();
  await writeAnnDataZarr(disk, "/t.zarr", smallTable());
  const handle = await openAnnDataZarr(disk, "/t.zarr");
  await assertRejects(() => handle.column("obs", "lable"), SthelarError, 'did you mean "label"');
  await assertRejects(() => handle.csrRows(2, 4), SthelarError, "3 rows");
  await assertRejects(() => handle.csrRows(0, 1, "obsm/X_umap"), SthelarError, "csr matrix");
});

Deno.test("an h5ad file cut short at any boundary ends in a tagged error naming it", async () => {
  const folder = await Deno.makeTempDir();
  try {
    await writeH5ad(localDisk, `${folder}/t.h5ad`, new RandomTables(3).table(20, 10));
    const bytes = await Deno.readFile(`${folder}/t.h5ad`);
    const cut = `${folder}/cut.h5ad`;
    for (let i = 0; i < 20; i++) {
      await Deno.writeFile(cut, bytes.subarray(0, Math.floor(bytes.length * i / 20)));
      const error = await assertRejects(() => readH5ad(cut), SthelarError);
      assertEquals([error.tag, error.path], ["CorruptData", cut]);
    }
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
