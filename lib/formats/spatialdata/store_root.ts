import type { Disk } from "@/core/disk.ts";
import { type Attributes, consolidateMetadata, createGroup } from "@/formats/zarr/mod.ts";

/** The kinds of elements, in the order of spatialdata. */
export const ELEMENT_KINDS = ["images", "labels", "points", "shapes", "tables"] as const;

/** A kind of elements. */
export type ElementKind = typeof ELEMENT_KINDS[number];

const CONTAINER_VERSION = "0.2";
/** The release whose layout is written. */
const SOFTWARE_VERSION = "0.7.3";

/**
 * Completes a store whose elements have been written: a group for each kind of element that there is,
 * the root, and last the consolidated metadata. Before this the folder is no SpatialData store.
 *
 * @param root Folder of the store, absolute.
 * @param attributes Attributes of the store (`sdata.attrs`).
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { packPolygons } from "@/core/polygons.ts";
 * import { MemoryDisk } from "@/formats/disk/mod.ts";
 * import { identity, openSpatialData, writeShapes, writeStoreRoot } from "@/formats/spatialdata/mod.ts";
 *
 * const disk = new MemoryDisk();
 * await writeShapes(disk, "/a.zarr", "nuclei", {
 *   ids: ["aaaaaaaa-1"],
 *   geometries: packPolygons([[[[0, 0, 2, 0, 0, 2, 0, 0]]]]),
 *   transformations: new Map([["global", identity]]),
 * });
 * await writeStoreRoot(disk, "/a.zarr", { simulated: true });
 * assertEquals((await openSpatialData(disk, "/a.zarr")).names("shapes"), ["nuclei"]);
 * ```
 */
export async function writeStoreRoot(
  disk: Disk,
  root: string,
  attributes: Attributes = {},
): Promise<void> {
  for (const kind of ELEMENT_KINDS) {
    const names = (await disk.list(`${root}/${kind}`)).filter((name) => name !== "zarr.json");
    if (names.length === 0) continue;
    await createGroup(
      disk,
      `${root}/${kind}`,
      kind === "labels" ? { ome: { labels: names } } : {},
    );
  }
  await createGroup(disk, root, {
    ...attributes,
    spatialdata_attrs: {
      version: CONTAINER_VERSION,
      spatialdata_software_version: SOFTWARE_VERSION,
    },
  });
  await consolidateMetadata(disk, root);
}
