import { assertEquals, assertRejects } from "@std/assert";
import { SthelarError } from "@/core/errors.ts";
import type { SparseMatrix } from "@/core/sparse.ts";
import {
  checkIds,
  openTranscripts,
  readBoundaries,
  readCellFeatureMatrix,
  readCells,
} from "@/formats/xenium/mod.ts";
import { TABLES, withBundle } from "./synthetic_bundle.ts";

function dense({ shape, data, indices, indptr }: SparseMatrix): number[][] {
  return Array.from({ length: shape[0] }, (_, row) => {
    const values = new Array<number>(shape[1]).fill(0);
    for (let k = Number(indptr[row]); k < Number(indptr[row + 1]); k++) {
      values[Number(indices[k])] = Number(data[k]);
    }
    return values;
  });
}

Deno.test("readCells() gives typed columns in the order of the file", () =>
  withBundle({}, async (bundle, db) => {
    const cells = await readCells(bundle, db);
    assertEquals(cells.cellIds, ["aaaaaaaa-1", "aaaaaaab-1", "aaaaaaac-1"]);
    assertEquals([...cells.counts], [
      ["transcript_counts", Int32Array.of(2, 0, 6)],
      ["total_counts", Int32Array.of(3, 0, 36)],
    ]);
    assertEquals(cells.xUm, Float64Array.of(1, 6, 9));
    assertEquals(cells.nucleusAreaUm2, Float64Array.of(1, 2, NaN));
    assertEquals(cells.nucleusCount, Int32Array.of(1, 2, 0));
    assertEquals(cells.segmentationMethod, undefined);
  }));

Deno.test("readCells() reads widths of other versions, and ids stored as numbers", () =>
  withBundle({
    "cells.parquet": `select i::utinyint as cell_id, 1::float as x_centroid, 2::float as y_centroid,
        7::ubigint as total_counts, 2.0::double as nucleus_count, 'by hand'::blob as segmentation_method
      from range(1, 3) rows(i)`,
  }, async (bundle, db) => {
    const cells = await readCells(bundle, db);
    assertEquals(cells.cellIds, ["1", "2"]);
    assertEquals(cells.counts.get("total_counts"), Int32Array.of(7, 7));
    assertEquals(cells.nucleusCount, Int32Array.of(2, 2));
    assertEquals(cells.segmentationMethod?.levels, ["by hand"]);
    assertEquals(cells.cellAreaUm2, Float64Array.of(NaN, NaN));
  }));

for (
  const [name, query, tag, found] of [
    [
      "ids that are there twice",
      `(${TABLES["cells.parquet"]}) union all (${TABLES["cells.parquet"]})`,
      "IdMismatch",
      "3 ids that are there twice: aaaaaaaa-1, ",
    ],
    [
      "a cell without id",
      `select * replace (nullif(cell_id, 'aaaaaaab-1') as cell_id) from (${
        TABLES["cells.parquet"]
      })`,
      "IdMismatch",
      "1 rows without an id",
    ],
    ["no cells", `from (${TABLES["cells.parquet"]}) limit 0`, "CorruptData", "no rows"],
    [
      "a missing column",
      `select * exclude (x_centroid) from (${TABLES["cells.parquet"]})`,
      "NotFound",
      "x_centroid",
    ],
  ] as const
) {
  Deno.test(`readCells() refuses ${name}`, () =>
    withBundle({ "cells.parquet": query }, async (bundle, db, folder) => {
      const error = await assertRejects(() => readCells(bundle, db), SthelarError, found);
      assertEquals([error.tag, error.path], [tag, `${folder}/cells.parquet`]);
    }));
}

const COUNTS = [[2, 0, 1, 0], [0, 0, 0, 0], [1, 5, 0, 30]];

Deno.test("readCellFeatureMatrix() gives cells by rows, whatever the number types", async () => {
  for (
    const [file, factor, type] of [["matrix.h5", 10, Int32Array], [
      "matrix_of_r.h5",
      undefined,
      Float64Array,
    ]] as const
  ) {
    await withBundle({ "cell_feature_matrix.h5": file }, async (bundle) => {
      const { matrix, features, cellIds, proteinScalingFactor } = await readCellFeatureMatrix(
        bundle,
      );
      assertEquals(dense(matrix), COUNTS);
      assertEquals(matrix.data.constructor, type);
      assertEquals(matrix.indices.constructor, Int32Array);
      assertEquals(cellIds, ["aaaaaaaa-1", "aaaaaaab-1", "aaaaaaac-1"]);
      assertEquals(features.names, ["CD3E", "ACTB", "NegControlProbe_00001", "CD45"]);
      assertEquals(features.types[3], "Protein Expression");
      assertEquals(features.genomes, ["Unknown", "Unknown", "Unknown", "Unknown"]);
      assertEquals(proteinScalingFactor, factor);
    });
  }
});

Deno.test("readCellFeatureMatrix() refuses parts that contradict each other", () =>
  withBundle({ "cell_feature_matrix.h5": "matrix_contradictory.h5" }, async (bundle) => {
    const error = await assertRejects(
      () => readCellFeatureMatrix(bundle),
      SthelarError,
      "ends at 9",
    );
    assertEquals(error.tag, "CorruptData");
  }));

const FILES = [
  "cells.parquet",
  "cell_boundaries.parquet",
  "nucleus_boundaries.parquet",
  "transcripts.parquet",
  "cell_feature_matrix.h5",
];
const DAMAGE: Readonly<Record<string, (bytes: Uint8Array) => Uint8Array>> = {
  "emptied": () => new Uint8Array(),
  "with another magic": (bytes) =>
    Uint8Array.from(bytes, (byte, i) => i < 8 || i >= bytes.length - 8 ? 63 : byte),
  "cut after a quarter": (bytes) => bytes.slice(0, bytes.length >> 2),
  "cut before the last byte": (bytes) => bytes.slice(0, -1),
  "replaced by a web page": () => new TextEncoder().encode("<html>404 Not Found</html>"),
};

for (const file of FILES) {
  for (const [damage, change] of Object.entries(DAMAGE)) {
    Deno.test(`${file} ${damage} is CorruptData that names the file`, () =>
      withBundle({}, async (bundle, db, folder) => {
        const path = `${folder}/${file}`;
        const bytes = await Deno.readFile(path);
        await Deno.remove(path);
        await Deno.writeFile(path, change(bytes));
        const error = await assertRejects(async () => {
          if (file === "cells.parquet") await readCells(bundle, db);
          else if (file === "cell_boundaries.parquet") await readBoundaries(bundle, db, "cell");
          else if (file === "nucleus_boundaries.parquet") {
            await readBoundaries(bundle, db, "nucleus");
          } else if (file === "transcripts.parquet") await openTranscripts(bundle, db);
          else await readCellFeatureMatrix(bundle);
        }, SthelarError);
        assertEquals([error.tag, error.path], ["CorruptData", path]);
      }));
  }
}

Deno.test("a file that vanishes after the bundle was opened is NotFound", () =>
  withBundle({}, async (bundle, db, folder) => {
    await Deno.remove(`${folder}/transcripts.parquet`);
    const error = await assertRejects(() => checkIds(bundle, db), SthelarError);
    assertEquals([error.tag, error.path], ["NotFound", `${folder}/transcripts.parquet`]);
  }));
