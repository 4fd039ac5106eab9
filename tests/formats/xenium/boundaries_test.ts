import { assert, assertEquals, assertRejects } from "@std/assert";
import { SthelarError } from "@/core/errors.ts";
import { polygonAreas } from "@/geometry/mod.ts";
import { readBoundaries } from "@/formats/xenium/mod.ts";
import { polygons, squares, withBundle } from "./synthetic_bundle.ts";

Deno.test("readBoundaries() makes a cell with two nuclei one geometry of two polygons", () =>
  withBundle({}, async (bundle, db) => {
    const nuclei = await readBoundaries(bundle, db, "nucleus");
    assertEquals(nuclei.cellIds, ["aaaaaaaa-1", "aaaaaaab-1"]);
    assertEquals([...nuclei.polygons.geometryStart], [0, 1, 3]);
    assertEquals(nuclei.labelIds, Uint32Array.of(1, 2, 3));
    assertEquals([...polygonAreas(nuclei.polygons)], [1, 2]);
    assertEquals(nuclei.dropped, []);
  }));

Deno.test("readBoundaries() sorts by cell id and label, whatever the order of the file", () =>
  withBundle({
    "cell_boundaries.parquet": squares([["c-1", 9, 8, 3], ["a-1", 7, 5, 2], ["a-1", 2, 0, 1]]),
  }, async (bundle, db) => {
    const cells = await readBoundaries(bundle, db, "cell");
    assertEquals(cells.cellIds, ["a-1", "c-1"]);
    assertEquals(cells.labelIds, Uint32Array.of(2, 7, 9));
    assertEquals([...cells.polygons.xy.slice(0, 4)], [0, 0, 1, 0]);
    assertEquals([...polygonAreas(cells.polygons)], [5, 9]);
  }));

Deno.test("readBoundaries() without label_id cuts the nuclei of one cell where the ring closes", () =>
  withBundle({
    "nucleus_boundaries.parquet": `select * exclude (label_id) from (${
      squares([["a-1", 1, 0, 1], ["a-1", 2, 5, 1], ["b-1", 3, 9, 2]])
    })`,
  }, async (bundle, db) => {
    const nuclei = await readBoundaries(bundle, db, "nucleus");
    assertEquals(nuclei.labelIds, undefined);
    assertEquals([...nuclei.polygons.geometryStart], [0, 2, 3]);
    assertEquals([...polygonAreas(nuclei.polygons)], [2, 4]);
  }));

Deno.test("readBoundaries() closes open rings", () =>
  withBundle({
    "cell_boundaries.parquet": polygons([
      ["a-1", 1, [[0, 0], [2, 0], [0, 2]]],
      ["b-1", 2, [[0, 0], [4, 0], [0, 4]]],
    ]),
  }, async (bundle, db) => {
    const { polygons: cells } = await readBoundaries(bundle, db, "cell");
    assertEquals([...cells.ringStart], [0, 4, 8]);
    assertEquals([...cells.xy.slice(6, 10)], [0, 0, 0, 0]);
    assertEquals([...polygonAreas(cells)], [2, 8]);
  }));

const BAD = polygons([
  ["a-1", 1, [[0, 0], [2, 0], [0, 2], [0, 0]]],
  ["a-1", 2, [[5, 5], [6, 6], [5, 5]]],
  ["b-1", 3, [[1, 1], [NaN, 1], [2, 2], [1, 1]]],
  ["c-1", 4, [[3, 3], [3, 3], [3, 3]]],
  ["d-1", 5, [[0, 0], [Infinity, 0], [0, 2], [0, 0]]],
]);

Deno.test("readBoundaries() refuses invalid polygons and says which and what to do", () =>
  withBundle({ "nucleus_boundaries.parquet": BAD }, async (bundle, db, folder) => {
    const error = await assertRejects(() => readBoundaries(bundle, db, "nucleus"), SthelarError);
    assertEquals([error.tag, error.path], ["CorruptData", `${folder}/nucleus_boundaries.parquet`]);
    assertEquals(
      error.found,
      "4 invalid: a-1 label 2 (2 distinct vertices), b-1 label 3 (a vertex that is not a number), " +
        "c-1 label 4 (1 distinct vertex), d-1 label 5 (a vertex that is not a number)",
    );
    assert(error.remedy?.includes('{ invalid: "drop" }'));
  }));

