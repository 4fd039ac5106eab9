import type { Disk } from "@/core/disk.ts";
import type { BundleRole } from "./bundle_files.ts";
import type { XeniumManifest } from "./manifest.ts";

/** A Xenium output folder whose files have been found; nothing large has been read. */
export interface XeniumBundle {
  /** The folder that holds the files. */
  readonly root: string;
  /** What the manifest says. */
  readonly manifest: XeniumManifest;
  /** Absolute path of each role that is there. */
  readonly files: ReadonlyMap<BundleRole, string>;
  /** Names in the folder. */
  readonly names: readonly string[];
  /** The disk that holds it. */
  readonly disk: Disk;
  /**
   * Path of the file of a role.
   *
   * @throws {SthelarError} `NotFound` with what was looked for and what is there.
   */
  pathOf(role: BundleRole): string;
}
