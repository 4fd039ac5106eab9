import { assert, assertAlmostEquals, assertEquals } from "@std/assert";
import { localDisk } from "@/formats/disk/mod.ts";
import { openOmeTiff } from "@/formats/ome_tiff/mod.ts";
import { type DuckDb, openDuckDb, parquetSchema, parquetTable } from "@/formats/parquet/mod.ts";
import {
  checkIds,
  imageFiles,
  openXeniumBundle,
  readBoundaries,
  readCellFeatureMatrix,
  readCells,
  readHeAlignment,
  type XeniumBundle,
} from "@/formats/xenium/mod.ts";
import { cropBundle, CROPPED_HE_FILES, type CroppedBundle } from "@/formats/xenium_crop/mod.ts";
import { applyAffine, invertAffine } from "@/geometry/mod.ts";
import { testWithData } from "../../test_data.ts";

const ROI = { x: 100, y: 100, width: 150, height: 120 };
const PIXEL_UM = 0.2125;

/** What the tests of one crop share. */
interface Crop {
  readonly whole: XeniumBundle;
  readonly part: XeniumBundle;
  readonly db: DuckDb;
  readonly result: CroppedBundle;
}

testWithData(
  "xenium_pancreas_roiA",
  "cropBundle() of a real bundle keeps what lies in the region",
  async (folder) => {
    const target = await Deno.makeTempDir();
    try {
      const result = await cropBundle(localDisk, `${folder}/`, `${target}/part`, {
        roiUm: ROI,
        he: `${folder}/pseudo_he_image.ome.tif`,
        heAlignment: `${folder}/pseudo_he_imagealignment.csv`,
        threads: 2,
      });
      using db = await openDuckDb({ memoryBytes: 512e6, threads: 2 });
      const whole = await openXeniumBundle(folder);
      const part = await openXeniumBundle(`${target}/part`);
      const crop = { whole, part, db, result };
      assertEquals(result.region, { x: 470, y: 470, width: 707, height: 566 });
      await checkManifest(crop);
      await checkTranscripts(crop);
      await checkCells(crop);
      await checkPolygons(crop, "cell");
      await checkPolygons(crop, "nucleus");
      await checkMatrix(crop);
      await checkMorphology(crop);
      await checkHe(crop, folder);
      const report = await checkIds(part, db);
      assertEquals([report.cells, report.files.get("matrix")], [164, 164]);
      await checkColumns(crop);
      assertEquals(await localDisk.stat(`${target}/part/.spill`), undefined);
    } finally {
      await Deno.remove(target, { recursive: true });
    }
  },
);

async function checkManifest({ whole, part, result }: Crop): Promise<void> {
  const { roi_um: roi, cropped_from: source, num_cells: cells, ...rest } = part.manifest.raw;
  const { num_cells: _, ...before } = whole.manifest.raw;
  assertEquals(rest, before);
  assertEquals([roi, source, cells], [
    [99.875, 99.875, 150.2375, 120.275],
    "xenium_pancreas_roiA",
    result.cellCount,
  ]);
  const { channels } = await imageFiles(part);
  assertEquals(channels.length, 4);
}

