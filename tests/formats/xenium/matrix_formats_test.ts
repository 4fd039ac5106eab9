import { assertEquals, assertRejects } from "@std/assert";
import { SthelarError } from "@/core/errors.ts";
import { MemoryDisk } from "@/formats/disk/mod.ts";
import {
  bundleFiles,
  type CellFeatureMatrix,
  openXeniumBundle,
  readCellFeatureMatrix,
} from "@/formats/xenium/mod.ts";
import { gzipSync } from "node:zlib";
import { type Changes, withBundle } from "./synthetic_bundle.ts";

const FEATURES =
  "G1\tCD3E\tGene Expression\nG2\tACTB\tGene Expression\nP\tCD45\tProtein Expression\n";
const BARCODES = "aaaaaaaa-1\naaaaaaab-1\n";
const BANNER = "%%MatrixMarket matrix coordinate integer general\n";

/** Reads a MEX folder of these files. */
async function readMex(files: Readonly<Record<string, string | Uint8Array>>) {
  const disk = new MemoryDisk();
  for (const [name, content] of Object.entries(files)) {
    const bytes = typeof content === "string" ? new TextEncoder().encode(content) : content;
    await disk.write(`/b/cell_feature_matrix/${name}`, bytes);
  }
  return await readCellFeatureMatrix(await openXeniumBundle("/b", disk));
}

function dense({ matrix: { shape, data, indices, indptr } }: CellFeatureMatrix): number[][] {
  const rows = Array.from({ length: shape[0] }, () => new Array<number>(shape[1]).fill(0));
  rows.forEach((row, cell) => {
    for (let k = Number(indptr[cell]); k < Number(indptr[cell + 1]); k++) {
      row[Number(indices[k])] = Number(data[k]);
    }
  });
  return rows;
}

const SORTED = `${BANNER}3 2 3\n1 1 4\n3 1 50\n2 2 6\n`;

for (
  const [name, matrix] of [
    ["sorted by cell", SORTED],
    ["sorted by feature", `${BANNER}3 2 3\n1 1 4\n2 2 6\n3 1 50\n`],
    [
      "with comments, spaces and Windows line ends",
      `${BANNER}%json: {}\n%\n 3  2 3 \n1 1 4\n%\n\n3\t1 50 \n2 2 6`
        .replaceAll("\n", "\r\n"),
    ],
    ["of real numbers", `${BANNER.replace("integer", "real")}3 2 3\n1 1 4.0\n3 1 5e1\n2 2 6\n`],
    ["of whole numbers written with a point", SORTED.replace("1 1 4", "1 1 4.0")],
  ] as const
) {
  Deno.test(`readCellFeatureMatrix() reads a matrix.mtx ${name}`, async () => {
    for (const gzip of [false, true]) {
      const file = gzip
        ? { "matrix.mtx.gz": new Uint8Array(gzipSync(matrix)) }
        : { "matrix.mtx": matrix };
      const read = await readMex({ ...file, "barcodes.tsv": BARCODES, "features.tsv": FEATURES });
      assertEquals(dense(read), [[4, 0, 50], [0, 6, 0]]);
      assertEquals(
        read.matrix.data.constructor,
        name.startsWith("of real") ? Float64Array : Int32Array,
      );
    }
  });
}

Deno.test("a matrix.mtx is parsed alike wherever the blocks of the file end", async () => {
  const count = 120_000;
  let text = `${BANNER}3 ${count} ${2 * count}\n`;
  for (let cell = 1; cell <= count; cell++) text += `1 ${cell} ${cell}\n3 ${cell} 7\n`;
  const barcodes = Array.from({ length: count }, (_, i) => `${i}\n`).join("");
  const { matrix } = await readMex({
    "matrix.mtx": text,
    "barcodes.tsv": barcodes,
    "features.tsv": FEATURES,
  });
  assertEquals([matrix.data.length, matrix.indptr[count]], [2 * count, 2 * count]);
  for (let cell = 0; cell < count; cell++) {
    if (matrix.data[2 * cell] !== cell + 1 || matrix.indices[2 * cell + 1] !== 2) {
      throw new Error(`cell ${cell} is wrong`);
    }
  }
});

