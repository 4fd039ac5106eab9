import { categorical } from "@/core/categorical.ts";
import { SthelarError } from "@/core/errors.ts";
import type { ZarrArray } from "../zarr/mod.ts";
import {
  type CellsZarr,
  corruptZarr,
  openCellsZarr,
  polygonSetIndex,
  readIds,
  readRows,
} from "./cells_zarr.ts";
import { type CollectedRings, type Coordinates, RingCollector } from "./ring_collector.ts";
import type { XeniumBundle } from "./xenium_bundle.ts";

/** Rings that are read from `cells.zarr.zip`. */
export interface ZarrRings {
  /** Absolute path of the archive. */
  readonly path: string;
  /** The rings; each has the value of the mask as its label. */
  readonly rings: CollectedRings;
  /** Cells that the rings speak of, sorted. */
  readonly ids: readonly string[];
  /** Whether the labels are those of `label_id`, which versions before 2.0 don't have. */
  readonly hasLabels: boolean;
}

/** Where the polygons of one kind lie. */
interface PolygonArrays {
  readonly vertices: ZarrArray;
  readonly lengths: ZarrArray;
  /** Row of each polygon's cell; without one polygon i is that of cell i. */
  readonly owners: ZarrArray | undefined;
  /** Position on the first axis, where cells and nuclei share an array. */
  readonly set: number | undefined;
}

/** Vertices that are read at once, unless a chunk holds more. */
const BLOCK = 1 << 21;

/**
 * Reads polygons from `cells.zarr.zip`. Each has a number of vertices (the closing one counts) and
 * is padded to the length of the longest with whatever the program chose; a polygon of no vertices is
 * none.
 *
 * @throws {SthelarError} `NotFound` if it holds no polygons, `CorruptData` if it is damaged.
 */
export async function readZarrRings(
  bundle: XeniumBundle,
  kind: "cell" | "nucleus",
): Promise<ZarrRings> {
  const store = await openCellsZarr(bundle);
  const cellIds = await readIds(await store.root.array("cell_id"), store.path);
  const arrays = await findPolygons(store, kind);
  const polygonAxis = arrays.set === undefined ? 0 : 1;
  const count = arrays.vertices.shape[polygonAxis];
  checkShapes(store.path, arrays, count, cellIds.length);
  const owners = (await arrays.owners?.read())?.data;
  const width = arrays.vertices.shape[polygonAxis + 1] / 2;
  const collector = new RingCollector(Math.min(count * width, 1 << 24), true);
  const ownerIds: string[] = [];
  const step = Math.max(Math.floor(BLOCK / width), arrays.vertices.chunks[polygonAxis]);
  for (let start = 0; start < count; start += step) {
    const stop = Math.min(count, start + step);
    const xy = await readRows(arrays.vertices, arrays.set, start, stop) as Coordinates;
    const lengths = await readRows(arrays.lengths, arrays.set, start, stop);
    for (let i = 0; i < stop - start; i++) {
      const owner = Number(owners?.[start + i] ?? start + i);
      const length = Number(lengths[i]);
      if (!(length >= 0 && length <= width) || owner >= cellIds.length) {
        throw corruptZarr(
          store.path,
          `polygon ${start + i} of ${length} vertices and cell ${owner}`,
          `at most ${width} vertices and a cell below ${cellIds.length}`,
        );
      }
      if (length === 0) continue;
      ownerIds.push(cellIds[owner]);
      addRing(collector, xy, 2 * i * width, length, start + i + 1);
    }
  }
  const { codes, levels } = categorical(ownerIds);
  return {
    path: store.path,
    rings: collector.finish(codes),
    ids: levels,
    hasLabels: arrays.set === undefined,
  };
}

function addRing(
  collector: RingCollector,
  xy: Coordinates,
  from: number,
  length: number,
  label: number,
): void {
  const starts = new Uint8Array(length);
  starts[0] = 1;
  const xs = new Float64Array(length), ys = new Float64Array(length);
  for (let v = 0; v < length; v++) {
    xs[v] = xy[from + 2 * v];
    ys[v] = xy[from + 2 * v + 1];
  }
  collector.add(starts, xs, ys, new Uint32Array(length).fill(label));
}

async function findPolygons(store: CellsZarr, kind: "cell" | "nucleus"): Promise<PolygonArrays> {
  const { root, path } = store;
  const set = polygonSetIndex(store, kind);
  if (await root.has(`polygon_sets/${set}`)) {
    const group = await root.group(`polygon_sets/${set}`);
    return {
      vertices: await group.array("vertices"),
      lengths: await group.array("num_vertices"),
      owners: await group.array("cell_index"),
      set: undefined,
    };
  }
  if (await root.has("polygon_vertices")) {
    return {
      vertices: await root.array("polygon_vertices"),
      lengths: await root.array("polygon_num_vertices"),
      owners: undefined,
      set,
    };
  }
  const name = `${kind}_boundaries.parquet`;
  throw new SthelarError("NotFound", {
    action: `Cannot read ${kind} polygons from "${path}"`,
    found: "neither polygon_sets nor polygon_vertices",
    expected: `one of them, as there is no "${name}"`,
    remedy: `copy "${name}" of the bundle into the folder`,
    path,
  });
}

function checkShapes(
  path: string,
  { vertices, lengths, owners, set }: PolygonArrays,
  count: number,
  cellCount: number,
): void {
  const before = set === undefined ? [] : [vertices.shape[0]];
  const width = vertices.shape[before.length + 1];
  const fits = vertices.shape.length === before.length + 2 && width % 2 === 0 &&
    lengths.shape.join() === [...before, count].join() &&
    (owners === undefined ? count === cellCount : owners.shape.join() === String(count)) &&
    (set === undefined || set < vertices.shape[0]);
  if (fits) return;
  throw corruptZarr(
    path,
    `vertices of ${vertices.shape.join(" x ")}, numbers of vertices of ${
      lengths.shape.join(" x ")
    }, ${cellCount} cells`,
    "a number of vertices and a cell for each polygon",
  );
}
