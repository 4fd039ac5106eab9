import type { Disk } from "@/core/disk.ts";

/** Writes a text file. */
export async function writeText(disk: Disk, path: string, text: string): Promise<void> {
  await disk.write(path, new TextEncoder().encode(text));
}
