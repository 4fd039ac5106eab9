/*
 * Stores of SpatialData.
 *
 * | `spatialdata_attrs.version` of the root | zarr | elements |
 * |-----------------------------------------|------|----------|
 * | absent, 0.1                             | 2    | raster 0.1, 0.2; shapes 0.1, 0.2; points 0.1; tables 0.1 |
 * | 0.2 (written)                           | 3    | raster 0.3; shapes 0.3; points 0.2; tables 0.2 |
 */
import type { Disk } from "@/core/disk.ts";
import { SthelarError } from "@/core/errors.ts";
import { didYouMean } from "@/core/nearest.ts";
import { type Attributes, openGroup, type ZarrGroup } from "@/formats/zarr/mod.ts";
import { type ImagePyramid, openImage } from "./image_pyramid.ts";
import { openPoints, type Points } from "./points.ts";
import { readShapes, type Shapes } from "./shapes.ts";
import { ELEMENT_KINDS, type ElementKind } from "./store_root.ts";
import { openTable, type TableHandle } from "./tables.ts";

/** A SpatialData store; elements are opened one by one. */
export interface SpatialDataStore {
  /** Its folder. */
  readonly root: string;
  /** The version of zarr that it is stored in. */
  readonly zarrFormat: 2 | 3;
  /** Its own attributes, without spatialdata's. */
  readonly attributes: Attributes;
  /** Names of the elements of a kind, sorted. */
  names(kind: ElementKind): readonly string[];
  /** Opens an image. @throws {SthelarError} `NotFound` if there is none of this name. */
  image(name: string): Promise<ImagePyramid>;
  /** Opens labels. @throws {SthelarError} `NotFound` if there are none of this name. */
  labels(name: string): Promise<ImagePyramid>;
  /** Opens points. @throws {SthelarError} `NotFound` if there are none of this name. */
  points(name: string): Promise<Points>;
  /** Reads shapes whole. @throws {SthelarError} `NotFound` if there are none of this name. */
  shapes(name: string): Promise<Shapes>;
  /** Opens a table. @throws {SthelarError} `NotFound` if there is none of this name. */
  table(name: string): Promise<TableHandle>;
}

const CONTAINER_VERSIONS = ["0.1", "0.2"];

/**
 * Opens a SpatialData store (zarr v3, or v2 of older releases); no element is read.
 *
 * @param root Folder of the store, absolute.
 * @throws {SthelarError} `NotFound` if there is no store, `UnsupportedVersion` if it is of a later
 *   version.
 */
export async function openSpatialData(disk: Disk, root: string): Promise<SpatialDataStore> {
  const group = await openGroup(disk, root);
  const { spatialdata_attrs, ...attributes } = group.attributes;
  const version = (spatialdata_attrs as { readonly version?: string } | undefined)?.version;
  if (version !== undefined && !CONTAINER_VERSIONS.includes(version)) {
    throw new SthelarError("UnsupportedVersion", {
      action: `Cannot open the SpatialData store "${root}"`,
      found: `version "${version}"`,
      expected: `version ${CONTAINER_VERSIONS.join(" or ")}`,
      path: root,
    });
  }
  const names = new Map<ElementKind, readonly string[]>();
  for (const kind of ELEMENT_KINDS) names.set(kind, await elementNames(group, kind));
  const namesOf = (kind: ElementKind) => names.get(kind) as readonly string[];
  const pathOf = (kind: ElementKind, name: string) => elementPath(root, kind, name, namesOf(kind));
  return {
    root,
    zarrFormat: group.zarrFormat,
    attributes,
    names: namesOf,
    image: async (name) => await openImage(disk, pathOf("images", name)),
    labels: async (name) => await openImage(disk, pathOf("labels", name)),
    points: async (name) => await openPoints(disk, pathOf("points", name)),
    shapes: async (name) => await readShapes(disk, pathOf("shapes", name)),
    table: async (name) => await openTable(disk, pathOf("tables", name)),
  };
}

async function elementNames(root: ZarrGroup, kind: ElementKind): Promise<readonly string[]> {
  if (!await root.has(kind)) return [];
  const children = await (await root.group(kind)).children();
  return children.map(({ name }) => name);
}

function elementPath(
  root: string,
  kind: ElementKind,
  name: string,
  known: readonly string[],
): string {
  const path = `${root}/${kind}/${name}`;
  if (known.includes(name)) return path;
  throw new SthelarError("NotFound", {
    action: `Cannot open "${name}" of "${root}"`,
    found: `no such element among ${kind}`,
    remedy: didYouMean(name, known),
    path,
  });
}
