/**
 * Writes a SpatialData store for `test_spatialdata.py`, which checks it with spatialdata itself. The
 * values follow formulas that the Python side repeats.
 *
 * Run with the folder to write to in `STHELAR_INTEROP_OUT`.
 */
import { localDisk } from "@/formats/disk/mod.ts";
import { openDuckDb } from "@/formats/parquet/mod.ts";
import {
  affineXY,
  createImageWriter,
  createLabelsWriter,
  createPointsWriter,
  describeSpatialData,
  identity,
  type ImageWriter,
  openSpatialData,
  type Transformations,
  writeShapes,
  writeStoreRoot,
  writeTable,
} from "@/formats/spatialdata/mod.ts";
import { zipFolder } from "@/formats/zip/mod.ts";
import { type Categorical, constantCategorical } from "@/core/categorical.ts";
import { packPolygons } from "@/core/polygons.ts";
import type { NumericArray } from "@/core/arrays.ts";

const out = Deno.env.get("STHELAR_INTEROP_OUT");
if (out === undefined) throw new Error("set STHELAR_INTEROP_OUT to the folder to write to");
const root = `${out}/sdata_interop.zarr`;
await localDisk.remove(root);

const PIXEL_UM = 0.2125;
const scaled: Transformations = new Map([
  ["global", { type: "scale", factors: { x: 1 / PIXEL_UM, y: 1 / PIXEL_UM } }],
]);
const inGlobal: Transformations = new Map([["global", identity]]);

/** The pixel at channel c, row y, column x; the Python side has the same formula. */
function pixel(c: number, y: number, x: number, modulus: number): number {
  return (c * 7919 + y * 104729 + x * 1299709 + ((y * x) % 1013) * 31) % modulus;
}

async function fill(
  writer: ImageWriter,
  make: (length: number) => NumericArray,
  value: (c: number, y: number, x: number) => number,
  level = 0,
): Promise<void> {
  const { shape, chunks } = writer.levels[level];
  for (let row = 0; row * chunks[1] < shape[1]; row++) {
    for (let column = 0; column * chunks[2] < shape[2]; column++) {
      for (let channel = 0; channel * chunks[0] < shape[0]; channel++) {
        const start = [channel * chunks[0], row * chunks[1], column * chunks[2]];
        const extent = start.map((from, axis) => Math.min(chunks[axis], shape[axis] - from));
        const data = make(extent[0] * extent[1] * extent[2]);
        for (let c = 0, i = 0; c < extent[0]; c++) {
          for (let y = 0; y < extent[1]; y++) {
            for (let x = 0; x < extent[2]; x++) {
              data[i++] = value(start[0] + c, start[1] + y, start[2] + x);
            }
          }
        }
        await writer.writeTile({ level, channel, row, column }, data);
      }
    }
  }
}

const morpho = await createImageWriter(localDisk, root, {
  name: "morpho",
  shape: [2, 301, 450],
  dtype: "uint16",
  channels: ["DAPI", "boundary"],
  tile: [1, 64, 64],
  transformations: inGlobal,
});
await fill(morpho, (n) => new Uint16Array(n), (c, y, x) => pixel(c, y, x, 65536));
await morpho.finish();

const he = await createImageWriter(localDisk, root, {
  name: "he",
  shape: [3, 203, 150],
  dtype: "uint8",
  channels: ["r", "g", "b"],
  tile: [3, 64, 64],
  pyramid: { kind: "given", sizes: [[102, 75], [51, 38]] },
  transformations: new Map([
    ["global", affineXY([[1.1, -0.2, 30], [0.2, 1.1, 4]])],
    ["_he_intrinsic", identity],
  ]),
});
for (const level of [0, 1, 2]) {
  await fill(he, (n) => new Uint8Array(n), (c, y, x) => pixel(c, y, x + level, 251), level);
}
await he.finish();

const labels = await createLabelsWriter(localDisk, root, {
  name: "nucleus_labels",
  shape: [301, 450],
  dtype: "uint32",
  tile: [64, 64],
  pyramid: { kind: "halved", levels: 3 },
  transformations: inGlobal,
});
await fill(labels, (n) => new Uint32Array(n), (_, y, x) => pixel(0, y, x, 97));
await labels.finish();

{
  using db = await openDuckDb({ memoryBytes: 256e6, threads: 1 });
  const points = createPointsWriter(localDisk, root, "st", {
    axes: ["x", "y", "z"],
    featureKey: "feature_name",
    instanceKey: "cell_id",
    rowGroupSize: 2048,
    transformations: new Map([
      ...scaled,
      ["_st_intrinsic", identity],
    ]),
  });
  await points.fromQuery(
    db,
    `select (i % 1000)::float as x, (i // 10)::float as y, 0.5::float as z,
       'gene_' || (i % 300) as feature_name,
       case when i % 7 = 0 then 'UNASSIGNED' else 'aaaaaaa' || chr(97 + (i % 3)::int) || '-1' end as cell_id,
       i::ubigint as transcript_id, (i % 2 = 0) as overlaps_nucleus, (i % 41)::float as qv
     from (select range as i from range(5000))`,
  );
  await points.finish();
}

const ids = ["aaaaaaaa-1", "aaaaaaab-1", "aaaaaaac-1"];
const square = (x: number, y: number, side: number) => [
  x,
  y,
  x + side,
  y,
  x + side,
  y + side,
  x,
  y + side,
  x,
  y,
];
await writeShapes(localDisk, root, "nucleus_boundaries", {
  ids,
  indexName: "cell_id",
  geometries: packPolygons([
    [[square(0, 0, 4), square(1, 1, 1)]],
    [[square(10, 0, 2)], [square(20, 0, 3)]],
    [[square(5, 5, 2.5)]],
  ]),
  columns: new Map([
    ["area", { kind: "numbers", values: Float64Array.of(15, 13, 6.25) }],
    ["label", { kind: "numbers", values: Uint32Array.of(1, 2, 3) }],
    ["kind", {
      kind: "categories",
      values: { codes: Int32Array.of(0, 1, -1), levels: ["B", "T"], ordered: false },
    }],
    ["is_edge", { kind: "booleans", values: Uint8Array.of(1, 0, 0) }],
    ["bbox", {
      kind: "lists",
      starts: Int32Array.of(0, 4, 8, 12),
      values: Int32Array.of(0, 0, 4, 4, 10, 0, 23, 3, 5, 5, 8, 8),
    }],
  ]),
  transformations: scaled,
});

await writeTable(
  localDisk,
  root,
  "table_nuclei",
  {
    X: { data: Float32Array.of(1, 0, 2, 3, 0, 4), shape: [3, 2] },
    obs: {
      index: ids,
      columns: new Map<string, readonly string[] | Categorical>([
        ["cell_id", ids],
        ["region", constantCategorical("nucleus_boundaries", 3)],
      ]),
    },
    var: { index: ["CD3E", "MS4A1"], columns: new Map() },
    obsm: {},
    varm: {},
    obsp: {},
    varp: {},
    layers: {},
    uns: new Map(),
  },
  { region: "nucleus_boundaries", regionKey: "region", instanceKey: "cell_id" },
);
await writeStoreRoot(localDisk, root, { simulated: true });
await localDisk.write(
  `${out}/sdata_interop.txt`,
  new TextEncoder().encode(await describeSpatialData(await openSpatialData(localDisk, root))),
);
await zipFolder(localDisk, root, `${root}.zip`);
