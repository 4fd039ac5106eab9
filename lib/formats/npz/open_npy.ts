import { sizeOf } from "@/core/arrays.ts";
import type { Disk } from "@/core/disk.ts";
import { SthelarError } from "@/core/errors.ts";
import { bytesOf, MAX_HEADER_BYTES, type NpyHeader, parseNpyHeader } from "./npy_header.ts";

/**
 * Opens an `.npy` file that may be larger than memory: its header alone is read.
 *
 * @returns What it holds, and where its values begin.
 * @throws {SthelarError} `NotFound`, `UnsupportedVersion`, or `CorruptData` also for a file that is cut
 *   short.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { MemoryDisk } from "@/formats/disk/mod.ts";
 * import { npyBytes, openNpy } from "@/formats/npz/mod.ts";
 *
 * const disk = new MemoryDisk();
 * await disk.write("/a.npy", npyBytes({ data: new Uint8Array(6), shape: [2, 3] }));
 * assertEquals((await openNpy(disk, "/a.npy")).shape, [2, 3]);
 * ```
 */
export async function openNpy(disk: Disk, path: string): Promise<NpyHeader> {
  const stat = await disk.stat(path);
  const head = stat && await disk.readRange(path, 0, Math.min(stat.size, MAX_HEADER_BYTES));
  if (stat === undefined || head === undefined) {
    throw new SthelarError("NotFound", { action: `Cannot open "${path}"`, found: "no file", path });
  }
  const header = parseNpyHeader(head, path);
  const expected = header.offset + sizeOf(header.shape) * bytesOf(header.type);
  if (stat.size !== expected) {
    throw new SthelarError("CorruptData", {
      action: `Cannot open "${path}"`,
      found: `${stat.size} bytes`,
      expected: `${expected} for an array of ${header.shape.join(" x ") || "one value"}`,
      remedy: "the file is cut short or damaged: copy or download it again",
      path,
    });
  }
  return header;
}
