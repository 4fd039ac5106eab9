import { assertEquals, assertRejects } from "@std/assert";
import { SthelarError } from "@/core/errors.ts";
import { packPolygons } from "@/core/polygons.ts";
import { localDisk, MemoryDisk } from "@/formats/disk/mod.ts";
import {
  affineXY,
  createImageWriter,
  describeSpatialData,
  identity,
  openSpatialData,
  toMatrix,
  type Transformation,
  writeShapes,
  writeStoreRoot,
} from "@/formats/spatialdata/mod.ts";
import { testWithData } from "../../test_data.ts";
import { openSmallStore } from "./small_store.ts";

const square = (x: number, y: number, side: number) => [
  [x, y, x + side, y, x + side, y + side, x, y + side, x, y],
];

for (const zarr of [2, 3] as const) {
  Deno.test(`describeSpatialData() says what Python prints of a zarr v${zarr} store`, async () => {
    const { store, root, description } = await openSmallStore(zarr);
    const first = `SpatialData object, with associated Zarr store: ${root}\n`;
    assertEquals(`${await describeSpatialData(store)}\n`, first + description);
    assertEquals(store.zarrFormat, zarr);
  });

  Deno.test(`points of a zarr v${zarr} store are counted over their parts`, async () => {
    const { store, root } = await openSmallStore(zarr);
    const st = await store.points("st");
    assertEquals(st.rowCount, 20);
    assertEquals(st.parquetPaths.map((path) => path.slice(root.length)), [
      "/points/st/points.parquet/part.0.parquet",
      "/points/st/points.parquet/part.1.parquet",
    ]);
    assertEquals(st.columns.map(({ name }) => name), ["x", "y", "z", "feature_name", "cell_id"]);
    assertEquals([st.featureKey, st.instanceKey], ["feature_name", "cell_id"]);
  });

  Deno.test(`circles of a zarr v${zarr} store have centres and radii`, async () => {
    const { store } = await openSmallStore(zarr);
    const circles = await store.shapes("circles");
    assertEquals(circles.ids, BigInt64Array.of(4n, 9n));
    assertEquals(circles.geometries, { kind: "points", xy: Float64Array.of(1, 2, 3, 4) });
    assertEquals([...circles.columns.numbers("radius")], [2, 3]);
  });

  Deno.test(`the table of a zarr v${zarr} store tells what it annotates`, async () => {
    const { store } = await openSmallStore(zarr);
    const table = await store.table("table_nuclei");
    assertEquals(table.shape, [3, 2]);
    assertEquals(table.link, {
      region: zarr === 3 ? "nuclei" : "boxes",
      regionKey: "region",
      instanceKey: "cell_id",
    });
  });

  Deno.test(`images of a zarr v${zarr} store have channels and transformations`, async () => {
    const { store } = await openSmallStore(zarr);
    const odd = await store.image("odd");
    assertEquals([odd.dtype, odd.channels], ["uint16", ["DAPI", "rna"]]);
    const um = odd.transformations.get("um") as Transformation;
    assertEquals(toMatrix(um), [[2, 0.5, 1], [0, 3, 4], [0, 0, 1]]);
  });
}

Deno.test("ragged polygons of version 0.1 come back as multi-polygons", async () => {
  const { store } = await openSmallStore(2);
  const parts = await store.shapes("parts");
  assertEquals(parts.ids, BigInt64Array.of(11n, 12n));
  if (parts.geometries.kind !== "polygons") throw new Error("no polygons");
  const { geometryStart, ringStart, xy } = parts.geometries.polygons;
  assertEquals([...geometryStart], [0, 2, 3]);
  assertEquals([...ringStart], [0, 5, 10, 15]);
  assertEquals(Math.max(...xy), 23);
});

Deno.test("polygons with text ids come back", async () => {
  const { store } = await openSmallStore(3);
  const nuclei = await store.shapes("nuclei");
  assertEquals(nuclei.ids, ["aaaaaaaa-1", "aaaaaaab-1", "aaaaaaac-1"]);
  assertEquals(nuclei.indexName, "cell_id");
});

async function smallOwnStore(): Promise<MemoryDisk> {
  const disk = new MemoryDisk();
  const writer = await createImageWriter(disk, "/s.zarr", {
    name: "he",
    shape: [3, 20, 30],
    dtype: "uint8",
    channels: ["r", "g", "b"],
    pyramid: { kind: "halved", levels: 2 },
    transformations: new Map<string, Transformation>([
      ["global", affineXY([[1, 0, 5], [0, 1, 6]])],
      ["_he_intrinsic", identity],
    ]),
  });
  for (const channel of [0, 1, 2]) {
    await writer.writeTile({ channel, row: 0, column: 0 }, new Uint8Array(600).fill(channel));
  }
  await writer.finish();
  await writeShapes(disk, "/s.zarr", "nuclei", {
    ids: ["a", "b"],
    indexName: "cell_id",
    geometries: packPolygons([[square(0, 0, 1)], [square(2, 2, 1), square(5, 5, 2)]]),
    columns: new Map([["area", { kind: "numbers", values: Float64Array.of(1, 5) }]]),
    transformations: new Map([["global", { type: "scale", factors: { x: 4, y: 4 } }]]),
  });
  await writeStoreRoot(disk, "/s.zarr", { simulated: true });
  return disk;
}

