import { assertEquals } from "@std/assert";
import { dtypeOf, type NumericArray } from "@/core/arrays.ts";
import type { SparseMatrix } from "@/core/sparse.ts";
import {
  type AnnData,
  isDense,
  isKind,
  isNumericArray,
  isSparse,
  type Matrix,
  type NullableInteger,
  readAnnDataZarr,
  readH5ad,
  type Records,
  type UnsDict,
} from "@/formats/anndata/mod.ts";
import { localDisk } from "@/formats/disk/mod.ts";

const root = new URL("../../fixtures/anndata", import.meta.url).pathname;
const golden = JSON.parse(await Deno.readTextFile(`${root}/golden.json`));

const LAYOUTS: Record<string, () => Promise<AnnData>> = {
  "table.h5ad": () => readH5ad(`${root}/table.h5ad`),
  "v2.zarr": () => readAnnDataZarr(localDisk, `${root}/v2.zarr`),
  "v3.zarr": () => readAnnDataZarr(localDisk, `${root}/v3.zarr`),
};

function densify({ format, shape, data, indices, indptr }: SparseMatrix): number[] {
  const [rows, columns] = shape;
  const values = new Array<number>(rows * columns).fill(0);
  for (let i = 0; i < indptr.length - 1; i++) {
    for (let k = Number(indptr[i]); k < Number(indptr[i + 1]); k++) {
      const j = Number(indices[k]);
      values[format === "csr" ? i * columns + j : j * columns + i] = Number(data[k]);
    }
  }
  return values;
}

function matrixGolden(matrix: Matrix | undefined): unknown {
  if (isSparse(matrix)) {
    const { format, shape, data } = matrix;
    return { format, dtype: dtypeOf(data), shape, values: densify(matrix) };
  }
  if (!isDense(matrix)) return undefined;
  return { dtype: dtypeOf(matrix.data), shape: matrix.shape, values: plain(matrix.data) };
}

function plain(data: NumericArray): (number | string)[] {
  return Array.from(data as Float64Array, (v: number | bigint) => {
    return typeof v === "bigint" ? String(v) : v;
  });
}

for (const [name, read] of Object.entries(LAYOUTS)) {
  Deno.test(`${name}: names, columns and types are those that AnnData wrote`, async () => {
    const { obs, var: genes } = await read();
    assertEquals(obs.index, golden.obsNames);
    assertEquals(obs.indexName, undefined);
    assertEquals([genes.index, genes.indexName], [golden.varNames, golden.varIndexName]);
    assertEquals([...obs.columns.keys()], Object.keys(golden.obs));
    for (const key of ["area", "n_counts", "n_genes"]) {
      const column = obs.columns.get(key) as NumericArray;
      assertEquals({ dtype: dtypeOf(column), values: plain(column) }, golden.obs[key]);
    }
    assertEquals(obs.columns.get("note"), golden.obs.note.values);
    for (const key of ["label", "cluster"]) {
      const { codes, levels, ordered } = obs.columns.get(key) as {
        codes: Int32Array;
        levels: string[];
        ordered: boolean;
      };
      assertEquals({ codes: [...codes], levels, ordered }, golden.obs[key]);
    }
    for (const key of ["maybe_int", "maybe_bool"]) {
      const { values, mask } = obs.columns.get(key) as NullableInteger;
      assertEquals([...mask], golden.obs[key].mask.map(Number));
      const present = (list: ArrayLike<unknown>) =>
        Array.from(list).filter((_, i) => mask[i] === 0);
      assertEquals(present(values), present(golden.obs[key].values));
    }
    assertEquals(obs.columns.get("in_tissue"), {
      kind: "boolean",
      values: Uint8Array.of(1, 0, 1, 0, 1, 0),
    });
    assertEquals(genes.columns.get("highly_variable"), {
      kind: "boolean",
      values: Uint8Array.from(golden.highlyVariable),
    });
  });

  Deno.test(`${name}: matrices keep format, type, shape and values`, async () => {
    const table = await read();
    assertEquals(matrixGolden(table.X), golden.X);
    assertEquals(matrixGolden(table.layers.counts), golden.counts);
    assertEquals(matrixGolden(table.layers.dense), golden.dense);
    assertEquals(matrixGolden(table.obsm.X_umap as Matrix), golden.umap);
    assertEquals(matrixGolden(table.varm.PCs as Matrix), golden.PCs);
    assertEquals(matrixGolden(table.obsp.connectivities), golden.connectivities);
    assertEquals(matrixGolden(table.varp.pairs), golden.pairs);
    assertEquals(matrixGolden(table.raw?.X), golden.raw);
    assertEquals(table.raw?.var.index, golden.rawVar);
    const frame = table.obsm.frame as AnnData["obs"];
    assertEquals(frame.columns.get("p"), BigInt64Array.of(0n, 1n, 2n, 3n, 4n, 5n));
  });

  Deno.test(`${name}: unstructured values keep their types`, async () => {
    const { uns } = await read();
    const scalars = ["region", "n", "big", "ratio", "flag", "nothing"].map((key) => uns.get(key));
    assertEquals(scalars, ["cells", 3, 2n ** 62n, 0.5, true, null]);
    assertEquals(uns.get("colors"), ["#023fa5", "#7d87b9"]);
    assertEquals(uns.get("one"), ["single"]);
    assertEquals(uns.get("empty"), new Float32Array(0));
    const nested = uns.get("nested") as UnsDict;
    assertEquals(
      nested.get("params"),
      new Map<string, never>(Object.entries({ k: 15, metric: "euclidean" }) as []),
    );
    assertEquals(nested.get("values"), Int16Array.of(0, 1, 2));
    assertEquals(matrixGolden(uns.get("cube") as Matrix), golden.cube);
    const frame = uns.get("frame") as AnnData["obs"];
    assertEquals([frame.index, frame.columns.get("score")], [
      ["u", "v"],
      Float64Array.of(1.5, 2.5),
    ]);
    const records = uns.get("records");
    assertEquals(isKind(records, "records"), true);
    const { fields } = records as Records;
    assertEquals([...fields].map(([key, { dtype }]) => [key, dtype]), [
      ["n", "int32"],
      ["score", "float64"],
      ["gene", "string"],
    ]);
    assertEquals(fields.get("gene")?.data, ["CD8A", "µ"]);
  });
}

for (const name of ["legacy.h5ad", "legacy.zarr"]) {
  Deno.test(`${name}: data frames of version 0.1.0 keep their categories`, async () => {
    const table = name.endsWith(".zarr")
      ? await readAnnDataZarr(localDisk, `${root}/${name}`)
      : await readH5ad(`${root}/${name}`);
    assertEquals(table.obs.index, golden.obsNames);
    assertEquals(table.obs.columns.get("label"), {
      codes: Int32Array.of(1, 0, -1, 1, 0, 1),
      levels: ["a", "b"],
      ordered: true,
    });
    assertEquals(table.obs.columns.get("one"), {
      codes: new Int32Array(6),
      levels: ["single"],
      ordered: false,
    });
    const area = table.obs.columns.get("area");
    assertEquals(isNumericArray(area) && dtypeOf(area), "float32");
    assertEquals(isSparse(table.X) && table.X.shape, [6, 4]);
    assertEquals(isDense(table.obsm.X_umap) && table.obsm.X_umap.shape, [6, 2]);
    assertEquals(table.uns.get("colors"), ["#fff", "#000"]);
  });
}
