import type { Disk } from "@/core/disk.ts";
import type { Checkpoints } from "@/core/stage.ts";
import type { SlideFolder } from "./slide_folder.ts";

const PREFIX = ".kept-";

/** The checkpoints of a stage, in a folder that belongs to its key. */
export function openCheckpoints(
  disk: Disk,
  { stages }: SlideFolder,
  stageId: string,
  key: string,
): Checkpoints {
  const folder = `${stages}/${PREFIX}${stageId}-${key.slice(0, 12)}`;
  return {
    read: (name) => disk.read(`${folder}/${name}`),
    async write(name, bytes) {
      await disk.write(`${folder}/${name}.next`, bytes);
      await disk.rename(`${folder}/${name}.next`, `${folder}/${name}`);
    },
  };
}

/** Removes the checkpoints of a stage, those for other parameters too. */
export async function removeCheckpoints(
  disk: Disk,
  { stages }: SlideFolder,
  stageId: string,
): Promise<void> {
  for (const name of await disk.list(stages)) {
    if (name.startsWith(`${PREFIX}${stageId}-`)) await disk.remove(`${stages}/${name}`);
  }
}

/** Removes checkpoints whose stage has succeeded, should a kill have come in between. */
export async function removeUsedCheckpoints(disk: Disk, { stages }: SlideFolder): Promise<void> {
  const names = await disk.list(stages);
  for (const name of names) {
    const isUsed = name.startsWith(PREFIX) && names.includes(name.slice(PREFIX.length));
    if (isUsed) await disk.remove(`${stages}/${name}`);
  }
}
