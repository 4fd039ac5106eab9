import type { Disk } from "@/core/disk.ts";
import { SthelarError } from "@/core/errors.ts";
import { type Progress, silentProgress } from "@/core/progress.ts";
import { localDisk } from "@/formats/disk/mod.ts";
import { parquetTable } from "@/formats/parquet/mod.ts";
import type { Points } from "./points.ts";

/** How points are extracted. */
export interface ExtractOptions {
  /** Told of each part of a file. */
  readonly progress?: Progress;
  /** Stops the work; nothing is left behind. */
  readonly signal?: AbortSignal;
}

/** Points whose files lie on the machine's own disk for as long as they are used. */
export type ExtractedPoints = Points & AsyncDisposable;

const PART_BYTES = 8 * 2 ** 20;

/**
 * Copies the parquet files of points to the machine's own disk, where DuckDB reads them: points of a
 * zipped store lie on no disk that it knows. 8 MiB are in memory at a time.
 *
 * @param disk The disk that the points were opened from.
 * @param folder A folder to make for them, absolute; removed with all in it when disposed.
 * @throws {SthelarError} `NotFound`, `CorruptData` or `DiskFailure`; `Aborted` if stopped.
 *
 * @example Query the transcripts of a zipped store
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { MemoryDisk } from "@/formats/disk/mod.ts";
 * import { openDuckDb } from "@/formats/parquet/mod.ts";
 * import {
 *   createPointsWriter,
 *   extractPoints,
 *   identity,
 *   openPoints,
 *   selectPoints,
 * } from "@/formats/spatialdata/mod.ts";
 * import { openZip, zipDisk, zipFolder } from "@/formats/zip/mod.ts";
 *
 * using db = await openDuckDb({ memoryBytes: 256e6, threads: 1 });
 * const memory = new MemoryDisk();
 * const writer = createPointsWriter(memory, "/a.zarr", "st", {
 *   axes: ["x", "y"],
 *   transformations: new Map([["global", identity]]),
 * });
 * await writer.fromQuery(db, "select 1::float as x, 2::float as y");
 * await writer.finish();
 * await zipFolder(memory, "/a.zarr", "/a.zarr.zip");
 *
 * const disk = zipDisk(await openZip(memory, "/a.zarr.zip"));
 * const zipped = await openPoints(disk, "/a.zarr/points/st");
 * await using points = await extractPoints(disk, zipped, await Deno.makeTempDir());
 * assertEquals([...(await db.query(selectPoints(points, ["y"]))).numbers("y")], [2]);
 * ```
 */
export async function extractPoints(
  disk: Disk,
  points: Points,
  folder: string,
  options: ExtractOptions = {},
): Promise<ExtractedPoints> {
  const remove = () => localDisk.remove(folder);
  const parquetPaths = points.parquetPaths.map((_, i) => `${folder}/part.${i}.parquet`);
  try {
    await localDisk.makeDirectory(folder);
    const sizes = await Promise.all(points.parquetPaths.map((path) => sizeOf(disk, path)));
    const total = sizes.reduce((sum, size) => sum + size, 0);
    const { progress = silentProgress } = options;
    let done = 0;
    const report = (bytes: number) => progress.update(done += bytes, total, "bytes");
    for (const [i, path] of points.parquetPaths.entries()) {
      await copyFile(disk, path, sizes[i], parquetPaths[i], report, options.signal);
    }
  } catch (error) {
    await remove();
    throw error;
  }
  return {
    ...points,
    parquetPaths,
    table: parquetTable(parquetPaths),
    [Symbol.asyncDispose]: remove,
  };
}

async function copyFile(
  disk: Disk,
  from: string,
  size: number,
  to: string,
  report: (bytes: number) => void,
  signal: AbortSignal | undefined,
): Promise<void> {
  await localDisk.writeNative(to, async (localPath) => {
    using file = await Deno.open(localPath, { write: true, create: true, truncate: true });
    for (let at = 0; at < size; at += PART_BYTES) {
      if (signal?.aborted) throw new SthelarError("Aborted", { action: `Stopped "${from}"` });
      const part = await disk.readRange(from, at, Math.min(PART_BYTES, size - at));
      if (part === undefined) throw missing(from);
      for (let written = 0; written < part.length;) {
        written += await file.write(part.subarray(written));
      }
      report(part.length);
    }
  });
}

async function sizeOf(disk: Disk, path: string): Promise<number> {
  const stat = await disk.stat(path);
  if (stat === undefined) throw missing(path);
  return stat.size;
}

function missing(path: string): SthelarError {
  return new SthelarError("NotFound", {
    action: `Cannot extract "${path}"`,
    found: "nothing",
    path,
  });
}
