import { assert, assertEquals, assertRejects } from "@std/assert";
import { readdirSync, readFileSync } from "node:fs";
import { SthelarError } from "@/core/errors.ts";
import { sparseFault, type SparseMatrix } from "@/core/sparse.ts";
import { type Atlas, openAtlas } from "@/formats/atlas/mod.ts";
import { localDisk, MemoryDisk } from "@/formats/disk/mod.ts";
import { writeHdf5 } from "@/formats/hdf5/mod.ts";
import { withTempDir } from "../../e2e/run_cli.ts";
import { testWithData } from "../../test_data.ts";

const FIXTURES = new URL("../../fixtures/atlas/", import.meta.url).pathname;
const GOLDEN = JSON.parse(readFileSync(`${FIXTURES}atlas.json`, "utf8")) as {
  readonly genes: readonly string[];
  readonly ids: readonly string[];
  readonly types: readonly (string | null)[];
  readonly counts: readonly (readonly number[])[];
};
const FILES = readdirSync(FIXTURES).filter((name) => /\.h5(ad)?$/.test(name));

/** The matrix as rows of numbers. */
function dense({ shape, data, indices, indptr }: SparseMatrix): number[][] {
  return Array.from({ length: shape[0] }, (_, row) => {
    const values = new Array<number>(shape[1]).fill(0);
    for (let k = Number(indptr[row]); k < Number(indptr[row + 1]); k++) {
      values[Number(indices[k])] = Number(data[k]);
    }
    return values;
  });
}

function picked(rows: readonly number[], genes: readonly number[]): number[][] {
  return rows.map((row) => genes.map((gene) => GOLDEN.counts[row][gene]));
}

async function checkAtlas(atlas: Atlas, matrixName?: string): Promise<void> {
  const matrix = atlas.matrices.find(({ name }) => name === (matrixName ?? atlas.matrices[0].name));
  assert(matrix !== undefined);
  assertEquals([atlas.cellCount, ...matrix.shape], [12, 12, 7]);
  assertEquals(matrix.genes.names, GOLDEN.genes);
  for (const [rows, genes] of [[[7, 0, 11, 4], [6, 0, 3]], [[10], [6]], [[], [1]], [[2], []]]) {
    const read = await matrix.readRows(Int32Array.from(rows), Int32Array.from(genes));
    assertEquals(sparseFault(read), undefined);
    assertEquals(dense(read), picked(rows, genes));
  }
  const { codes, levels } = await atlas.column("cell_type");
  assertEquals(Array.from(codes, (code) => levels[code] ?? null), GOLDEN.types);
}

for (const name of FILES) {
  Deno.test(`openAtlas() reads cells, genes and types of ${name}`, async () => {
    using atlas = await openAtlas(FIXTURES + name, localDisk);
    assertEquals(atlas.format, name.endsWith(".h5") ? "10x h5" : "h5ad");
    await checkAtlas(atlas, name === "layers.h5ad" ? "layers/counts" : undefined);
    assertEquals(atlas.matrices[0].genes.ids, GOLDEN.ids);
  });

  Deno.test(`a ${name} that is cut short is refused`, async () => {
    const bytes = await Deno.readFile(FIXTURES + name);
    await withTempDir(async (folder) => {
      for (const share of [0, 0.01, 0.3, 0.6, 0.99]) {
        const path = `${folder}/${share}.h5ad`;
        await Deno.writeFile(path, bytes.subarray(0, Math.floor(bytes.length * share)));
        const error = await assertRejects(() => openAtlas(path, localDisk), SthelarError, path);
        assertEquals(error.tag, "CorruptData");
      }
    });
  });
}

Deno.test("a layer and raw are matrices of their own, raw with genes of its own", async () => {
  using atlas = await openAtlas(`${FIXTURES}layers.h5ad`, localDisk);
  assertEquals(atlas.matrices.map(({ name, layout, shape }) => [name, layout, shape[1]]), [
    ["X", "dense", 7],
    ["raw/X", "csr", 8],
    ["layers/counts", "csr", 7],
    ["layers/log", "csr", 7],
  ]);
});

const encode = (text: string) => new TextEncoder().encode(text);

