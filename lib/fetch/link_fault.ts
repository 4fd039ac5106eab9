import { createHash } from "node:crypto";
import { diskFailure } from "@/formats/disk/mod.ts";
import type { DownloadLink } from "./download_link.ts";

const BLOCK_BYTES = 4 << 20;
const ALGORITHMS = ["sha256", "md5"] as const;

/** Whether a link tells a checksum of its file. */
export function hasChecksum(link: DownloadLink): boolean {
  return ALGORITHMS.some((algorithm) => link[algorithm] !== undefined);
}

/**
 * What keeps a file on disk from being that of a link: its size or a checksum, read in blocks.
 *
 * @param report Told of the bytes read.
 * @returns `undefined` if nothing that is known speaks against it.
 * @throws {SthelarError} `DiskFailure`, or what `signal` was aborted with.
 */
export async function linkFault(
  path: string,
  link: DownloadLink,
  report: (bytes: number) => void,
  signal: AbortSignal | undefined,
): Promise<{ readonly found: string; readonly expected: string } | undefined> {
  try {
    using file = await Deno.open(path);
    const { size } = await file.stat();
    if (link.bytes !== undefined && link.bytes !== size) {
      return { found: `${size} bytes`, expected: `${link.bytes} bytes` };
    }
    for (const algorithm of ALGORITHMS) {
      const expected = link[algorithm]?.toLowerCase();
      if (expected === undefined) continue;
      const found = await hashOf(file, algorithm, report, signal);
      if (found !== expected) return { found: `${algorithm} ${found}`, expected };
    }
    return undefined;
  } catch (error) {
    signal?.throwIfAborted();
    throw diskFailure("read", path, error);
  }
}

async function hashOf(
  file: Deno.FsFile,
  algorithm: typeof ALGORITHMS[number],
  report: (bytes: number) => void,
  signal: AbortSignal | undefined,
): Promise<string> {
  const hash = createHash(algorithm);
  const block = new Uint8Array(BLOCK_BYTES);
  await file.seek(0, Deno.SeekMode.Start);
  for (let done = 0;;) {
    signal?.throwIfAborted();
    const count = await file.read(block);
    if (count === null) return hash.digest("hex");
    hash.update(block.subarray(0, count));
    report(done += count);
  }
}
