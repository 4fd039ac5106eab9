import { assert, assertEquals, assertRejects } from "@std/assert";
import type { Categorical } from "@/core/categorical.ts";
import { SthelarError } from "@/core/errors.ts";
import type { SparseMatrix } from "@/core/sparse.ts";
import {
  isDataFrame,
  isDense,
  isSparse,
  openAnnDataZarr,
  readAnnDataZarr,
  readElement,
  readH5ad,
  writeAnnDataZarr,
} from "@/formats/anndata/mod.ts";
import { localDisk, MemoryDisk } from "@/formats/disk/mod.ts";
import { testWithData } from "../../test_data.ts";

testWithData(
  "sc_pbmc68k",
  "readH5ad() reads the layout before 0.7 as its modern copy",
  async (path) => {
    const old = await readH5ad(`${path}/10x_pbmc68k_reduced.h5ad`);
    const modern = await readH5ad(`${path}/pbmc68k_reduced_modern.h5ad`);
    assertEquals(old.X, modern.X);
    assertEquals(old.obs, modern.obs);
    assertEquals(old.var, modern.var);
    assertEquals(old.obsm, modern.obsm);
    assertEquals(old.varm, modern.varm);
    assertEquals(old.obsp, modern.obsp);
    assertEquals(old.raw, modern.raw);
    assertEquals(new Set(old.uns.keys()), new Set(modern.uns.keys()));
    for (const [key, value] of old.uns) assertEquals(value, modern.uns.get(key), key);
  },
);

testWithData(
  "sc_pbmc68k",
  "readH5ad() gives the values that scanpy's documentation shows",
  async (path) => {
    const table = await readH5ad(`${path}/10x_pbmc68k_reduced.h5ad`);
    assert(isDense(table.X));
    assertEquals(table.X.shape, [700, 765]);
    assertEquals(table.obs.index[0], "AAAGCCTGGCTAAC-1");
    const { codes, levels } = table.obs.columns.get("bulk_labels") as Categorical;
    assertEquals(levels.length, 10);
    assertEquals(levels[codes[0]], "CD14+ Monocyte");
  },
);

testWithData(
  "sc_lymphnode",
  "readH5ad() reads counts and cell types, and zarr keeps them",
  async (path) => {
    const table = await readH5ad(`${path}/lymph_ref.h5ad`);
    const { data, shape } = table.X as SparseMatrix;
    assertEquals([shape, data.length], [[330, 10237], 457600]);
    assertEquals((table.obs.columns.get("cell_type") as Categorical).levels.length, 11);
    const disk = new MemoryDisk();
    await writeAnnDataZarr(disk, "/t.zarr", table);
    assertEquals(await readAnnDataZarr(disk, "/t.zarr"), table);
  },
);

testWithData(
  "sdata_blobs",
  "readAnnDataZarr() reads the table of a v2 store as that of its v3 copy",
  async (path) => {
    const v2 = await readAnnDataZarr(localDisk, `${path}/blobs.zarr/tables/table`);
    const v3 = await readAnnDataZarr(localDisk, `${path}/blobs_v3.zarr/tables/table`);
    assertEquals(v2.obs.index, v3.obs.index);
    assertEquals(v2.var, v3.var);
    assertEquals(v2.uns.get("spatialdata_attrs"), v3.uns.get("spatialdata_attrs"));
    assert(isSparse(v2.X));
    const handle = await openAnnDataZarr(localDisk, `${path}/blobs_v3.zarr/tables/table`);
    assertEquals(handle.shape, [v3.obs.index.length, v3.var.index.length]);
  },
);

testWithData(
  "xenium_ileum_tiny.sdata.zarr",
  "a store of another program without its var group: obs is read, the table says what is missing",
  async (path) => {
    const table = `${path}/tables/table`;
    const obs = await readElement(localDisk, `${table}/obs`);
    assert(isDataFrame(obs));
    assertEquals(obs.index.length, 23);
    assertEquals((obs.columns.get("region") as Categorical).codes.length, 23);
    assertEquals((obs.columns.get("cell_id") as string[]).length, 23);
    const error = await assertRejects(() => openAnnDataZarr(localDisk, table), SthelarError);
    assertEquals([error.tag, error.path], ["NotFound", `${table}/var`]);
  },
);
