import type { Disk } from "@/core/disk.ts";
import { SthelarError } from "@/core/errors.ts";

const BLOCK_BYTES = 8 << 20;

/** Copies a folder with all it holds, in blocks: files may be larger than memory. */
export async function copyTree(disk: Disk, from: string, to: string): Promise<void> {
  for (const name of await disk.list(from)) {
    const source = `${from}/${name}`;
    const stat = await disk.stat(source);
    if (stat?.isDirectory) await copyTree(disk, source, `${to}/${name}`);
    else await copyFile(disk, source, stat?.size ?? 0, `${to}/${name}`);
  }
}

async function copyFile(disk: Disk, from: string, size: number, to: string): Promise<void> {
  await disk.writeNative(to, async (localPath) => {
    using file = await Deno.open(localPath, { write: true, create: true, truncate: true });
    for (let at = 0; at < size; at += BLOCK_BYTES) {
      const block = await disk.readRange(from, at, Math.min(BLOCK_BYTES, size - at));
      if (block === undefined) {
        throw new SthelarError("NotFound", {
          action: `Cannot copy "${from}"`,
          found: "nothing there any more",
          path: from,
        });
      }
      for (let done = 0; done < block.length;) done += await file.write(block.subarray(done));
    }
  });
}
