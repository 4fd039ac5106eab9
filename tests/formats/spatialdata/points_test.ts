import { assertEquals, assertRejects } from "@std/assert";
import { SthelarError } from "@/core/errors.ts";
import { localDisk } from "@/formats/disk/mod.ts";
import { type DuckDb, openDuckDb } from "@/formats/parquet/mod.ts";
import {
  createPointsWriter,
  identity,
  openPoints,
  selectPoints,
} from "@/formats/spatialdata/mod.ts";

async function withStore(run: (root: string, db: DuckDb) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    using db = await openDuckDb({ memoryBytes: 256e6, threads: 1 });
    await run(`${folder}/s.zarr`, db);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

const spec = {
  axes: ["x", "y"],
  featureKey: "gene",
  instanceKey: "cell_id",
  transformations: new Map([["global", identity]]),
} as const;

Deno.test("createPointsWriter() keeps order, values and types of a query", () =>
  withStore(async (root, db) => {
    const writer = createPointsWriter(localDisk, root, "st", spec);
    await writer.fromQuery(
      db,
      `select range::float as x, range::float / 2 as y, ('g' || range % 200)::varchar as gene,
         'aaaaaaaa-1' as cell_id, range::ubigint as id, (range % 2 = 0) as inside
       from range(10000)`,
    );
    await writer.finish();
    const points = await openPoints(localDisk, `${root}/points/st`);
    assertEquals(points.rowCount, 10000);
    assertEquals(points.columns.map(({ name, kind, dtype }) => `${name}: ${dtype ?? kind}`), [
      "x: float32",
      "y: float32",
      "gene: text",
      "cell_id: text",
      "id: uint64",
      "inside: booleans",
    ]);
    let next = 0;
    for await (const part of db.stream(selectPoints(points, ["x", "id"]))) {
      const ids = part.numbers("id") as BigUint64Array;
      part.numbers("x").forEach((x, i) => {
        if (Number(x) !== next || ids[i] !== BigInt(next)) throw new Error(`row ${next} is ${x}`);
        next++;
      });
    }
    assertEquals(next, 10000);
  }));

Deno.test("an enum is written as categories too", () =>
  withStore(async (root, db) => {
    const writer = createPointsWriter(localDisk, root, "st", spec);
    await writer.fromQuery(
      db,
      "select 1::double as x, 2::double as y, 'b'::enum('a', 'b') as gene, 'c' as cell_id",
    );
    await writer.finish();
    const points = await openPoints(localDisk, `${root}/points/st`);
    const rows = await db.query(selectPoints(points, ["gene"]), { text: ["gene"] });
    assertEquals(rows.text("gene"), ["b"]);
  }));

Deno.test("fromQuery() refuses a query without coordinates, or with texts for them", () =>
  withStore(async (root, db) => {
    const writer = createPointsWriter(localDisk, root, "st", { ...spec, axes: ["x", "y", "z"] });
    await assertRejects(
      () => writer.fromQuery(db, "select 1 as x, 2 as y, 'g' as gene"),
      SthelarError,
      'no column "z"',
    );
    await assertRejects(
      () => writer.fromQuery(db, "select '1' as x, 2 as y, 3 as z, 'g' as gene"),
      SthelarError,
      'a column "x" of text',
    );
    await assertRejects(
      () => writer.fromQuery(db, "select 1 as x, 2 as y, 3 as z, 1.5::decimal(3,1) as qv"),
      SthelarError,
      "DECIMAL",
    );
  }));

Deno.test("points without a parquet file are NotFound and name it", () =>
  withStore(async (root) => {
    await createPointsWriter(localDisk, root, "st", spec).finish();
    const error = await assertRejects(
      () => openPoints(localDisk, `${root}/points/st`),
      SthelarError,
    );
    assertEquals([error.tag, error.path], ["NotFound", `${root}/points/st/points.parquet`]);
  }));
