import { assert, assertEquals } from "@std/assert";
import { localDisk } from "@/formats/disk/mod.ts";
import { openOmeTiff } from "@/formats/ome_tiff/mod.ts";
import { type DuckDb, openDuckDb } from "@/formats/parquet/mod.ts";
import {
  imageFiles,
  openTranscripts,
  openXeniumBundle,
  readBoundaries,
  readCellFeatureMatrix,
} from "@/formats/xenium/mod.ts";
import { cropBundle, roiOfPixels, snapRoi } from "@/formats/xenium_crop/mod.ts";
import { simulateTinyBundle } from "../e2e/killed_builds.ts";
import { withTempDir } from "../e2e/run_cli.ts";
import { forAll } from "./for_all.ts";

const PIXEL_UM = 0.2125;

forAll("snapRoi: pixels become the same pixels again", { cases: 400 }, (draw) => {
  const image = { width: draw.integer(1, 5000), height: draw.integer(1, 5000) };
  const pixelUm = draw.pick([PIXEL_UM, 0.2738, draw.between(0.05, 2)]);
  const [x, y] = [image.width, image.height].map((n) => draw.between(0, n * pixelUm * 0.999));
  const [width, height] = [draw.between(1e-3, 900), draw.between(1e-3, 900)];
  const pixels = snapRoi({ x, y, width, height }, image, pixelUm);
  assert(pixels.x + pixels.width <= image.width && pixels.y + pixels.height <= image.height);
  assertEquals(snapRoi(roiOfPixels(pixels, pixelUm), image, pixelUm), pixels);
});

/** What a crop must keep; coordinates to a thousandth of a micrometre. */
async function contentOf(folder: string, db: DuckDb) {
  const bundle = await openXeniumBundle(folder);
  const cells = await readBoundaries(bundle, db, "cell");
  const nuclei = await readBoundaries(bundle, db, "nucleus");
  const transcripts = await openTranscripts(bundle, db);
  const rows = await db.query(
    `select transcript_id::text as id, feature_name::text as feature, cell_id::text as cell,
       x_location::double as x, y_location::double as y
     from ${transcripts.table.sql} order by transcript_id`,
    { text: ["id", "feature", "cell"] },
  );
  const { channels: [{ path }] } = await imageFiles(bundle);
  await using image = await openOmeTiff(path);
  const [{ width, height }] = image.levels;
  const pixels = await image.levels[0].readRegion({ x0: 0, y0: 0, width, height });
  const rounded = (values: ArrayLike<number>) => Array.from(values, (v) => Math.round(v * 500));
  const { matrix } = await readCellFeatureMatrix(bundle);
  return {
    exact: {
      pixels,
      cells: [cells.cellIds, nuclei.cellIds],
      transcripts: ["id", "feature", "cell"].map((name) => rows.text(name)),
      counts: [matrix.data, matrix.indices, matrix.indptr].map((list) => [...list].map(Number)),
    },
    near: [
      rounded(cells.polygons.xy),
      rounded(nuclei.polygons.xy),
      rounded(rows.numbers("x") as Float64Array),
      rounded(rows.numbers("y") as Float64Array),
    ],
  };
}

Deno.test("cropBundle: a crop of a crop is the crop", () =>
  withTempDir(async (folder) => {
    await simulateTinyBundle(`${folder}/whole`);
    const crop = (from: string, to: string, x: number, y: number, side: number) => {
      const [left, top, across] = [x, y, side].map((pixels) => pixels * PIXEL_UM);
      const roiUm = { x: left, y: top, width: across, height: across };
      return cropBundle(localDisk, `${folder}/${from}`, `${folder}/${to}`, { roiUm, threads: 1 });
    };
    await crop("whole", "large", 20, 30, 350);
    await crop("large", "twice", 60, 40, 260);
    const { transcriptCount } = await crop("whole", "once", 80, 70, 260);
    assert(transcriptCount > 50);
    using db = await openDuckDb({ memoryBytes: 256e6, threads: 1 });
    const [once, twice] = [
      await contentOf(`${folder}/once`, db),
      await contentOf(`${folder}/twice`, db),
    ];
    assertEquals(twice.exact, once.exact);
    twice.near.forEach((values, i) => {
      assertEquals(values.length, once.near[i].length);
      assert(values.every((value, k) => Math.abs(value - once.near[i][k]) <= 1));
    });
  }));
