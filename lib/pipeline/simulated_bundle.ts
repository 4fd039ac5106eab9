import type { Disk } from "@/core/disk.ts";
import { parseJson } from "./manifest.ts";
import type { SlideFolder } from "./slide_folder.ts";

/** Raised when the simulator makes another miniature of the same slide. */
const VERSION = 3;

/** Folder of a slide's simulated miniature. */
export function simulatedFolder({ root }: SlideFolder): string {
  return `${root}/simulated-${VERSION}`;
}

/** Whether a bundle says of itself that it was simulated. */
export async function isSimulatedBundle(
  disk: Disk,
  bundle: string | undefined,
): Promise<boolean> {
  if (bundle === undefined) return false;
  const path = `${bundle}/experiment.xenium`;
  const bytes = await disk.read(path);
  if (bytes === undefined) return false;
  return (parseJson(bytes, path) as { simulated?: boolean } | null)?.simulated === true;
}
