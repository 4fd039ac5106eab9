import type { Disk } from "@/core/disk.ts";
import { SthelarError } from "@/core/errors.ts";
import { ELEMENT_KINDS } from "@/formats/spatialdata/mod.ts";
import { mountZip, openZip, type ZipArchive } from "@/formats/zip/mod.ts";

/** Where a SpatialData store lies. */
export interface LocatedStore {
  /** The disk that reads it: for a zip archive one on which the archive is a folder. */
  readonly disk: Disk;
  /** The store's root on that disk, absolute. */
  readonly root: string;
  /** The archive, if it lies in one. */
  readonly archive: ZipArchive | undefined;
}

/** Levels of folders that a store may lie in: `sdata_slides/sdata_heart_s0.zarr`. */
const MAX_DEPTH = 2;

/** What a folder is, as far as a store is looked for. */
type FolderKind = "store" | "storeWithoutRoot" | "group" | "folder";

/**
 * Finds the SpatialData store at a path: a folder, a zip archive, or a folder in either.
 *
 * @param path Absolute path of a folder or zip archive.
 * @throws {SthelarError} `NotFound` if there is nothing, `CorruptData` if it is no whole store,
 *   `InvalidArgument` if there are several.
 */
export async function locateStore(disk: Disk, path: string): Promise<LocatedStore> {
  const stat = await disk.stat(path);
  if (stat === undefined) {
    throw new SthelarError("NotFound", {
      action: `Cannot open the store "${path}"`,
      found: "nothing there",
      expected: "a SpatialData store: a folder or a zip archive",
      remedy: "check the path",
      path,
    });
  }
  const archive = stat.isDirectory ? undefined : await openZip(disk, path);
  const mounted = archive === undefined ? disk : mountZip(disk, archive);
  return { disk: mounted, root: await findRoot(mounted, path), archive };
}

async function findRoot(disk: Disk, top: string): Promise<string> {
  const groups: string[] = [];
  const headless: string[] = [];
  let level = [top];
  for (let depth = 0; depth <= MAX_DEPTH && level.length > 0; depth++) {
    const kinds = await Promise.all(level.map((folder) => folderKind(disk, folder)));
    const ofKind = (kind: FolderKind) => level.filter((_, i) => kinds[i] === kind);
    const stores = ofKind("store");
    if (stores.length === 1) return stores[0];
    if (stores.length > 1) throw severalStores(top, stores);
    groups.push(...ofKind("group"));
    headless.push(...ofKind("storeWithoutRoot"));
    const below = await Promise.all(ofKind("folder").map((folder) => subfolders(disk, folder)));
    level = below.flat();
  }
  throw await noStore(disk, top, headless, groups);
}

async function folderKind(disk: Disk, folder: string): Promise<FolderKind> {
  const names = new Set(await disk.list(folder));
  const hasKinds = ELEMENT_KINDS.some((kind) => names.has(kind));
  if (names.has("zarr.json") || names.has(".zgroup")) return hasKinds ? "store" : "group";
  for (const kind of ELEMENT_KINDS) {
    if (!names.has(kind)) continue;
    const inside = await disk.list(`${folder}/${kind}`);
    if (inside.includes("zarr.json") || inside.includes(".zgroup")) return "storeWithoutRoot";
  }
  return "folder";
}

/** Folders that a Mac adds to an archive hold nothing of the store. */
async function subfolders(disk: Disk, folder: string): Promise<string[]> {
  const result: string[] = [];
  for (const name of await disk.list(folder)) {
    if (name === "__MACOSX" || name.startsWith(".")) continue;
    if ((await disk.stat(`${folder}/${name}`))?.isDirectory) result.push(`${folder}/${name}`);
  }
  return result;
}

function severalStores(top: string, stores: readonly string[]): SthelarError {
  return new SthelarError("InvalidArgument", {
    action: `Cannot open the store "${top}"`,
    found: `${stores.length} stores: ${
      stores.map((store) => store.slice(top.length + 1)).join(", ")
    }`,
    expected: "one",
    remedy: "name the folder of one of them",
    path: top,
  });
}

async function noStore(
  disk: Disk,
  top: string,
  headless: readonly string[],
  groups: readonly string[],
): Promise<SthelarError> {
  const action = `Cannot open the store "${top}"`;
  if (headless.length > 0) {
    return new SthelarError("CorruptData", {
      action,
      found: `elements in "${headless[0]}" without the metadata of the store itself`,
      expected: 'a ".zgroup" or "zarr.json" beside them',
      remedy: "the store is incomplete: copy or download it again",
      path: headless[0],
    });
  }
  if (groups.length > 0) {
    const names = (await disk.list(groups[0])).filter((name) => !/^\.z|^zarr\.json$/.test(name));
    return new SthelarError("CorruptData", {
      action,
      found: `a zarr group of ${names.slice(0, 6).join(", ") || "nothing"}`,
      expected: `a SpatialData store, with ${ELEMENT_KINDS.join(", ")}`,
      path: groups[0],
    });
  }
  return new SthelarError("CorruptData", {
    action,
    found: "no zarr group in it",
    expected: "a SpatialData store, as sdata_<slide>.zarr or sdata_<slide>.zarr.zip",
    path: top,
  });
}
