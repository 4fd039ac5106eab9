import { assertEquals } from "@std/assert";
import type { DuckDb } from "@/formats/parquet/mod.ts";
import {
  checkIds,
  openTranscripts,
  readBoundaries,
  readCellFeatureMatrix,
  readCells,
  type XeniumBundle,
} from "@/formats/xenium/mod.ts";
import { type Changes, TABLES, withBundle } from "./synthetic_bundle.ts";

/** The tables as csv.gz or csv and not as parquet. */
function asCsv(ending: ".csv" | ".csv.gz"): Changes {
  return Object.fromEntries(
    Object.entries(TABLES).flatMap(([name, query]) => [
      [name, null],
      [name.replace(".parquet", ending), query],
    ]),
  );
}

const MEX: Changes = {
  "cell_feature_matrix.h5": null,
  "cell_feature_matrix/barcodes.tsv.gz": "mex/barcodes.tsv.gz",
  "cell_feature_matrix/features.tsv.gz": "mex/features.tsv.gz",
  "cell_feature_matrix/matrix.mtx.gz": "mex/matrix.mtx.gz",
};
const ZARR: Changes = {
  "cell_feature_matrix.h5": null,
  "cell_feature_matrix.zarr.zip": "matrix.zarr.zip",
};

/** Everything that the readers give, as far as all formats hold it. */
async function contentOf(bundle: XeniumBundle, db: DuckDb) {
  const transcripts = await openTranscripts(bundle, db);
  const rows = await db.query(
    `${transcripts.selectSql()} order by transcript_id`,
    { text: ["feature_name", "cell_id"] },
  );
  const { features, proteinScalingFactor: _, proteinScaleUnknown: __, ...matrix } =
    await readCellFeatureMatrix(bundle);
  const { genomes: ___, ...told } = features;
  return {
    cells: await readCells(bundle, db),
    cellPolygons: await readBoundaries(bundle, db, "cell"),
    nuclei: await readBoundaries(bundle, db, "nucleus"),
    columns: transcripts.columns.map(({ name }) => name),
    kinds: [transcripts.cellIdKind, transcripts.featureNameKind],
    transcripts: ["x", "y", "z", "qv", "transcript_id", "overlaps_nucleus"]
      .map((name) => rows.numbers(name)),
    texts: [rows.text("feature_name"), rows.text("cell_id")],
    features: await transcripts.features(),
    matrix: { ...matrix, features: told },
  };
}

const VARIANTS: Readonly<Record<string, Changes>> = {
  "csv.gz": asCsv(".csv.gz"),
  "csv": asCsv(".csv"),
  "parquet, the counts as MEX": MEX,
  "parquet, the counts as zarr": ZARR,
  "csv.gz, the counts as MEX (Seurat #9060)": { ...asCsv(".csv.gz"), ...MEX },
  "parquet with a cells.zarr.zip beside it": { "cells.zarr.zip": "cells_2_0.zarr.zip" },
};

for (const [name, changes] of Object.entries(VARIANTS)) {
  Deno.test(`a bundle of ${name} reads as one of parquet and h5`, async () => {
    await withBundle({}, async (expected, db) => {
      const content = await contentOf(expected, db);
      await withBundle(changes, async (bundle, other) => {
        assertEquals(await contentOf(bundle, other), content);
        assertEquals((await checkIds(bundle, other)).files.get("transcripts"), 2);
      });
    });
  });
}

const EXPLORER: Changes = {
  "cells.parquet": null,
  "cell_boundaries.parquet": null,
  "nucleus_boundaries.parquet": null,
};

Deno.test("an Explorer subset with cells.zarr.zip alone gives the cells and polygons of 2.0", () =>
  withBundle({}, async (expected, db) => {
    await withBundle(
      { ...EXPLORER, ...ZARR, "cells.zarr.zip": "cells_2_0.zarr.zip" },
      async (bundle) => {
        const { counts, segmentationMethod, ...cells } = await readCells(bundle, db);
        const { counts: _, segmentationMethod: __, ...told } = await readCells(expected, db);
        assertEquals(cells, told);
        assertEquals(counts.size, 0);
        assertEquals(segmentationMethod?.levels, ["by nucleus", "by stain"]);
        assertEquals([...segmentationMethod?.codes ?? []], [0, 1, 0]);
        for (const kind of ["cell", "nucleus"] as const) {
          assertEquals(
            await readBoundaries(bundle, db, kind),
            await readBoundaries(expected, db, kind),
          );
        }
        const { cells: count, files } = await checkIds(bundle, db);
        assertEquals([count, [...files]], [3, [["transcripts", 2], ["matrix", 3]]]);
      },
    );
  }));