Deno.test("a store that we wrote is described and opened", async () => {
  const store = await openSpatialData(await smallOwnStore(), "/s.zarr");
  assertEquals(store.attributes, { simulated: true });
  assertEquals(
    await describeSpatialData(store),
    `SpatialData object, with associated Zarr store: /s.zarr
├── Images
│     └── 'he': DataTree[cyx] (3, 20, 30), (3, 10, 15)
└── Shapes
      └── 'nuclei': GeoDataFrame shape: (2, 2) (2D shapes)
with coordinate systems:
    ▸ '_he_intrinsic', with elements:
        he (Images)
    ▸ 'global', with elements:
        he (Images), nuclei (Shapes)`,
  );
  assertEquals((await store.shapes("nuclei")).columns.numbers("area"), Float64Array.of(1, 5));
});

Deno.test("every element is in the consolidated metadata", async () => {
  const disk = await smallOwnStore();
  const root = JSON.parse(new TextDecoder().decode(await disk.read("/s.zarr/zarr.json")));
  assertEquals(Object.keys(root.consolidated_metadata.metadata).sort(), [
    "images",
    "images/he",
    "images/he/s0",
    "images/he/s1",
    "shapes",
    "shapes/nuclei",
  ]);
});

Deno.test("each metadata file that is cut short gives CorruptData that names it", async () => {
  const whole = await smallOwnStore();
  const documents = [...whole.files.keys()].filter((path) => path.endsWith("/zarr.json"));
  for (const path of documents) {
    const disk = new MemoryDisk();
    for (const [name, bytes] of whole.files) disk.files.set(name, bytes);
    const bytes = whole.files.get(path) as Uint8Array<ArrayBuffer>;
    disk.files.set(path, bytes.slice(0, bytes.length >> 1));
    const error = await assertRejects(
      async () => await describeSpatialData(await openSpatialData(disk, "/s.zarr")),
      SthelarError,
    );
    assertEquals([error.tag, error.path], ["CorruptData", path]);
  }
});

Deno.test("a missing metadata file hides its elements or is NotFound, and no other error", async () => {
  const whole = await smallOwnStore();
  const outcomes = new Map<string, string>();
  for (const path of [...whole.files.keys()].filter((path) => path.endsWith("/zarr.json"))) {
    const disk = new MemoryDisk();
    for (const [name, bytes] of whole.files) if (name !== path) disk.files.set(name, bytes);
    try {
      const store = await openSpatialData(disk, "/s.zarr");
      await describeSpatialData(store);
      outcomes.set(path, [...store.names("images"), ...store.names("shapes")].join());
    } catch (error) {
      outcomes.set(path, (error as SthelarError).tag);
    }
  }
  assertEquals(Object.fromEntries(outcomes), {
    "/s.zarr/images/he/zarr.json": "nuclei",
    "/s.zarr/images/he/s0/zarr.json": "NotFound",
    "/s.zarr/images/he/s1/zarr.json": "NotFound",
    "/s.zarr/shapes/nuclei/zarr.json": "he",
    "/s.zarr/images/zarr.json": "nuclei",
    "/s.zarr/shapes/zarr.json": "he",
    "/s.zarr/zarr.json": "NotFound",
  });
});

Deno.test("an element of a later version is refused and named", async () => {
  const disk = await smallOwnStore();
  const path = "/s.zarr/shapes/nuclei/zarr.json";
  const text = new TextDecoder().decode(await disk.read(path)).replace('"0.3"', '"0.9"');
  await disk.write(path, new TextEncoder().encode(text));
  const store = await openSpatialData(disk, "/s.zarr");
  const error = await assertRejects(() => store.shapes("nuclei"), SthelarError);
  assertEquals([error.tag, error.found, error.path], [
    "UnsupportedVersion",
    'version "0.9"',
    "/s.zarr/shapes/nuclei",
  ]);
});

Deno.test("an unknown element is NotFound and the nearest is named", async () => {
  const { store } = await openSmallStore(3);
  const error = await assertRejects(() => store.shapes("nuclie"), SthelarError);
  assertEquals([error.tag, error.remedy], ["NotFound", 'did you mean "nuclei"?']);
  await assertRejects(() => store.image("nuclei"), SthelarError, "no such element among images");
});

Deno.test("a folder that is no store is NotFound", async () => {
  const error = await assertRejects(() => openSpatialData(new MemoryDisk(), "/no"), SthelarError);
  assertEquals([error.tag, error.path], ["NotFound", "/no"]);
});

testWithData(
  "sdata_blobs",
  "both stores of the blobs data set are described alike",
  async (folder) => {
    const texts = [];
    for (const name of ["blobs.zarr", "blobs_v3.zarr"]) {
      const store = await openSpatialData(localDisk, `${folder}/${name}`);
      texts.push((await describeSpatialData(store)).split("\n").slice(1).join("\n"));
    }
    assertEquals(texts[0], texts[1]);
    assertEquals(texts[0].includes("'blobs_points': DataFrame with shape: (<Delayed>, 4)"), true);
  },
);

testWithData(
  "xenium_ileum_tiny.sdata.zarr",
  "a store of another tool (zarr v2, blosc) is read down to its pixels",
  async (root) => {
    const store = await openSpatialData(localDisk, root);
    const image = await store.image("morphology_focus");
    assertEquals(image.levels.map(({ shape }) => shape), [
      [1, 3522, 5789],
      [1, 1761, 2894],
      [1, 880, 1447],
      [1, 440, 723],
      [1, 220, 361],
    ]);
    const box = await image.readRegion(4, { y0: 100, y1: 110, x0: 100, x1: 120 });
    assertEquals(box.shape, [1, 10, 20]);
    const nuclei = await store.shapes("nucleus_boundaries");
    assertEquals(nuclei.ids.length, 23);
    const st = await store.points("transcripts");
    const global = st.transformations.get("global") as Transformation;
    assertEquals(Math.abs(toMatrix(global)[0][0] - 1 / 0.2125) < 1e-9, true);
  },
);
