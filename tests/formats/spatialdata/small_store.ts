import type { Disk } from "@/core/disk.ts";
import { localDisk } from "@/formats/disk/mod.ts";
import { openSpatialData, type SpatialDataStore } from "@/formats/spatialdata/mod.ts";
import { openZip, zipDisk } from "@/formats/zip/mod.ts";

const FIXTURES = new URL("../../fixtures/spatialdata", import.meta.url).pathname;

/** A store that spatialdata wrote, and what `print(sdata)` says of it below the first line. */
export interface SmallStore {
  readonly disk: Disk;
  readonly root: string;
  readonly store: SpatialDataStore;
  readonly description: string;
}

/** Opens the small store of zarr version 2 or 3. */
export async function openSmallStore(zarr: 2 | 3): Promise<SmallStore> {
  const disk = zipDisk(await openZip(localDisk, `${FIXTURES}/small_v${zarr}.zarr.zip`));
  const root = `/small_v${zarr}.zarr`;
  return {
    disk,
    root,
    store: await openSpatialData(disk, root),
    description: await Deno.readTextFile(`${FIXTURES}/small_v${zarr}.txt`),
  };
}
