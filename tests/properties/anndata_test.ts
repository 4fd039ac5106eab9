import { assert, assertEquals } from "@std/assert";
import { NUMERIC_DTYPES } from "@/core/arrays.ts";
import { isSthelarError } from "@/core/errors.ts";
import type { SparseMatrix } from "@/core/sparse.ts";
import {
  type AnnData,
  type Column,
  type DataFrame,
  type Matrix,
  readAnnDataZarr,
  readH5ad,
  type UnsDict,
  type UnsValue,
  writeAnnDataZarr,
  writeH5ad,
} from "@/formats/anndata/mod.ts";
import { localDisk, MemoryDisk } from "@/formats/disk/mod.ts";
import type { Draw } from "./draw.ts";
import { forAll } from "./for_all.ts";

const KINDS = ["number", "text", "boolean", "category", "integer?", "boolean?", "text?"] as const;

function drawColumn(draw: Draw, rows: number): Column {
  const bits = () => Uint8Array.from({ length: rows }, () => draw.integer(0, 1));
  switch (draw.pick(KINDS)) {
    case "number":
      return draw.numbers(draw.pick(NUMERIC_DTYPES), rows);
    case "text":
      return draw.list(rows, () => draw.text());
    case "boolean":
      return { kind: "boolean", values: bits() };
    case "integer?": {
      const dtype = draw.pick(["int8", "int32", "int64", "uint16"] as const);
      return { kind: "nullable-integer", values: draw.numbers(dtype, rows), mask: bits() };
    }
    case "boolean?":
      return { kind: "nullable-boolean", values: bits(), mask: bits() };
    case "text?":
      return {
        kind: "nullable-string-array",
        values: draw.list(rows, () => draw.text()),
        mask: bits(),
      };
    case "category": {
      const levels = [
        ...new Set(draw.list(draw.pick([0, 1, 3, 130]), (i) => `${draw.text()}${i}`)),
      ];
      const codes = Int32Array.from({ length: rows }, () => draw.integer(-1, levels.length - 1));
      return { codes, levels, ordered: draw.chance(0.5) };
    }
  }
}

function drawFrame(draw: Draw, rows: number): DataFrame {
  const columns = draw.list(draw.integer(0, 3), (i): [string, Column] => [
    `${draw.text().replaceAll(/[/\p{Cc}]/gu, "")}${i}`,
    drawColumn(draw, rows),
  ]);
  return { index: draw.list(rows, (i) => `${draw.text()}${i}`), columns: new Map(columns) };
}

function drawSparse(draw: Draw, shape: readonly [number, number]): SparseMatrix {
  const format = draw.pick(["csr", "csc"] as const);
  const [major, minor] = format === "csr" ? shape : [shape[1], shape[0]];
  const rows = draw.list(major, () => draw.list(minor, (j) => j).filter(() => draw.chance(0.3)));
  const indptr = [0];
  for (const row of rows) indptr.push(indptr[indptr.length - 1] + row.length);
  const indices = rows.flat();
  return {
    format,
    shape,
    data: draw.numbers(draw.pick(["int32", "float32", "float64"]), indices.length),
    indices: Int32Array.from(indices),
    indptr: Int32Array.from(indptr),
  };
}

function drawMatrix(draw: Draw, rows: number, columns: number): Matrix {
  if (draw.chance(0.5)) return drawSparse(draw, [rows, columns]);
  const data = draw.numbers(draw.pick(NUMERIC_DTYPES), rows * columns);
  return { data, shape: [rows, columns] };
}

function drawUns(draw: Draw, depth: number): UnsDict {
  const value = (): UnsValue => {
    if (depth > 0 && draw.chance(0.4)) return drawUns(draw, depth - 1);
    return draw.pick<() => UnsValue>([
      () => draw.text(),
      () => draw.integer(-9, 9),
      () => draw.random.normal(),
      () => draw.chance(0.5),
      () => null,
      () => drawMatrix(draw, 2, draw.length()),
      () => drawFrame(draw, 2),
      () => draw.list(draw.length(), () => draw.text()),
    ])();
  };
  return new Map(draw.list(draw.integer(0, 3), (i): [string, UnsValue] => [`key ${i}`, value()]));
}

