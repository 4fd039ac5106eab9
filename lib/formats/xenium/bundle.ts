import type { Disk } from "@/core/disk.ts";
import { localDisk } from "../disk/mod.ts";
import { type BundleRole, findBundleFiles, missingFile } from "./bundle_files.ts";
import { refuseOtherInstrument } from "./cells_zarr.ts";
import { imageFiles } from "./image_files.ts";
import { isMexFolder, mexFiles } from "./mex_files.ts";
import { NO_MANIFEST, readManifest } from "./manifest.ts";
import type { XeniumBundle } from "./xenium_bundle.ts";

/**
 * Opens a Xenium bundle (analysis 1.0 to 4.x): finds its files and reads the manifest.
 *
 * Which files there are and how they look decides how they are read, never the version. Without a
 * manifest the pixel size is `undefined`: take it from the morphology image then.
 *
 * @param folder The bundle's folder, or one with the bundle as its only subfolder.
 * @param disk The disk that holds it.
 * @throws {SthelarError} `NotFound` if there is no bundle, `CorruptData` for a damaged manifest,
 *   `UnsupportedVersion` for a bundle of another instrument.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { MemoryDisk } from "@/formats/disk/mod.ts";
 * import { openXeniumBundle } from "@/formats/xenium/mod.ts";
 *
 * const disk = new MemoryDisk();
 * await disk.write("/run/outs/experiment.xenium", new TextEncoder().encode('{"pixel_size":0.2125}'));
 * const bundle = await openXeniumBundle("/run", disk);
 * assertEquals([bundle.root, bundle.manifest.pixelSizeUm], ["/run/outs", 0.2125]);
 * ```
 */
export async function openXeniumBundle(
  folder: string,
  disk: Disk = localDisk,
): Promise<XeniumBundle> {
  const { root, files, names } = await findBundleFiles(disk, folder);
  const manifestPath = files.get("manifest");
  const manifest = manifestPath === undefined
    ? NO_MANIFEST
    : await readManifest(disk, manifestPath);
  const cellsZarr = files.get("cellsZarr");
  if (cellsZarr !== undefined) await refuseOtherInstrument(disk, cellsZarr);
  const pathOf = (role: BundleRole) => {
    const path = files.get(role);
    if (path === undefined) throw missingFile(role, root, names);
    return path;
  };
  return { root, manifest, files, names, disk, pathOf };
}

/**
 * The files that reading these roles depends on, for the identity of what is made from them.
 *
 * @param folder The bundle's folder.
 * @param roles What is read.
 * @returns Absolute paths, sorted.
 * @throws {SthelarError} `NotFound` if one is not there.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { MemoryDisk } from "@/formats/disk/mod.ts";
 * import { bundleFiles } from "@/formats/xenium/mod.ts";
 *
 * const disk = new MemoryDisk();
 * await disk.write("/outs/cells.parquet", new Uint8Array());
 * await disk.write("/outs/morphology_focus/morphology_focus_0000.ome.tif", new Uint8Array());
 * assertEquals(await bundleFiles("/outs", ["morphologyFocus", "cells"], disk), [
 *   "/outs/cells.parquet",
 *   "/outs/morphology_focus/morphology_focus_0000.ome.tif",
 * ]);
 * ```
 */
export async function bundleFiles(
  folder: string,
  roles: readonly BundleRole[],
  disk: Disk = localDisk,
): Promise<string[]> {
  const bundle = await openXeniumBundle(folder, disk);
  const paths = new Set<string>();
  for (const role of roles) {
    if (role === "matrix" && isMexFolder(bundle.pathOf(role))) {
      for (const path of Object.values(await mexFiles(bundle))) paths.add(path);
    } else if (role !== "morphologyFocus") paths.add(bundle.pathOf(role));
    else for (const { path } of (await imageFiles(bundle)).channels) paths.add(path);
  }
  return [...paths].sort();
}