/** A DuckDB filter of its own, joined row by row with what was written. */
async function checkTranscripts({ whole, part, db, result }: Crop): Promise<void> {
  const [all, some, cells] = [
    parquetTable([whole.pathOf("transcripts")]),
    parquetTable([part.pathOf("transcripts")]),
    parquetTable([part.pathOf("cells")]),
  ];
  const inside = `select *, file_row_number as n from ${all}
    where x_location >= ${470 * PIXEL_UM}::double and x_location < ${1177 * PIXEL_UM}::double
      and y_location >= ${470 * PIXEL_UM}::double and y_location < ${1036 * PIXEL_UM}::double`;
  const kept = `a.cell_id in (select cell_id from ${cells})`;
  const report = await db.query(
    `select count(*)::integer as expected, (select count(*) from ${some})::integer as written,
       count(b.transcript_id)::integer as matched,
       count(*) filter (${kept})::integer as kept,
       count(*) filter (not ${kept} and a.cell_id <> 'UNASSIGNED')::integer as lost,
       bool_and(b.cell_id = if(${kept}, a.cell_id, 'UNASSIGNED'))::integer as ids,
       bool_and(b.overlaps_nucleus = if(${kept} or a.cell_id = 'UNASSIGNED', a.overlaps_nucleus, 0))
         ::integer as overlaps,
       bool_and(a.nucleus_distance = b.nucleus_distance and a.qv = b.qv and
         a.feature_name = b.feature_name and a.z_location = b.z_location)::integer as rest,
       max(abs(a.x_location - 99.875 - b.x_location) + abs(a.y_location - 99.875 - b.y_location))
         ::double as shift,
       bool_and(a.k = b.k)::integer as sorted
     from (select *, row_number() over (order by n) as k from (${inside})) a
     left join (select *, file_row_number + 1 as k from ${some}) b using (transcript_id)`,
  );
  const number = (name: string) => Number(report.numbers(name)[0]);
  assertEquals(number("expected"), 10_077);
  assertEquals([number("written"), number("matched"), result.transcriptCount], [
    10_077,
    10_077,
    10_077,
  ]);
  assert(number("kept") > 5000 && number("lost") > 500, "both kinds are there");
  assertEquals(["ids", "overlaps", "rest", "sorted"].map(number), [1, 1, 1, 1]);
  assert(number("shift") < 2e-5, `${number("shift")}`);
}

async function checkCells({ whole, part, db, result }: Crop): Promise<void> {
  const [before, after] = [await readCells(whole, db), await readCells(part, db)];
  const outlines = await readBoundaries(whole, db, "cell");
  const inside = new Set(outlines.cellIds.filter((_, g) => {
    const { xy, ringStart } = outlines.polygons;
    const ring = xy.subarray(2 * ringStart[g], 2 * ringStart[g + 1]);
    return ring.every((value, i) => {
      const k = Math.round(value / PIXEL_UM) - 470;
      return k >= 0 && k <= (i % 2 === 0 ? 707 : 566);
    });
  }));
  const rows = before.cellIds.flatMap((id, row) => inside.has(id) ? [row] : []);
  assertEquals(after.cellIds, rows.map((row) => before.cellIds[row]));
  assertEquals([result.cellCount, result.cutCellCount], [164, 39]);
  rows.forEach((row, i) => {
    assertAlmostEquals(after.xUm[i], before.xUm[row] - 99.875, 1e-9);
    assertAlmostEquals(after.yUm[i], before.yUm[row] - 99.875, 1e-9);
  });
  for (const [name, counts] of before.counts) {
    assertEquals(after.counts.get(name), Int32Array.from(rows, (row) => counts[row]), name);
  }
}

async function checkPolygons({ whole, part, db }: Crop, kind: "cell" | "nucleus"): Promise<void> {
  const [before, after] = [
    await readBoundaries(whole, db, kind),
    await readBoundaries(part, db, kind),
  ];
  const { cellIds } = await readCells(part, db);
  const kept = new Set(cellIds);
  assertEquals(after.cellIds, before.cellIds.filter((id) => kept.has(id)));
  const ringOf = ({ polygons: { xy, ringStart } }: typeof before, g: number) =>
    xy.subarray(2 * ringStart[g], 2 * ringStart[g + 1]);
  let place = 0, onLattice = 0;
  before.cellIds.forEach((id, g) => {
    if (!kept.has(id)) return;
    assertEquals(after.labelIds?.[place], before.labelIds?.[g]);
    const ring = ringOf(after, place++);
    ringOf(before, g).forEach((value, i) => {
      const pixels = value / PIXEL_UM;
      const isOnLattice = Math.abs(pixels - Math.round(pixels)) < 0.01;
      if (isOnLattice) {
        onLattice++;
        assertEquals(ring[i], Math.fround((Math.round(pixels) - 470) * PIXEL_UM));
      } else assertAlmostEquals(ring[i], value - 99.875, 1e-5);
    });
  });
  if (kind === "cell") assertEquals(onLattice, after.polygons.xy.length);
}

