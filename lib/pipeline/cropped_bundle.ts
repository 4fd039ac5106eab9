import type { Disk } from "@/core/disk.ts";
import { SthelarError } from "@/core/errors.ts";
import { CROPPED_HE_FILES, parseRoi } from "@/formats/xenium_crop/mod.ts";
import { sha256Of } from "./identity.ts";
import type { SlideFolder } from "./slide_folder.ts";
import type { Sources } from "./sources.ts";

/** A rectangle to work on instead of the whole slide. */
export interface CropRequest {
  /** `x,y,width,height` in µm. */
  readonly roi: string;
  /** Crops the bundle and its H&E into a folder that appears whole. */
  crop(sources: Sources, folder: string): Promise<void>;
}

/**
 * Crops a slide's bundle, unless this crop of it is there.
 *
 * @returns The sources of the crop.
 * @throws {SthelarError} `InvalidArgument` for a rectangle that is none, or a crop of a crop.
 */
export async function croppedSources(
  disk: Disk,
  { root }: SlideFolder,
  sources: Sources,
  { roi, crop }: CropRequest,
): Promise<Sources> {
  const { x, y, width, height } = parseRoi(roi);
  if (sources.bundle.startsWith(`${root}/roi-`)) {
    throw new SthelarError("InvalidArgument", {
      action: `Cannot crop "${sources.bundle}"`,
      found: "a crop of this slide",
      remedy: "name the whole bundle with --bundle DIR",
      path: sources.bundle,
    });
  }
  const key = sha256Of(JSON.stringify([sources, x, y, width, height])).slice(0, 12);
  const folder = `${root}/roi-${key}`;
  if (await disk.stat(folder) === undefined) await crop(sources, folder);
  // Patches of a rectangle have other numbers than those that were predicted.
  const { he, "he-alignment": _alignment, predictions: _predictions, ...others } = sources;
  return {
    ...others,
    bundle: folder,
    ...(he === undefined ? {} : {
      he: `${folder}/${CROPPED_HE_FILES.he}`,
      "he-alignment": `${folder}/${CROPPED_HE_FILES.alignment}`,
    }),
  };
}