Deno.test('readBoundaries() with { invalid: "drop" } leaves them out and lists them', () =>
  withBundle({ "nucleus_boundaries.parquet": BAD }, async (bundle, db) => {
    const nuclei = await readBoundaries(bundle, db, "nucleus", { invalid: "drop" });
    assertEquals(nuclei.cellIds, ["a-1"]);
    assertEquals(nuclei.labelIds, Uint32Array.of(1));
    assertEquals([...nuclei.polygons.geometryStart], [0, 1]);
    assertEquals(nuclei.polygons.xy.length, 8);
    assertEquals(nuclei.dropped.map(({ cellId, labelId }) => [cellId, labelId]), [
      ["a-1", 2],
      ["b-1", 3],
      ["c-1", 4],
      ["d-1", 5],
    ]);
  }));

Deno.test("readBoundaries() names ten of many invalid polygons and counts all", () =>
  withBundle({
    "cell_boundaries.parquet": polygons(
      Array.from({ length: 12 }, (_, i) =>
        [`cell${10 + i}`, i + 1, [[0, 0], [1, 1], [0, 0]]] as const),
    ),
  }, async (bundle, db) => {
    const error = await assertRejects(() =>
      readBoundaries(bundle, db, "cell"), SthelarError);
    assert(error.found?.startsWith("12 invalid: cell10 label 1"));
    assert(error.found?.endsWith("cell19 label 10 (2 distinct vertices), …"));
  }));

Deno.test("readBoundaries() refuses a label in two places and rows without a cell", async () => {
  const split = squares([["a-1", 1, 0, 1], ["a-1", 2, 3, 1], ["a-1", 1, 6, 1]]);
  const nobody = split.replaceAll("('a-1', '6'", "(null, '6'");
  for (
    const [query, found] of [[split, "label 1 of cell a-1 in two places"], [
      nobody,
      "3 rows without cell_id",
    ]]
  ) {
    await withBundle({ "cell_boundaries.parquet": query }, async (bundle, db) => {
      const error = await assertRejects(
        () => readBoundaries(bundle, db, "cell"),
        SthelarError,
        found,
      );
      assertEquals(error.tag, "CorruptData");
    });
  }
});

for (
  const [kind, query] of [
    ["bytes", "select cell_id::blob as cell_id, vertex_x, vertex_y"],
    ["integers", "select cell_id[8]::varchar::integer as cell_id, vertex_x, vertex_y"],
    [
      "doubles for vertices",
      "select cell_id, vertex_x::double as vertex_x, vertex_y::double as vertex_y",
    ],
  ]
) {
  Deno.test(`readBoundaries() reads ids and vertices stored as ${kind}`, async () => {
    const source = squares([["aaaaaaa1", 1, 0, 1], ["aaaaaaa2", 2, 5, 2]]);
    await withBundle(
      { "cell_boundaries.parquet": `${query} from (${source})` },
      async (bundle, db) => {
        const cells = await readBoundaries(bundle, db, "cell");
        assertEquals([...polygonAreas(cells.polygons)], [1, 4]);
        assertEquals(cells.cellIds, kind === "integers" ? ["1", "2"] : ["aaaaaaa1", "aaaaaaa2"]);
      },
    );
  });
}

Deno.test("readBoundaries() keeps the order of vertices over many row groups and threads", () =>
  withBundle({
    "cell_boundaries.parquet": `select lpad(cell::varchar, 6, '0') as cell_id,
        (cell + cos(pi() * (k % 24) / 12))::float as vertex_x, sin(pi() * (k % 24) / 12)::float as vertex_y,
        (cell + 1)::uinteger as label_id
      from range(30000) a(cell), range(25) b(k) order by cell, k`,
  }, async (bundle, db, folder) => {
    const path = `${folder}/cell_boundaries.parquet`;
    await db.copyToParquet(`from read_parquet('${path}')`, `${path}.small`, {
      rowGroupSize: 20_000,
    });
    await Deno.rename(`${path}.small`, path);
    const cells = await readBoundaries(bundle, db, "cell");
    assertEquals(cells.cellIds.length, 30_000);
    const areas = polygonAreas(cells.polygons);
    assert(areas.every((area) => Math.abs(area - 3.1058) < 0.02), "a ring is out of order");
  }));