async function checkMatrix({ whole, part, db }: Crop): Promise<void> {
  const [before, after] = [await readCellFeatureMatrix(whole), await readCellFeatureMatrix(part)];
  assertEquals(after.features, before.features);
  assertEquals(after.cellIds, (await readCells(part, db)).cellIds);
  assertEquals(after.matrix.shape, [164, before.matrix.shape[1]]);
  const rowOf = ({ matrix }: typeof before, row: number) =>
    [matrix.indices, matrix.data].map((values) =>
      Array.from(
        values.subarray(Number(matrix.indptr[row]), Number(matrix.indptr[row + 1])) as Int32Array,
      )
    );
  after.cellIds.forEach((id, row) =>
    assertEquals(rowOf(after, row), rowOf(before, before.cellIds.indexOf(id)))
  );
}

async function checkMorphology({ whole, part, result: { region } }: Crop): Promise<void> {
  const [before, after] = [await imageFiles(whole), await imageFiles(part)];
  const { x, y, width, height } = region;
  for (const [i, { path }] of after.channels.entries()) {
    await using source = await openOmeTiff(before.channels[i].path);
    await using image = await openOmeTiff(path);
    assertEquals(path.slice(part.root.length), before.channels[i].path.slice(whole.root.length));
    assertEquals(image.channels.map(({ name }) => name), source.channels.map(({ name }) => name));
    assertEquals([image.pixelSizeUm?.x, image.dtype, image.levels.length], [PIXEL_UM, "uint16", 2]);
    const expected = await source.levels[0].readRegion({ x0: x, y0: y, width, height });
    const written = await image.levels[0].readRegion({ x0: 0, y0: 0, width, height });
    assertEquals(written.shape, [1, height, width]);
    assert(written.data.every((value, k) => value === expected.data[k]), path);
  }
}

async function checkHe({ part, result }: Crop, folder: string): Promise<void> {
  const { region, coverage } = result.he ?? {};
  assert(region !== undefined && coverage !== undefined && coverage > 0.999);
  await using source = await openOmeTiff(`${folder}/pseudo_he_image.ome.tif`);
  await using image = await openOmeTiff(`${part.root}/${CROPPED_HE_FILES.he}`);
  const { x, y, width, height } = region;
  assertEquals([image.levels[0].width, image.levels[0].height], [width, height]);
  assert(image.levels.length > 1);
  const expected = await source.levels[0].readRegion({ x0: x, y0: y, width, height });
  const written = await image.levels[0].readRegion({ x0: 0, y0: 0, width, height });
  let sum = 0, worst = 0;
  written.data.forEach((value, k) => {
    const error = Math.abs(value - expected.data[k]);
    sum += error;
    worst = Math.max(worst, error);
  });
  const mean = sum / written.data.length;
  assert(mean < 2 && worst <= 24, `JPEG error: mean ${mean}, at most ${worst}`);

  const { map: before } = await readHeAlignment(
    localDisk,
    `${folder}/pseudo_he_imagealignment.csv`,
  );
  const { map: after } = await readHeAlignment(
    localDisk,
    `${part.root}/${CROPPED_HE_FILES.alignment}`,
  );
  for (const [px, py] of [[0, 0], [707, 566], [120.5, 333.25]]) {
    const [wholeX, wholeY] = applyAffine(invertAffine(before), px + 470, py + 470);
    const [partX, partY] = applyAffine(invertAffine(after), px, py);
    assertAlmostEquals(partX + x, wholeX, 1e-6);
    assertAlmostEquals(partY + y, wholeY, 1e-6);
    assert(partX >= 64 && partX <= width - 64 && partY >= 64 && partY <= height - 64, "the margin");
  }
}

async function checkColumns({ whole, part }: Crop): Promise<void> {
  for (const role of ["cells", "cellBoundaries", "nucleusBoundaries", "transcripts"] as const) {
    const schemas = [
      await parquetSchema(localDisk, whole.pathOf(role)),
      await parquetSchema(localDisk, part.pathOf(role)),
    ];
    const [before, after] = schemas.map(({ columns }) =>
      columns.map(({ name, kind, dtype }) => [name, kind, dtype])
    );
    assertEquals(after, before, role);
  }
}
