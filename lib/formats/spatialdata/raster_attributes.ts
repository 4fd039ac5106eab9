/*
 * Attributes of images and labels.
 *
 * | `spatialdata_attrs.version` | zarr | OME-NGFF attributes | `ome.version` |
 * |-----------------------------|------|---------------------|---------------|
 * | 0.1, 0.2                    | 2    | at the top          | 0.4, 0.4-dev-spatialdata (in `multiscales`) |
 * | 0.3 (written)               | 3    | below `ome`         | 0.5-dev-spatialdata |
 */
import { SthelarError } from "@/core/errors.ts";
import type { Attributes, ZarrGroup } from "@/formats/zarr/mod.ts";
import { type Axis, identity, type Transformations } from "./transformation.ts";
import {
  DEFAULT_COORDINATE_SYSTEM,
  parseTransformations,
  serializeTransformations,
} from "./transformation_json.ts";

/** A raster element's attributes, whatever the version. */
export interface RasterAttributes {
  /** Axes in the order of the arrays. */
  readonly axes: readonly Axis[];
  /** Where each level's array lies below the element, finest first. */
  readonly levels: readonly RasterLevel[];
  /** Names of the channels, of images. */
  readonly channels: readonly string[];
  /** Where the element lies. */
  readonly transformations: Transformations;
}

/** A level of a pyramid, as the attributes tell. */
export interface RasterLevel {
  /** Name of its array. */
  readonly path: string;
  /** Size of its pixels in pixels of level 0, an axis each. */
  readonly scale: readonly number[];
}

const VERSION = "0.3";
const OME_VERSION = "0.5-dev-spatialdata";
const READ_VERSIONS = ["0.1", "0.2", VERSION];

/**
 * The attributes of a raster element in today's layout.
 *
 * @param kind Whether it is an image (with a channel axis) or labels.
 * @param shapes Extents of the levels, finest first.
 */
export function rasterAttributes(
  kind: "images" | "labels",
  name: string,
  shapes: readonly (readonly number[])[],
  channels: readonly string[],
  transformations: Transformations,
): Attributes {
  const axes: readonly Axis[] = kind === "images" ? ["c", "y", "x"] : ["y", "x"];
  const multiscale = {
    datasets: shapes.map((shape, level) => ({
      path: `s${level}`,
      coordinateTransformations: [{
        type: "scale",
        scale: shape.map((extent, axis) => shapes[0][axis] / extent),
      }],
    })),
    name: kind === "images" ? `/images/${name}` : name,
    axes: axes.map((axis) => ({ name: axis, type: axis === "c" ? "channel" : "space" })),
    coordinateTransformations: serializeTransformations(transformations, axes),
  };
  const omero = { omero: { channels: channels.map((label) => ({ label })) } };
  return {
    ome: {
      ...(kind === "images" ? omero : {}),
      version: OME_VERSION,
      multiscales: [multiscale],
      ...(kind === "labels" ? { "image-label": { version: "0.5" } } : {}),
    },
    spatialdata_attrs: { version: VERSION },
  };
}

/**
 * Reads the attributes of a raster element.
 *
 * @throws {SthelarError} `UnsupportedVersion` for a later version, `CorruptData` if a part is missing.
 */
export function parseRasterAttributes({ path, attributes }: ZarrGroup): RasterAttributes {
  checkVersion(path, attributes, READ_VERSIONS);
  const ome = (attributes.ome ?? attributes) as Json;
  const [multiscale, ...others] = list(path, "multiscales", ome.multiscales);
  if (multiscale === undefined || others.length > 0) {
    throw corrupt(path, `${1 + others.length} multiscales`, "one");
  }
  const axes = list(path, "axes", multiscale.axes).map((axis) => axis.name as Axis);
  if (!["cyx", "yx"].includes(axes.join(""))) {
    throw new SthelarError("UnsupportedVersion", {
      action: `Cannot read "${path}"`,
      found: `axes ${axes.join(", ")}`,
      expected: "c, y, x or y, x",
      path,
    });
  }
  const levels = list(path, "datasets", multiscale.datasets).map((dataset) => ({
    path: String(dataset.path),
    scale: scaleOf(path, dataset, axes.length),
  }));
  const channels = ome.omero === undefined
    ? []
    : list(path, "omero.channels", (ome.omero as Json).channels).map(({ label }) => String(label));
  return { axes, levels, channels, transformations: transformationsOf(path, multiscale) };
}

/** Refuses versions of an element that are not read here. */
export function checkVersion(
  path: string,
  attributes: Attributes,
  known: readonly string[],
): string {
  const { version } = (attributes.spatialdata_attrs ?? {}) as { readonly version?: string };
  if (version !== undefined && known.includes(version)) return version;
  throw new SthelarError("UnsupportedVersion", {
    action: `Cannot read the element "${path}"`,
    found: version === undefined ? "no spatialdata_attrs.version" : `version "${version}"`,
    expected: `version ${known.join(", ")}`,
    remedy: version === undefined
      ? "check that it is an element that spatialdata wrote"
      : "write it again with spatialdata 0.7",
    path,
  });
}

type Json = { readonly [key: string]: unknown };

/** Plain OME-Zarr has no transformations at this place: then its pixels are the global ones. */
function transformationsOf(path: string, multiscale: Json): Transformations {
  return multiscale.coordinateTransformations === undefined
    ? new Map([[DEFAULT_COORDINATE_SYSTEM, identity]])
    : parseTransformations(multiscale.coordinateTransformations, path);
}

function scaleOf(path: string, dataset: Json, dimensions: number): readonly number[] {
  const { coordinateTransformations: transformations = [] } = dataset;
  const scale = list(path, "coordinateTransformations", transformations)
    .find(({ type }) => type === "scale")?.scale;
  if (scale === undefined) return new Array(dimensions).fill(1);
  const isScale = Array.isArray(scale) && scale.length === dimensions &&
    scale.every((factor) => typeof factor === "number" && factor > 0);
  if (isScale) return scale;
  throw corrupt(path, `scale ${JSON.stringify(scale)}`, `${dimensions} positive numbers`);
}

function list(path: string, name: string, value: unknown): readonly Json[] {
  const isList = Array.isArray(value) &&
    value.every((item) => typeof item === "object" && item !== null && !Array.isArray(item));
  if (isList) return value;
  const found = value === undefined ? `no "${name}"` : `"${name}" that is no list of objects`;
  throw corrupt(path, found, "a list");
}

function corrupt(path: string, found: string, expected: string): SthelarError {
  return new SthelarError("CorruptData", {
    action: `Cannot read the attributes of "${path}"`,
    found,
    expected,
    path,
  });
}
