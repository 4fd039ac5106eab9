import type { Disk } from "@/core/disk.ts";
import { columnFaults, idFaults } from "./check_columns.ts";
import { countFaults } from "./check_counts.ts";
import { fileFaults, imageFaults } from "./check_files.ts";
import { maskFaults } from "./check_masks.ts";
import { ringFaults } from "./check_rings.ts";
import { transcriptFaults } from "./check_transcripts.ts";
import { openBundleParts } from "./bundle_parts.ts";
import { type PresetName, PRESETS } from "@/simulate/presets.ts";

/**
 * Checks what must hold in every bundle: it has the files and columns of its version, whichever
 * format they are stored in; tables, matrix, masks, polygons, images and transcripts tell the same
 * story.
 *
 * @param folder Absolute path of a bundle on the machine's disk.
 * @returns What is wrong, in words; empty for a sound bundle.
 * @throws {SthelarError} `CorruptData` or `NotFound` for a file that can't be read at all.
 */
export async function bundleFaults(
  disk: Disk,
  folder: string,
  presetName: PresetName,
): Promise<string[]> {
  const missing = await fileFaults(disk, folder, PRESETS[presetName]);
  if (missing.length > 0) return missing;
  const parts = await openBundleParts(disk, folder, PRESETS[presetName]);
  return [
    ...parts.contradictions,
    ...columnFaults(parts),
    ...await idFaults(parts),
    ...countFaults(parts),
    ...transcriptFaults(parts),
    ...await ringFaults(parts),
    ...await maskFaults(parts),
    ...await imageFaults(parts),
  ];
}