async function makeFolder(kind: "mex" | "3CA"): Promise<MemoryDisk> {
  const disk = new MemoryDisk();
  const entries = GOLDEN.counts.flatMap((row, cell) =>
    row.flatMap((count, gene) => count === 0 ? [] : [`${gene + 1} ${cell + 1} ${count}`])
  );
  const banner = `%%MatrixMarket matrix coordinate ${kind === "mex" ? "integer" : "real"} general`;
  const mtx = [banner, `7 12 ${entries.length}`, ...entries, ""].join("\n");
  const cells = GOLDEN.types.map((type, i) => `"cell${i}",${i},"${type ?? ""}"`);
  const csv = ['"cell_name",n,"cell_type"', ...cells, ""].join("\r\n");
  const files: Record<string, string> = kind === "3CA"
    ? {
      "Exp_data_UMIcounts.mtx": mtx,
      "Genes.txt": GOLDEN.genes.map((gene) => `"${gene}"`).join("\n"),
      "Cells.csv": csv,
    }
    : {
      "GSM1_matrix.mtx": mtx,
      "GSM1_features.tsv": GOLDEN.genes.map((gene, i) =>
        `${GOLDEN.ids[i]}\t${gene}\tGene Expression`
      )
        .join("\n"),
      "GSM1_barcodes.tsv": GOLDEN.types.map((_, i) => `cell${i}`).join("\n"),
      "cells.csv": csv,
    };
  for (const [name, text] of Object.entries(files)) await disk.write(`/a/${name}`, encode(text));
  return disk;
}

for (const kind of ["mex", "3CA"] as const) {
  Deno.test(`openAtlas() reads a folder of ${kind} files`, async () => {
    using atlas = await openAtlas("/a", await makeFolder(kind));
    assertEquals(atlas.format, kind === "mex" ? "10x mex" : "3CA");
    await checkAtlas(atlas);
  });
}

Deno.test("a folder that an archive unpacked into another is found", async () => {
  const disk = await makeFolder("3CA");
  await disk.rename("/a", "/outer/a");
  using atlas = await openAtlas("/outer", disk);
  assertEquals([atlas.path, atlas.cellCount], ["/outer/a", 12]);
});

Deno.test("a folder without a file it needs, or with fewer cells, is refused by name", async () => {
  const disk = await makeFolder("3CA");
  await disk.remove("/a/Genes.txt");
  const missing = await assertRejects(() => openAtlas("/a", disk), SthelarError, "Genes.txt");
  assertEquals(missing.tag, "NotFound");
  await disk.write("/a/Genes.txt", encode("CD3E\nMS4A1\n"));
  using atlas = await openAtlas("/a", disk);
  const [matrix] = atlas.matrices;
  const read = () => matrix.readRows(Int32Array.of(0), Int32Array.of(0));
  const short = await assertRejects(read, SthelarError, "7 features and 12 cells");
  assertEquals(short.tag, "CorruptData");
});

/** A matrix of Cell Ranger, 2 cells x 3 genes, whose parts may be wrong. */
async function writeTenx(path: string, indices: number[], indptr: number[]): Promise<void> {
  await writeHdf5(localDisk, path, (file) => {
    const write = (name: string, ...values: number[]) =>
      file.write(name, { data: Int32Array.from(values), shape: [values.length] });
    const texts = (name: string, values: string[]) =>
      file.writeStrings(name, values, [values.length]);
    file.createGroup("matrix");
    file.createGroup("matrix/features");
    write("matrix/shape", 3, 2);
    write("matrix/data", ...indices.map(() => 1));
    write("matrix/indices", ...indices);
    write("matrix/indptr", ...indptr);
    texts("matrix/barcodes", ["a", "b"]);
    texts("matrix/features/id", ["g1", "g2", "g3"]);
    texts("matrix/features/name", ["A", "B", "C"]);
  });
}

Deno.test("a matrix whose parts contradict each other is refused where it is read", () =>
  withTempDir(async (folder) => {
    const cases: [number[], number[], string][] = [
      [[0, 3], [0, 1, 2], "index 3"],
      [[0, -1], [0, 1, 2], "index -1"],
      [[0, 1], [0, 2, 1], "offsets that do not rise"],
      [[0, 1], [0, 1, 3], "offsets up to 3"],
      [[0, 1], [0, 2], "2 offsets"],
    ];
    for (const [i, [indices, indptr, found]] of cases.entries()) {
      const path = `${folder}/${i}.h5`;
      await writeTenx(path, indices, indptr);
      using atlas = await openAtlas(path, localDisk);
      const read = () => atlas.matrices[0].readRows(Int32Array.of(0, 1), Int32Array.of(0, 1, 2));
      assertEquals((await assertRejects(read, SthelarError, found)).tag, "CorruptData");
    }
  }));

