import type { Disk } from "@/core/disk.ts";

/** Finishes or undoes a swap of this folder that was cut off half-way. */
export async function repairSwap(disk: Disk, folder: string): Promise<void> {
  const previous = `${folder}.previous`;
  if (await disk.stat(previous) === undefined) return;
  if (await disk.stat(folder) === undefined) await disk.rename(previous, folder);
  else await disk.remove(previous);
}

/** Puts `next` in the place of a folder, if there is one. */
export async function swapIn(disk: Disk, folder: string, next: string): Promise<void> {
  const previous = `${folder}.previous`;
  if (await disk.stat(folder) !== undefined) await disk.rename(folder, previous);
  await disk.rename(next, folder);
  await disk.remove(previous);
}

/** Gives every file below a folder a second name below another. */
export async function linkTree(disk: Disk, from: string, to: string): Promise<void> {
  for (const name of await disk.list(from)) {
    const stat = await disk.stat(`${from}/${name}`);
    if (stat?.isDirectory) await linkTree(disk, `${from}/${name}`, `${to}/${name}`);
    else await disk.link(`${from}/${name}`, `${to}/${name}`);
  }
}