for (
  const [name, matrix, found] of [
    [
      "another banner",
      "%%MatrixMarket matrix array real general\n",
      '"%%MatrixMarket matrix array',
    ],
    ["no banner", "3 2 1\n1 1 1\n", '"3 2 1"'],
    ["nothing in it", "", "no sizes"],
    ["no sizes", BANNER, "no sizes"],
    ["sizes that are none", `${BANNER}3 2\n`, '"3 2"'],
    ["other sizes", `${BANNER}3 3 1\n1 3 1\n`, "3 features and 3 cells"],
    ["a huge declared count", `${BANNER}3 2 4000000000\n`, "4000000000 counts in 3 x 2"],
    ["fewer counts than declared", SORTED.replace("2 2 6\n", ""), "2 counts"],
    ["more counts than declared", `${SORTED}1 2 1\n`, "more counts, in line 6"],
    ["a feature 0", SORTED.replace("1 1 4", "0 1 4"), '"0 1 4" in line 3'],
    ["a feature too many", SORTED.replace("2 2 6", "4 2 6"), '"4 2 6" in line 5'],
    ["a cell too many", SORTED.replace("2 2 6", "2 3 6"), '"2 3 6" in line 5'],
    ["a word for a number", SORTED.replace("3 1 50", "3 1 x"), '"3 1 x" in line 4'],
    ["a fraction of a count", SORTED.replace("3 1 50", "3 1 0.5"), '"3 1 0.5" in line 4'],
    ["two numbers in a line", SORTED.replace("3 1 50", "3 1"), '"3 1" in line 4'],
    ["four numbers in a line", SORTED.replace("3 1 50", "3 1 5 0"), '"3 1 5 0" in line 4'],
    ["a line without end", `${BANNER}3 2 1\n${"1".repeat(9000)}`, "a line of more than"],
  ] as const
) {
  Deno.test(`readCellFeatureMatrix() refuses a matrix.mtx with ${name}`, async () => {
    const error = await assertRejects(
      () => readMex({ "matrix.mtx": matrix, "barcodes.tsv": BARCODES, "features.tsv": FEATURES }),
      SthelarError,
    );
    assertEquals([error.tag, error.path], ["CorruptData", "/b/cell_feature_matrix/matrix.mtx"]);
    assertEquals(error.found?.startsWith(found), true, error.found);
  });
}

Deno.test("readCellFeatureMatrix() refuses a MEX file that is cut short, short of fields or missing", async () => {
  const whole = { "matrix.mtx": SORTED, "barcodes.tsv": BARCODES, "features.tsv": FEATURES };
  const packed = new Uint8Array(gzipSync(SORTED));
  const { "features.tsv": _, ...withoutFeatures } = whole;
  for (
    const [files, tag, path] of [
      [{ ...whole, "matrix.mtx.gz": packed.subarray(0, -3) }, "CorruptData", "/matrix.mtx.gz"],
      [{ ...whole, "features.tsv": "G1\tCD3E\n" }, "CorruptData", "/features.tsv"],
      [withoutFeatures, "NotFound", ""],
    ] as const
  ) {
    const error = await assertRejects(() => readMex(files), SthelarError);
    assertEquals([error.tag, error.path], [tag, `/b/cell_feature_matrix${path}`]);
  }
});

Deno.test("a MEX with proteins says that their scale is unknown, an h5 with the factor does not", async () => {
  const mex = await readMex({
    "matrix.mtx": SORTED,
    "barcodes.tsv": BARCODES,
    "features.tsv": FEATURES,
  });
  assertEquals([mex.proteinScaleUnknown, mex.proteinScalingFactor], [true, undefined]);
  await withBundle({}, async (bundle) => {
    const { proteinScaleUnknown, proteinScalingFactor } = await readCellFeatureMatrix(bundle);
    assertEquals([proteinScaleUnknown, proteinScalingFactor], [false, 10]);
  });
  const genes = await readMex({
    "matrix.mtx": `${BANNER}1 2 0\n`,
    "barcodes.tsv": BARCODES,
    "features.tsv": "G1\tCD3E\tGene Expression\n",
  });
  assertEquals([genes.proteinScaleUnknown, genes.matrix.data.length], [false, 0]);
});

const ZARR: Changes = { "cell_feature_matrix.h5": null };

Deno.test("a flipped byte anywhere in cell_feature_matrix.zarr.zip is a right read or a tagged error", async () => {
  const url = new URL("../../fixtures/xenium/matrix.zarr.zip", import.meta.url);
  const bytes = await Deno.readFile(url);
  const disk = new MemoryDisk();
  const path = "/b/cell_feature_matrix.zarr.zip";
  for (let at = 0; at < bytes.length; at += 31) {
    const flipped = bytes.slice();
    flipped[at] ^= 0x55;
    await disk.write(path, flipped);
    try {
      await readCellFeatureMatrix(await openXeniumBundle("/b", disk));
    } catch (error) {
      if (!(error instanceof SthelarError)) throw error;
      assertEquals(error.path?.startsWith(path), true, error.message);
    }
  }
});

Deno.test("cell_feature_matrix.zarr.zip loses the row that sums the others", () =>
  withBundle({ ...ZARR, "cell_feature_matrix.zarr.zip": "matrix.zarr.zip" }, async (bundle) => {
    const read = await readCellFeatureMatrix(bundle);
    assertEquals(read.features.names, ["CD3E", "ACTB", "NegControlProbe_00001", "CD45"]);
    assertEquals(dense(read), [[2, 0, 1, 0], [0, 0, 0, 0], [1, 5, 0, 30]]);
  }));

Deno.test("bundleFiles() names the three files of a MEX folder", () =>
  withBundle({
    ...ZARR,
    "cell_feature_matrix/barcodes.tsv.gz": "mex/barcodes.tsv.gz",
    "cell_feature_matrix/features.tsv.gz": "mex/features.tsv.gz",
    "cell_feature_matrix/matrix.mtx.gz": "mex/matrix.mtx.gz",
  }, async (_, __, folder) => {
    assertEquals(
      (await bundleFiles(folder, ["matrix"])).map((path) => path.slice(folder.length + 1)),
      ["barcodes.tsv.gz", "features.tsv.gz", "matrix.mtx.gz"].map((name) =>
        `cell_feature_matrix/${name}`
      ),
    );
  }));
