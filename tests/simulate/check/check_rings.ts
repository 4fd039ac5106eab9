import type { ZarrGroup } from "@/formats/zarr/mod.ts";
import { type BundleParts, namesIn } from "./bundle_parts.ts";
import type { RingStyle } from "@/simulate/presets.ts";
import { PIXEL_UM } from "@/simulate/slide_plan.ts";
import { isClosed, type StoredRing, storedRings } from "./stored_rings.ts";

const LATTICE_TOLERANCE_PIXELS = 2e-3;

/** Polygons are closed rings of the version's size, and equal those in `cells.zarr.zip`. */
export async function ringFaults(parts: BundleParts): Promise<string[]> {
  const { preset, cells, cellRings, nucleusRings } = parts;
  const ids = namesIn(cells, "cell_id");
  const sets = [
    { set: 0, name: "nucleus", table: nucleusRings, style: preset.rings === 13 ? 13 : 25 },
    { set: 1, name: "cell", table: cellRings, style: preset.rings },
  ] as const;
  const faults: string[] = [];
  for (const { set, name, table, style } of sets) {
    const rings = storedRings(table);
    faults.push(
      ...rings.flatMap((ring) => shapeFault(ring, style) ?? []).slice(0, 1)
        .map((fault) => `${name}: ${fault}`),
      ...ownerFaults(name, rings, ids, preset.nucleiPerCell === "any" && set === 0),
      ...await copyFaults(parts, set, name, rings, ids),
    );
  }
  return faults;
}

function shapeFault({ cellId, xy }: StoredRing, style: RingStyle): string | undefined {
  const vertices = xy.length / 2;
  const isOnLattice = xy.every((um) =>
    Math.abs(um / PIXEL_UM - Math.round(um / PIXEL_UM)) < LATTICE_TOLERANCE_PIXELS
  );
  if (!isClosed(xy)) return `the ring of ${cellId} is open`;
  if (!isOnLattice) return `the ring of ${cellId} lies between pixels`;
  if (style === 13 ? vertices !== 13 : vertices > 25) return `${vertices} vertices of ${cellId}`;
  if (style !== "imported" && vertices < 4) return `${vertices} vertices of ${cellId}`;
  return style === "imported" || signedArea(xy) < 0 ? undefined : `the ring of ${cellId} is turned`;
}

/** Half the shoelace sum; below 0 for counter-clockwise on screen. */
function signedArea(xy: readonly number[]): number {
  let sum = 0;
  for (let v = 0; v + 3 < xy.length; v += 2) sum += xy[v] * xy[v + 3] - xy[v + 2] * xy[v + 1];
  return sum / 2;
}

/** One polygon a cell, in the order of the cells; of nuclei from 2.0 on any number. */
function ownerFaults(
  name: string,
  rings: readonly StoredRing[],
  ids: readonly string[],
  isAny: boolean,
): string[] {
  const rowOf = new Map(ids.map((id, row) => [id, row]));
  const rows = rings.map(({ cellId }) => rowOf.get(cellId) ?? -1);
  if (rows.includes(-1)) return [`${name}: a polygon of no cell`];
  if (!rows.every((row, p) => p === 0 || row >= rows[p - 1])) return [`${name}: out of order`];
  const isOneEach = rows.length === ids.length && rows.every((row, p) => row === p);
  const labels = rings.map(({ label }, p) => label === undefined || label === p + 1);
  return [
    ...(isAny || isOneEach ? [] : [`${name}: ${rows.length} polygons of ${ids.length} cells`]),
    ...(labels.includes(false) ? [`${name}: labels are not 1 to ${rings.length}`] : []),
  ];
}

async function copyFaults(
  { zarr, preset }: BundleParts,
  set: number,
  name: string,
  rings: readonly StoredRing[],
  ids: readonly string[],
): Promise<string[]> {
  const isNew = preset.cellsZarr === "polygon-sets";
  const copies = isNew ? await polygonSet(zarr, set) : await oldPolygons(zarr, set, ids.length);
  if (copies.length !== rings.length) return [`${name}: zarr has ${copies.length} polygons`];
  const different = copies.findIndex(({ xy, owner }, p) =>
    String(xy) !== String(rings[p].xy) || ids[owner] !== rings[p].cellId
  );
  return different < 0 ? [] : [`${name}: zarr has another polygon ${different}`];
}

interface CopiedRing {
  readonly xy: readonly number[];
  readonly owner: number;
}

async function polygonSet(zarr: ZarrGroup, set: number): Promise<CopiedRing[]> {
  const read = async (array: string) =>
    Array.from((await (await zarr.array(`polygon_sets/${set}/${array}`)).read()).data, Number);
  const [owners, lengths, vertices] = [
    await read("cell_index"),
    await read("num_vertices"),
    await read("vertices"),
  ];
  const slots = owners.length === 0 ? 0 : vertices.length / owners.length;
  return owners.map((owner, p) => ({
    owner,
    xy: vertices.slice(p * slots, p * slots + 2 * lengths[p]),
  }));
}

async function oldPolygons(zarr: ZarrGroup, set: number, count: number): Promise<CopiedRing[]> {
  const lengths = (await (await zarr.array("polygon_num_vertices")).read()).data;
  const { data, shape } = await (await zarr.array("polygon_vertices")).read();
  const vertices = Array.from(data, Number);
  return Array.from({ length: count }, (_, p) => {
    const start = (set * count + p) * shape[2];
    return { owner: p, xy: vertices.slice(start, start + 2 * Number(lengths[set * count + p])) };
  });
}