Deno.test("values of one place are summed, as scipy does", () =>
  withTempDir(async (folder) => {
    await writeTenx(`${folder}/a.h5`, [2, 0, 2], [0, 3, 3]);
    using atlas = await openAtlas(`${folder}/a.h5`, localDisk);
    const read = await atlas.matrices[0].readRows(Int32Array.of(0, 1), Int32Array.of(0, 1, 2));
    assertEquals(dense(read), [[1, 0, 2], [0, 0, 0]]);
  }));

Deno.test("reads report cells, and stop when they are aborted", async () => {
  const rows = Int32Array.of(0, 5, 11), genes = Int32Array.of(0);
  for (const [name, unit] of [["csr", "cells"], ["csc", "genes"], ["dense", "cells"]]) {
    using atlas = await openAtlas(`${FIXTURES}${name}.h5ad`, localDisk);
    const [matrix] = atlas.matrices;
    const steps: [number, number, string][] = [];
    await matrix.readRows(rows, genes, {
      progress: { update: (...step) => steps.push(step) },
    });
    const total = unit === "cells" ? 3 : 1;
    assertEquals(steps.at(-1), [total, total, unit]);
    const stopped = () => matrix.readRows(rows, genes, { signal: AbortSignal.abort("stop") });
    assertEquals(await stopped().catch((reason) => reason), "stop");
  }
});

Deno.test("rows outside, or twice, are refused", async () => {
  using atlas = await openAtlas(`${FIXTURES}csc.h5ad`, localDisk);
  const [matrix] = atlas.matrices;
  for (const rows of [[12], [-1], [3, 3]]) {
    const read = () => matrix.readRows(Int32Array.from(rows), Int32Array.of(0));
    assertEquals((await assertRejects(read, SthelarError)).tag, "InvalidArgument");
  }
});

Deno.test("an unknown column names the nearest", async () => {
  for (const name of ["csr.h5ad", "tenx_v3.h5", "anndata07.h5ad"]) {
    using atlas = await openAtlas(FIXTURES + name, localDisk);
    await assertRejects(() => atlas.column("celltype"), SthelarError, '"cell_type"');
  }
});

testWithData("sc_lymphnode", "openAtlas() reads the lymph node reference", async (folder) => {
  using atlas = await openAtlas(`${folder}/lymph_ref.h5ad`, localDisk);
  const [matrix] = atlas.matrices;
  assertEquals([matrix.layout, matrix.shape], ["csr", [330, 10237]]);
  const { levels } = await atlas.column("cell_type");
  assertEquals(levels.length, 11);
  const all = Int32Array.from({ length: 10237 }, (_, gene) => gene);
  const rows = Int32Array.from({ length: 330 }, (_, row) => 329 - row);
  const { data, indptr } = await matrix.readRows(rows, all);
  assertEquals(data.length, 457600);
  // h5py: X[0].sum()
  assertEquals(sum(data.subarray(Number(indptr[329])) as Float32Array), 5120);
});

testWithData("sc_pbmc68k", "old and new layouts of one file give the same", async (folder) => {
  const rows = Int32Array.of(699, 0, 350), genes = Int32Array.of(764, 1, 0);
  const read = async (name: string) => {
    using atlas = await openAtlas(`${folder}/${name}`, localDisk);
    const matrices = [];
    for (const matrix of atlas.matrices) {
      matrices.push([matrix.name, dense(await matrix.readRows(rows, genes))]);
    }
    const { codes, levels } = await atlas.column("bulk_labels");
    return { matrices, types: Array.from(codes, (code) => levels[code]) };
  };
  const old = await read("10x_pbmc68k_reduced.h5ad");
  assertEquals(old.matrices.map(([name]) => name), ["X", "raw/X"]);
  assertEquals(old, await read("pbmc68k_reduced_modern.h5ad"));
  assertEquals(new Set(old.types).size, 10);
});

function sum(values: Float32Array): number {
  return values.reduce((total, value) => total + value, 0);
}
