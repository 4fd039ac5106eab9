/*
 * Attributes of a store's nodes, from the layout of spatialdata 0.7 to that of releases before 0.5.
 *
 * | node    | from                        | to                                          |
 * |---------|-----------------------------|---------------------------------------------|
 * | root    | container 0.2               | container 0.1                               |
 * | images, labels | raster 0.3, all below `ome` | raster 0.1, OME-NGFF 0.4 at the top  |
 * | shapes  | 0.3                         | 0.2                                         |
 * | points  | 0.2                         | 0.1                                         |
 * | tables  | 0.2                         | 0.1                                         |
 *
 * Releases 0.2 and 0.3 know OME-NGFF "0.4" alone, so that "0.4-dev-spatialdata" (raster 0.2) is not
 * written. Levels are named 0, 1, 2 as those releases name them.
 */
import { SthelarError } from "@/core/errors.ts";
import type { Attributes, JsonValue } from "@/formats/zarr/mod.ts";
import { checkVersion } from "../raster_attributes.ts";

const SOFTWARE_VERSION = "0.4.0";
const NGFF_VERSION = "0.4";

type Json = { readonly [key: string]: JsonValue };

/**
 * The attributes of a group in the older layout.
 *
 * @param path The group below the store: `images/he`, `""` for the store itself.
 * @throws {SthelarError} `UnsupportedVersion` for an element of another version than is written here.
 */
export function olderAttributes(path: string, attributes: Attributes): Attributes {
  const [kind, name, ...below] = path.split("/");
  if (path === "") {
    const spatialdata_attrs = {
      spatialdata_software_version: SOFTWARE_VERSION,
      version: "0.1",
    };
    return { ...attributes, spatialdata_attrs };
  }
  if (name === undefined) return kind === "labels" ? withoutOme(attributes) : attributes;
  if (below.length > 0) return attributes;
  switch (kind) {
    case "images":
    case "labels":
      return olderRaster(path, attributes);
    case "shapes":
      return withVersion(path, attributes, "0.3", "0.2");
    case "points":
      return withVersion(path, attributes, "0.2", "0.1");
    case "tables":
      checkTable(path, attributes);
      return { ...attributes, version: "0.1" };
    default:
      return attributes;
  }
}

/** The new names of a raster element's levels, by their folders. */
export function olderLevelNames({ ome }: Attributes): ReadonlyMap<string, string> {
  const [multiscale] = ((ome as Json | undefined)?.multiscales ?? []) as readonly Json[];
  const datasets = (multiscale?.datasets ?? []) as readonly Json[];
  return new Map(datasets.map(({ path }, level) => [String(path), String(level)]));
}

function olderRaster(path: string, attributes: Attributes): Attributes {
  checkVersion(path, attributes, ["0.3"]);
  const { multiscales, version: _, ...ome } = asRecord(path, "ome", attributes.ome);
  const multiscale = asRecord(path, "multiscales", asList(path, "multiscales", multiscales)[0]);
  const datasets = asList(path, "datasets", multiscale.datasets).map((value, level) => {
    const dataset = asRecord(path, "datasets", value);
    const isName = typeof dataset.path === "string" && !dataset.path.includes("/");
    if (!isName) throw corrupt(path, "datasets", "the name of an array for each level");
    return { ...dataset, path: String(level) };
  });
  const label = ome["image-label"];
  return {
    ...withoutOme({ ...attributes, ome }),
    ...(label === undefined
      ? {}
      : { "image-label": { ...asRecord(path, "image-label", label), version: NGFF_VERSION } }),
    multiscales: [{ ...multiscale, datasets, version: NGFF_VERSION }],
    spatialdata_attrs: { version: "0.1" },
  };
}

function asList(path: string, name: string, value: JsonValue | undefined): readonly JsonValue[] {
  if (Array.isArray(value)) return value;
  throw corrupt(path, name, "a list");
}

function asRecord(path: string, name: string, value: JsonValue | undefined): Json {
  if (typeof value === "object" && value !== null && !Array.isArray(value)) return value as Json;
  throw corrupt(path, name, "an object");
}

function corrupt(path: string, name: string, expected: string): SthelarError {
  return new SthelarError("CorruptData", {
    action: `Cannot write "${path}" as zarr v2`,
    found: `attributes whose "${name}" is missing or wrong`,
    expected,
    path,
  });
}

function withoutOme({ ome, ...attributes }: Attributes): Attributes {
  return { ...attributes, ...(ome ?? {}) as Json };
}

function withVersion(path: string, attributes: Attributes, from: string, to: string): Attributes {
  checkVersion(path, attributes, [from]);
  const own = attributes.spatialdata_attrs as Json;
  return { ...attributes, spatialdata_attrs: { ...own, version: to } };
}

function checkTable(path: string, { version }: Attributes): void {
  if (version === "0.2") return;
  throw new SthelarError("UnsupportedVersion", {
    action: `Cannot write the table "${path}" as zarr v2`,
    found: version === undefined ? "no version" : `version ${JSON.stringify(version)}`,
    expected: "version 0.2",
    path,
  });
}
