import type { Disk } from "@/core/disk.ts";
import { contentFolder } from "./step_stage.ts";
import type { Study } from "./study.ts";
import { type StudyFolder, VIEW_FOLDERS } from "./study_folder.ts";
import { hasCurrentReport, writeStudyReport } from "./study_report.ts";

/**
 * Brings what a person looks at up to date with the artefacts: `tables`, `figures` and `models`, whose
 * files are hard links, and the report, which is written last and says of which artefacts all is.
 *
 * @returns Whether anything changed.
 */
export async function writeView(study: Study): Promise<boolean> {
  const { disk, folder } = study;
  await repairView(disk, folder);
  if (await hasCurrentReport(study)) return false;
  for (const name of VIEW_FOLDERS) {
    const target = `${folder.root}/${name}`;
    const next = `${target}.next`;
    await disk.remove(next);
    let files = 0;
    for (const { step, key } of study.current()) {
      const from = `${contentFolder(folder, step.id, key)}/${name}`;
      for (const file of await disk.list(from)) {
        await disk.link(`${from}/${file}`, `${next}/${file}`);
        files++;
      }
    }
    await swap(disk, target, files === 0 ? undefined : next);
  }
  await writeStudyReport(study);
  return true;
}

/** Finishes or undoes swaps that were cut off half-way. */
export async function repairView(disk: Disk, { root }: StudyFolder): Promise<void> {
  for (const name of VIEW_FOLDERS) {
    const target = `${root}/${name}`;
    const previous = `${target}.previous`;
    if (await disk.stat(previous) === undefined) continue;
    if (await disk.stat(target) === undefined) await disk.rename(previous, target);
    else await disk.remove(previous);
  }
}

/** Puts a folder in the place of another; a kill in between is repaired at the next start. */
async function swap(disk: Disk, target: string, next: string | undefined): Promise<void> {
  const previous = `${target}.previous`;
  const isThere = await disk.stat(target) !== undefined;
  if (isThere) await disk.rename(target, previous);
  if (next !== undefined) await disk.rename(next, target);
  if (isThere) await disk.remove(previous);
}
