import { assert, assertEquals } from "@std/assert";
import { sparseFault } from "@/core/sparse.ts";
import { type DuckDb, openDuckDb } from "@/formats/parquet/mod.ts";
import {
  openTranscripts,
  openXeniumBundle,
  readBoundaries,
  readCellFeatureMatrix,
  readCells,
  type XeniumBundle,
} from "@/formats/xenium/mod.ts";
import { PointCounter, polygonAreas, PolygonIndex } from "@/geometry/mod.ts";
import { testWithData } from "../../test_data.ts";

async function open(folder: string): Promise<{ bundle: XeniumBundle; db: DuckDb }> {
  const db = await openDuckDb({ memoryBytes: 256e6, threads: 2 });
  return { bundle: await openXeniumBundle(folder), db };
}

testWithData(
  "xenium_ileum_tiny_outs",
  "transcripts with qv >= 20 of genes are the counts of 23 of 23 cells",
  async (folder) => {
    const { bundle, db } = await open(folder);
    using _ = db;
    const cells = await readCells(bundle, db);
    const { assignedSql, table } = await openTranscripts(bundle, db);
    const tally = await db.query(
      `select cell_id, count(*)::integer as n from ${table.sql}
     where qv >= 20 and is_gene and ${assignedSql} group by cell_id`,
      { text: ["cell_id"] },
    );
    const counted = new Map(
      tally.text("cell_id").map((id, i) => [id, Number(tally.numbers("n")[i])]),
    );
    assertEquals(cells.cellIds.length, 23);
    assertEquals(
      cells.cellIds.map((id) => counted.get(id) ?? 0),
      [...cells.counts.get("transcript_counts") ?? []],
    );
  },
);

for (const folder of ["xenium_ileum_tiny_outs", "xenium_pancreas_roiA"]) {
  testWithData(
    folder,
    `matrix sums by type are the counts columns of the cells: ${folder}`,
    async (path) => {
      const { bundle, db } = await open(path);
      using _ = db;
      const cells = await readCells(bundle, db);
      const { matrix, features, cellIds } = await readCellFeatureMatrix(bundle);
      assertEquals(sparseFault(matrix), undefined);
      assertEquals(cellIds, cells.cellIds);
      const columnOf: Readonly<Record<string, string>> = {
        "Gene Expression": "transcript_counts",
        "Negative Control Probe": "control_probe_counts",
        "Genomic Control": "genomic_control_counts",
        "Negative Control Codeword": "control_codeword_counts",
        "Unassigned Codeword": "unassigned_codeword_counts",
        "Deprecated Codeword": "deprecated_codeword_counts",
      };
      const sums = new Map(
        [...cells.counts.keys()].map((name) => [name, new Int32Array(cellIds.length)]),
      );
      for (let cell = 0; cell < cellIds.length; cell++) {
        for (let k = Number(matrix.indptr[cell]); k < Number(matrix.indptr[cell + 1]); k++) {
          for (
            const name of [columnOf[features.types[Number(matrix.indices[k])]], "total_counts"]
          ) {
            (sums.get(name) as Int32Array)[cell] += Number(matrix.data[k]);
          }
        }
      }
      const kept = new Set(features.types.map((type) => columnOf[type]));
      assert(kept.has("transcript_counts"));
      for (const [name, counts] of cells.counts) {
        if (kept.has(name)) assertEquals(sums.get(name), counts, name);
      }
    },
  );

  testWithData(folder, `polygons have the areas of the cells: ${folder}`, async (path) => {
    const { bundle, db } = await open(path);
    using _ = db;
    const cells = await readCells(bundle, db);
    const { cellIds, polygons } = await readBoundaries(bundle, db, "cell");
    const areas = polygonAreas(polygons);
    const areaOf = new Map(cells.cellIds.map((id, i) => [id, cells.cellAreaUm2[i]]));
    const ratios = cellIds.map((id, i) => areas[i] / (areaOf.get(id) ?? NaN)).sort((a, b) => a - b);
    assert(ratios[0] > 0.8 && ratios[ratios.length - 1] < 1.2, `${ratios[0]} to ${ratios.at(-1)}`);
    assert(Math.abs(ratios[ratios.length >> 1] - 1) < 0.05, "polygons are simplified, not scaled");
    assertEquals(cellIds, cellIds.toSorted());
  });
}

testWithData(
  "xenium_pancreas_roiA",
  "readers give 1,790 cells, 1,779 nuclei, 98,010 transcripts",
  async (folder) => {
    const { bundle, db } = await open(folder);
    using _ = db;
    const cells = await readCells(bundle, db);
    const nuclei = await readBoundaries(bundle, db, "nucleus");
    const transcripts = await openTranscripts(bundle, db);
    const features = await transcripts.features();
    assertEquals(cells.cellIds.length, 1790);
    assertEquals(nuclei.cellIds.length, 1779);
    assertEquals(nuclei.polygons.polygonStart.length, 1780);
    assertEquals(transcripts.rowCount, 98_010);

    const counter = new PointCounter(new PolygonIndex(nuclei.polygons), features.length);
    for await (const { columns } of transcripts.stream({ columns: ["x", "y", "feature_code"] })) {
      counter.add(columns.x, columns.y, columns.feature_code);
    }
    const { matrix, assigned, unassigned, counted } = counter.finish();
    assertEquals(assigned + unassigned, 98_010);
    assertEquals((matrix.data as Int32Array).reduce((sum, n) => sum + n, 0), counted);
    const inFile = await db.query(
      `select sum(overlaps_nucleus)::integer as n from ${transcripts.table.sql}`,
    );
    const expected = Number(inFile.numbers("n")[0]);
    assert(
      Math.abs(assigned - expected) < 0.02 * expected,
      `${assigned} in nuclei, file says ${expected}`,
    );
  },
);
