import { assert, assertEquals } from "@std/assert";
import { columnLength, isCategorical, isNumericArray } from "@/formats/anndata/mod.ts";
import { localDisk } from "@/formats/disk/mod.ts";
import { openDuckDb } from "@/formats/parquet/mod.ts";
import { openXeniumBundle, readCells } from "@/formats/xenium/mod.ts";
import { simulateSlide } from "@/simulate/mod.ts";
import { withTempDir } from "../e2e/run_cli.ts";
import { linkFiles } from "../simulate/temporary_bundle.ts";
import { testWithData } from "../test_data.ts";
import { type Added, addedCells, countsByRow, texts } from "./added_cells.ts";

/** Rows of the table by `cell_id`, each with all it holds but its name. */
function rowsById({ table }: Added): ReadonlyMap<string, unknown> {
  const counts = countsByRow(table);
  const { data } = table.obsm.spatial as { data: Float64Array };
  return new Map(
    texts(table, "cell_id").map((id, row) => [id, [
      counts[row],
      data[2 * row],
      data[2 * row + 1],
      ...[...table.obs.columns].map(([name, column]) => {
        if (isCategorical(column)) return [name, column.levels[column.codes[row]]];
        return [name, (column as ArrayLike<unknown>)[row]];
      }),
    ]]),
  );
}

function assertEqualButForOrder(parity: Added, plain: Added): void {
  assertEquals(rowsById(parity), rowsById(plain));
  assertEquals(parity.shapes.ids, plain.shapes.ids);
  assertEquals(parity.shapes.geometries, plain.shapes.geometries);
  assertEquals(parity.report, { ...plain.report, joinedBy: "polygon" });
}

const MEDIANS = {
  xenium_ileum_tiny_outs: { cell: 9, nuclei: 23 },
  xenium_pancreas_roiA: { cell: 30, nuclei: 1779 },
} as const;

for (const [folder, { cell, nuclei }] of Object.entries(MEDIANS)) {
  testWithData(
    folder,
    `2-04 adds the cells of ${folder}, by polygons as by ids`,
    (bundle) =>
      withTempDir(async (out) => {
        const plain = await addedCells(bundle, `${out}/plain`);
        const { table, report } = plain;
        assertEquals([report.nuclei, report.medianTranscripts.cell], [nuclei, cell]);
        assertEquals([report.joinedBy, report.differingCounts], ["xenium_cell_id", 0]);
        assert(report.medianTranscripts.cell! > report.medianTranscripts.nucleus!);
        assertEquals(texts(table, "cell_id"), texts(plain.nuclei, "cell_id"));
        assertEquals(texts(table, "xenium_cell_id"), texts(plain.nuclei, "xenium_cell_id"));
        const counted = table.obs.columns.get("transcript_counts");
        assert(isNumericArray(counted) && columnLength(counted) === nuclei);
        assertEquals(
          countsByRow(table).map((counts) => Object.values(counts).reduce((a, b) => a + b, 0)),
          Array.from(counted as Int32Array),
        );
        const parity = await addedCells(bundle, `${out}/parity`, { parity: true });
        assertEqualButForOrder(parity, plain);
        using db = await openDuckDb({ memoryBytes: 256e6, threads: 1 });
        const { cellIds } = await readCells(await openXeniumBundle(bundle), db);
        assertEquals(
          parity.table.obs.index.map((row) => cellIds[Number(row)]),
          texts(parity.table, "xenium_cell_id"),
        );
        const order = parity.table.obs.index.map(Number);
        assertEquals(order, order.toSorted((a, b) => a - b));
      }),
  );
}

/** Files of a bundle of 1.0 that each variant lacks. */
const LACKING = {
  "csv and MEX": /\.parquet$|\.h5$|matrix\.zarr\.zip$/,
  "zarr": /^(cells|cell_boundaries|nucleus_boundaries)\.(parquet|csv\.gz)$|\.h5$/,
} as const;

Deno.test("2-04 makes the same of csv, MEX and zarr, and of equal polygons, where ids are numbers", () =>
  withTempDir(async (folder) => {
    await simulateSlide(localDisk, `${folder}/whole`, {
      slideId: "heart_s0",
      cells: 60,
      referenceCells: 20,
      morphologyCompression: "deflate",
      preset: "v1.0",
      tables: "both",
      matrix: ["h5", "zarr", "mex"],
    });
    const plain = await addedCells(`${folder}/whole`, `${folder}/out`);
    const { var: { index, columns }, ...table } = plain.table;
    assertEquals([...columns.keys()], ["gene_ids", "feature_types", "genome"]);
    for (const [name, lacking] of Object.entries(LACKING)) {
      await linkFiles(`${folder}/whole`, `${folder}/${name}`, (file) => !lacking.test(file));
      const other = await addedCells(`${folder}/${name}`, `${folder}/out ${name}`);
      const { var: features, ...otherTable } = other.table;
      assertEquals(otherTable, table, name);
      assertEquals(other.shapes.geometries, plain.shapes.geometries);
      assertEquals(features.index, index);
      assertEquals([...features.columns.keys()], ["gene_ids", "feature_types"]);
      assertEquals(other.report, plain.report);
    }
    const parity = await addedCells(`${folder}/whole`, `${folder}/parity`, { parity: true });
    assertEqualButForOrder(parity, plain);
    assertEquals(texts(plain.table, "xenium_cell_id").slice(0, 3), ["1", "10", "11"]);
    assertEquals(texts(parity.table, "xenium_cell_id").slice(0, 3), ["1", "2", "3"]);
    assertEquals(parity.table.obs.index.slice(0, 3), ["0", "1", "2"]);
  }));
