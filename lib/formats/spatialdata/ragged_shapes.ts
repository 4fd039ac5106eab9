import type { NumericArray } from "@/core/arrays.ts";
import { SthelarError } from "@/core/errors.ts";
import { type Column, Columns, type Geometries, type GeoTable } from "@/formats/parquet/mod.ts";
import type { ZarrGroup } from "@/formats/zarr/mod.ts";

/** Reads shapes of version 0.1: ragged arrays as shapely's `to_ragged_array` makes them. */
export async function readRaggedShapes(group: ZarrGroup): Promise<GeoTable> {
  const kind = geometryName(group);
  const coords = Float64Array.from(await numbersOf(group, "coords"));
  const columns = new Map<string, Column>();
  if (kind === "POINT") {
    columns.set("radius", { kind: "numbers", values: await arrayData(group, "radius") });
  }
  return {
    ids: await idsOf(group),
    indexName: null,
    geometries: kind === "POINT"
      ? { kind: "points", xy: coords }
      : await polygons(group, coords, kind === "MULTIPOLYGON"),
    columns: new Columns(group.path, columns),
  };
}

function geometryName({ path, attributes }: ZarrGroup): string {
  const { geos } = (attributes.spatialdata_attrs ?? {}) as {
    readonly geos?: { readonly name?: string };
  };
  if (["POINT", "POLYGON", "MULTIPOLYGON"].includes(geos?.name ?? "")) return geos?.name as string;
  throw new SthelarError("CorruptData", {
    action: `Cannot read the shapes "${path}"`,
    found: `geometry "${geos?.name}"`,
    expected: "POINT, POLYGON or MULTIPOLYGON",
    path,
  });
}

async function polygons(
  group: ZarrGroup,
  xy: Float64Array,
  multi: boolean,
): Promise<Geometries> {
  const ringStart = Int32Array.from(await numbersOf(group, "offset0"));
  const polygonStart = Int32Array.from(await numbersOf(group, "offset1"));
  const geometryStart = multi
    ? Int32Array.from(await numbersOf(group, "offset2"))
    : Int32Array.from(polygonStart, (_, i) => i);
  const fits = [
    [ringStart, xy.length / 2],
    [polygonStart, ringStart.length - 1],
    [geometryStart, polygonStart.length - 1],
  ].every(([starts, end]) => isPartition(starts as Int32Array, end as number));
  if (fits) {
    return { kind: "polygons", polygons: { xy, ringStart, polygonStart, geometryStart } };
  }
  throw new SthelarError("CorruptData", {
    action: `Cannot read the shapes "${group.path}"`,
    found: "offsets that do not fit their coordinates",
    path: group.path,
  });
}

function isPartition(starts: Int32Array, end: number): boolean {
  return starts[0] === 0 && starts[starts.length - 1] === end &&
    starts.every((start, i) => i === 0 || start >= starts[i - 1]);
}

async function arrayData(group: ZarrGroup, name: string): Promise<NumericArray> {
  return (await (await group.array(name)).read()).data;
}

async function numbersOf(group: ZarrGroup, name: string): Promise<number[]> {
  return Array.from(await arrayData(group, name) as Float64Array, Number);
}

async function idsOf(group: ZarrGroup): Promise<readonly string[] | BigInt64Array> {
  const array = await group.array("Index");
  if (array.dtype === "string") return await array.readStrings();
  const values = (await array.read()).data;
  return BigInt64Array.from(values as Int32Array, (value) => BigInt(value));
}
