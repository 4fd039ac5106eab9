import type { Disk } from "@/core/disk.ts";
import { SthelarError } from "@/core/errors.ts";
import type { Progress } from "@/core/progress.ts";
import { type SimulatedSlide, simulateSlide, type SimulationOptions } from "@/simulate/mod.ts";
import { parseJson } from "./manifest.ts";
import type { SlideFolder } from "./slide_folder.ts";

/** Raised when the simulator makes another miniature of the same slide. */
const VERSION = 1;

/** Folder of a slide's simulated miniature. */
export function simulatedFolder({ root }: SlideFolder): string {
  return `${root}/simulated-${VERSION}`;
}

/**
 * Simulates a slide into a folder that appears by one rename, whole: a bundle with H&E, alignment,
 * reference and truth.
 *
 * @throws {SthelarError} `InvalidArgument` if the folder exists.
 */
export async function simulateInto(
  disk: Disk,
  folder: string,
  options: SimulationOptions,
  progress: Progress,
): Promise<SimulatedSlide> {
  if (await disk.stat(folder) !== undefined) {
    throw new SthelarError("InvalidArgument", {
      action: `Cannot simulate into "${folder}"`,
      found: "something there",
      expected: "a folder that does not exist yet",
      path: folder,
    });
  }
  const next = `${folder}.next`;
  await disk.remove(next);
  const simulated = await simulateSlide(disk, next, options, progress);
  await disk.rename(next, folder);
  return simulated;
}

/** Whether a bundle says of itself that it was simulated. */
export async function isSimulatedBundle(disk: Disk, bundle: string): Promise<boolean> {
  const path = `${bundle}/experiment.xenium`;
  const bytes = await disk.read(path);
  if (bytes === undefined) return false;
  return (parseJson(bytes, path) as { simulated?: boolean } | null)?.simulated === true;
}
