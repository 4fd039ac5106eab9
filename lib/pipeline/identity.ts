import { createHash } from "node:crypto";
import type { Disk } from "@/core/disk.ts";
import { SthelarError } from "@/core/errors.ts";
import type { Progress } from "@/core/progress.ts";

/** A file's content, and how to tell without reading that it is still the same. */
export interface FileIdentity {
  /** Bytes. */
  readonly size: number;
  /** Last change, ms since 1970. */
  readonly modifiedMs: number;
  /** The file system's number for the file. */
  readonly inode: number;
  /** Hash of the content, hexadecimal. */
  readonly sha256: string;
}

/** Identities by absolute path. */
export type KnownFiles = Readonly<Record<string, FileIdentity>>;

const BLOCK_BYTES = 4 << 20;

/**
 * Identifies files by the sha256 of their content; a file whose size, time and inode are known
 * is not read again.
 *
 * @param paths Absolute paths.
 * @param known What was found the last time.
 * @param options `rehash` reads every file; `progress` is told of the bytes read.
 * @returns The identity of each path.
 * @throws {SthelarError} `NotFound` if a file is gone.
 */
export async function identifyFiles(
  disk: Disk,
  paths: readonly string[],
  known: KnownFiles,
  options: { rehash?: boolean; progress?: Progress; signal?: AbortSignal } = {},
): Promise<KnownFiles> {
  const stats = await Promise.all(
    paths.map(async (path) => ({ path, stat: await disk.stat(path) })),
  );
  const total = stats.reduce((sum, { stat }) => sum + (stat?.size ?? 0), 0);
  const result: Record<string, FileIdentity> = {};
  let done = 0;
  for (const { path, stat } of stats) {
    if (stat === undefined) throw fileIsGone(path);
    const { size, modifiedMs, inode } = stat;
    const before = known[path];
    const unchanged = !options.rehash && before?.size === size &&
      before.modifiedMs === modifiedMs && before.inode === inode;
    const sha256 = unchanged ? before.sha256 : await hashFile(disk, path, size, (bytes) => {
      options.signal?.throwIfAborted();
      options.progress?.update(done + bytes, total, "bytes hashed");
    });
    done += size;
    result[path] = { size, modifiedMs, inode, sha256 };
  }
  return result;
}

async function hashFile(
  disk: Disk,
  path: string,
  size: number,
  report: (bytes: number) => void,
): Promise<string> {
  const hash = createHash("sha256");
  for (let offset = 0; offset < size; offset += BLOCK_BYTES) {
    const block = await disk.readRange(path, offset, Math.min(BLOCK_BYTES, size - offset));
    if (block === undefined) throw fileIsGone(path);
    hash.update(block);
    report(offset + block.length);
  }
  return hash.digest("hex");
}

/** One hash for a set of files: their names below `root` and their content. */
export function identityOfFiles(root: string, files: KnownFiles): string {
  const lines = Object.entries(files)
    .map(([path, { sha256 }]) =>
      `${
        path.startsWith(`${root}/`)
          ? path.slice(root.length + 1)
          : path.slice(path.lastIndexOf("/") + 1)
      } ${sha256}`
    )
    .sort();
  return sha256Of(lines.join("\n"));
}

/** The sha256 of a text, hexadecimal. */
export function sha256Of(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}

function fileIsGone(path: string): SthelarError {
  return new SthelarError("NotFound", {
    action: `Cannot identify "${path}"`,
    found: "no such file",
    remedy: "put it back, or name the folder where it is now",
    path,
  });
}