function drawTable(draw: Draw): AnnData {
  const [rows, columns] = [draw.length(), draw.length()];
  const matrices = (n: number, m: number) =>
    Object.fromEntries(draw.list(draw.integer(0, 2), (i) => [`m${i}`, drawMatrix(draw, n, m)]));
  return {
    X: drawMatrix(draw, rows, columns),
    obs: drawFrame(draw, rows),
    var: drawFrame(draw, columns),
    obsm: matrices(rows, draw.integer(1, 3)),
    varm: matrices(columns, draw.integer(1, 3)),
    obsp: matrices(rows, rows),
    varp: matrices(columns, columns),
    layers: matrices(rows, columns),
    uns: drawUns(draw, 2),
  };
}

/** HDF5 lists children by name, so dictionaries are compared without their order. */
function comparable(table: AnnData): unknown {
  return { ...table, uns: sorted(table.uns) };
}

function sorted(value: unknown): unknown {
  if (!(value instanceof Map)) return value;
  return [...value].map(([key, item]) => [key, sorted(item)])
    .sort(([a], [b]) => String(a) < String(b) ? -1 : 1);
}

forAll("anndata: any table is read back from zarr", { cases: 60, size: 7 }, async (draw) => {
  const disk = new MemoryDisk();
  const table = drawTable(draw);
  await writeAnnDataZarr(disk, "/t.zarr", table);
  assertEquals(comparable(await readAnnDataZarr(disk, "/t.zarr")), comparable(table));
});

forAll("anndata: any table is read back from h5ad", { cases: 25, size: 7 }, async (draw) => {
  const path = await Deno.makeTempFile({ suffix: ".h5ad" });
  try {
    const table = drawTable(draw);
    await writeH5ad(localDisk, path, table);
    assertEquals(comparable(await readH5ad(path)), comparable(table));
  } finally {
    await Deno.remove(path);
  }
});

/** Names that a folder or a group of HDF5 can't hold, or that mean something there. */
const ODD_NAMES = [
  "..",
  ".",
  "",
  "a/b",
  "/",
  "../up",
  "zarr.json",
  "_index",
  "c",
  "a\\b",
  "\u0000",
];

function withColumn(name: string): AnnData {
  return {
    obs: { index: ["a", "b"], columns: new Map([[name, Int32Array.of(1, 2)]]) },
    var: { index: [], columns: new Map() },
    ...{ obsm: {}, varm: {}, obsp: {}, varp: {}, layers: {} },
    uns: new Map(),
  };
}

async function checkReadOrRefused(
  name: string,
  write: (table: AnnData) => Promise<void>,
  read: () => Promise<AnnData>,
): Promise<void> {
  const table = withColumn(name);
  try {
    await write(table);
  } catch (error) {
    assert(isSthelarError(error, "InvalidArgument"), `"${name}": ${error}`);
    return;
  }
  assertEquals((await read()).obs.columns, table.obs.columns);
}

forAll("anndata: a column of any name is read back, or the name is refused", {
  cases: 40,
  size: 3,
}, async (draw) => {
  const disk = new MemoryDisk();
  await checkReadOrRefused(
    draw.chance(0.5) ? draw.pick(ODD_NAMES) : draw.text(),
    (table) => writeAnnDataZarr(disk, "/t.zarr", table),
    () => readAnnDataZarr(disk, "/t.zarr"),
  );
});

forAll("anndata: a column of any name is read back from h5ad, or the name is refused", {
  cases: 25,
  size: 3,
}, async (draw) => {
  const path = await Deno.makeTempFile({ suffix: ".h5ad" });
  try {
    await checkReadOrRefused(
      draw.chance(0.6) ? draw.pick(ODD_NAMES) : draw.text(),
      (table) => writeH5ad(localDisk, path, table),
      () => readH5ad(path),
    );
  } finally {
    await Deno.remove(path);
  }
});

for (const text of ["\u0000", "a\u0000b", "end\u0000"]) {
  Deno.test(`anndata: h5ad keeps or refuses the text ${JSON.stringify(text)}`, async () => {
    const path = await Deno.makeTempFile({ suffix: ".h5ad" });
    try {
      const table = { ...withColumn("column"), uns: new Map([["text", [text, "b"]]]) };
      await writeH5ad(localDisk, path, table).then(
        async () => assertEquals((await readH5ad(path)).uns, table.uns),
        (error) => assert(isSthelarError(error, "InvalidArgument"), `${error}`),
      );
    } finally {
      await Deno.remove(path);
    }
  });
}
