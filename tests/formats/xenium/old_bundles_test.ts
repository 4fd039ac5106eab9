import { assert, assertEquals, assertRejects } from "@std/assert";
import { SthelarError } from "@/core/errors.ts";
import { openDuckDb } from "@/formats/parquet/mod.ts";
import {
  openTranscripts,
  openXeniumBundle,
  readBoundaries,
  readCellFeatureMatrix,
  readCells,
  readGenes,
} from "@/formats/xenium/mod.ts";
import { PointCounter, polygonAreas, PolygonIndex } from "@/geometry/mod.ts";
import { testWithData } from "../../test_data.ts";

/** Lines of a file and the cells that they name, counted without the reader. */
async function plainCount(path: string, column: number) {
  const lines = (await Deno.readTextFile(path)).trimEnd().split("\n").slice(1);
  return { rows: lines.length, values: new Set(lines.map((line) => line.split(",")[column])) };
}

for (const sample of ["sample1", "sample2"]) {
  testWithData(
    "xenium_mousebrain_mini",
    `transcripts.csv of analysis 1.0.2 with numbers as ids are read: ${sample} (Seurat #9060)`,
    async (folder) => {
      using db = await openDuckDb({ memoryBytes: 256e6, threads: 2 });
      const bundle = await openXeniumBundle(`${folder}/${sample}`);
      assertEquals([bundle.manifest.version, bundle.manifest.pixelSizeUm], ["1.0.2", 0.2125]);
      const { rows, values } = await plainCount(`${folder}/${sample}/transcripts.csv`, 4);
      const transcripts = await openTranscripts(bundle, db);
      assertEquals(transcripts.rowCount, rows);
      assertEquals([transcripts.cellIdKind, transcripts.featureNameKind], ["integer", "text"]);
      const names = [...values].map((name) => name.slice(1, -1)).sort();
      assertEquals(await transcripts.features(), names);
      const genes = await readGenes(bundle, db);
      assertEquals(genes.evidence, "names");
      assertEquals(
        names.filter((name) => !genes.isGene(name)),
        names.filter((name) => /^(NegControl|BLANK_|antisense_)/.test(name)),
      );
      assert(names.some((name) => !genes.isGene(name)));
    },
  );

  testWithData(
    "xenium_mousebrain_mini",
    `boundaries as csv have 13 vertices a ring and hold the transcripts of their cells: ${sample}`,
    async (folder) => {
      using db = await openDuckDb({ memoryBytes: 256e6, threads: 2 });
      const bundle = await openXeniumBundle(`${folder}/${sample}`);
      const transcripts = await openTranscripts(bundle, db);
      for (const kind of ["cell", "nucleus"] as const) {
        const boundaries = await readBoundaries(bundle, db, kind);
        const { values } = await plainCount(`${folder}/${sample}/${kind}_boundaries.csv`, 1);
        assertEquals(boundaries.cellIds, [...values].sort());
        assertEquals(boundaries.labelIds, undefined);
        assertEquals(
          [...boundaries.polygons.ringStart],
          Array.from({ length: values.size + 1 }, (_, ring) => 13 * ring),
        );
        assert(polygonAreas(boundaries.polygons).every((area) => area > 5 && area < 2000));
        const counter = new PointCounter(new PolygonIndex(boundaries.polygons), 1);
        for await (const { columns, rowCount } of transcripts.stream({ columns: ["x", "y"] })) {
          counter.add(columns.x, columns.y, new Int32Array(rowCount));
        }
        const ids = boundaries.cellIds.map((id) => `'${id}'`).join(", ");
        const sql = `select count(*)::integer as n from ${transcripts.table.sql}
          where cell_id::varchar in (${ids}) ${
          kind === "nucleus" ? "and overlaps_nucleus = 1" : ""
        }`;
        const told = Number((await db.query(sql)).numbers("n")[0]);
        const { assigned } = counter.finish();
        assert(Math.abs(assigned - told) <= 0.1 * told + 5, `${kind}: ${assigned}, told ${told}`);
      }
    },
  );
}

testWithData(
  "xenium_mousebrain_mini",
  "readCells() says that there is no table of cells",
  async (folder) => {
    using db = await openDuckDb({ memoryBytes: 256e6, threads: 1 });
    const bundle = await openXeniumBundle(`${folder}/sample1`);
    const error = await assertRejects(() => readCells(bundle, db), SthelarError);
    assertEquals(error.tag, "NotFound");
  },
);

testWithData(
  "xenium_sxeio_small",
  "cells.csv.gz of analysis 1.0 and a matrix of doubles belong together (SpatialFeatureExperiment #37)",
  async (folder) => {
    using db = await openDuckDb({ memoryBytes: 256e6, threads: 1 });
    const bundle = await openXeniumBundle(folder);
    const cells = await readCells(bundle, db);
    assertEquals(cells.cellIds, ["1", "2", "3", "4", "5", "6"]);
    assertEquals([...cells.counts.keys()], [
      "transcript_counts",
      "control_probe_counts",
      "control_codeword_counts",
      "total_counts",
    ]);
    assertEquals(cells.counts.get("total_counts"), Int32Array.of(385, 146, 81, 315, 640, 270));
    assertEquals(cells.xUm[0], 1898.81491699219);
    assertEquals(cells.nucleusCount, undefined);
    const { cellIds, matrix, features } = await readCellFeatureMatrix(bundle);
    assertEquals([matrix.shape, features.names.length], [
      [cellIds.length, features.names.length],
      matrix.shape[1],
    ]);
    assertEquals(matrix.data.constructor, Float64Array);
  },
);
