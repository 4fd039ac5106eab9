import type { Disk } from "@/core/disk.ts";
import type { XeniumManifest } from "../xenium/mod.ts";
import type { Roi } from "./snap_roi.ts";

/** What the manifest of a cropped bundle says beyond what it said before. */
export interface Cropping {
  /** Cells that are left. */
  readonly cellCount: number;
  /** Side of a pixel, µm. */
  readonly pixelUm: number;
  /** The region in µm of the whole bundle, snapped to pixels. */
  readonly roi: Roi;
  /** Name of the whole bundle's folder. */
  readonly source: string;
}

/** Writes `experiment.xenium`: all keys are kept, `num_cells` is new, the region is added. */
export async function writeCroppedManifest(
  disk: Disk,
  path: string,
  { raw }: XeniumManifest,
  { cellCount, pixelUm, roi, source }: Cropping,
): Promise<void> {
  const manifest = {
    ...raw,
    pixel_size: pixelUm,
    num_cells: cellCount,
    roi_um: [roi.x, roi.y, roi.width, roi.height],
    cropped_from: source,
  };
  await disk.write(path, new TextEncoder().encode(`${JSON.stringify(manifest, null, 4)}\n`));
}
