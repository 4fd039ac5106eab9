import { sparseFault, type SparseMatrix } from "@/core/sparse.ts";
import {
  type AnnData,
  columnLength,
  type DataFrame,
  openAnnDataZarr,
  readAnnDataZarr,
  readH5ad,
} from "@/formats/anndata/mod.ts";
import { diskOf, fixture, fixtureFolder, withLocalFiles } from "../seed_files.ts";
import { expectThat, type NamedSample, type Target } from "../target.ts";

const ROOT = "/t.zarr";
const H5AD = "/t.h5ad";

/** AnnData in zarr: before 0.7, in version 2 and in version 3. */
export const anndataZarr: Target = {
  name: "anndata_zarr",
  seeds: () =>
    Promise.all(["legacy", "v2", "v3"].map(async (name): Promise<NamedSample> => ({
      name,
      files: await fixtureFolder(`anndata/${name}.zarr`, ROOT),
    }))),
  async read(files, seed) {
    const disk = diskOf(files);
    const table = checked(await readAnnDataZarr(disk, ROOT));
    if (seed === "legacy") return table;
    const handle = await openAnnDataZarr(disk, ROOT);
    const rows = await handle.csrRows(0, Math.min(2, handle.shape[0]));
    return [table, await handle.obsNames(), await handle.varNames(), rows];
  },
};

/** AnnData in HDF5, before 0.7 and now. */
export const anndataH5ad: Target = {
  name: "anndata_h5ad",
  seeds: () =>
    Promise.all(["legacy", "table"].map(async (name): Promise<NamedSample> => ({
      name,
      files: new Map([[H5AD, await fixture(`anndata/${name}.h5ad`)]]),
    }))),
  read: (files) => withLocalFiles(files, async (folder) => checked(await readH5ad(folder + H5AD))),
};

function checked(table: AnnData): AnnData {
  checkFrame("obs", table.obs);
  checkFrame("var", table.var);
  const { X } = table;
  if (X !== undefined) {
    const shape = [table.obs.index.length, table.var.index.length];
    expectThat(String(X.shape) === String(shape), `X of ${X.shape} for ${shape}`);
    if ("format" in X) {
      const fault = sparseFault(X as SparseMatrix);
      expectThat(fault === undefined, `X with ${fault}`);
    }
  }
  return table;
}

function checkFrame(name: string, { index, columns }: DataFrame): void {
  expectThat(
    index.every((text) => typeof text === "string"),
    `${name} with a name that is no text`,
  );
  for (const [key, column] of columns) {
    const length = columnLength(column);
    expectThat(length === index.length, `${name}/${key} of ${length} for ${index.length}`);
  }
}
