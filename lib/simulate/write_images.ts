import type { Disk } from "@/core/disk.ts";
import type { Progress } from "@/core/progress.ts";
import { omeXml, type PyramidTiff, writePyramidTiff } from "@/formats/ome_tiff_writer/mod.ts";
import { PaintPool } from "./paint_pool.ts";
import type { SimulatedTissue } from "./simulated_tissue.ts";
import { PIXEL_UM, type SlidePlan, Z_STEP_UM } from "./slide_plan.ts";
import { focusFiles } from "./write_manifest.ts";

const TILE = 1024;
/** What a pixel without light reads, and how fast light fades out of focus. */
const DARK = 55, FADE_UM = 6;

/** Writes the focus images of all channels, and the stack of planes if it is asked for. */
export async function writeMorphology(
  disk: Disk,
  folder: string,
  tissue: SimulatedTissue,
  progress: Progress,
): Promise<void> {
  const { plan } = tissue;
  const files = focusFiles(plan.preset);
  const names = files.map((file) => file.slice(file.lastIndexOf("/") + 1));
  const isSingle = plan.preset.images === "single-files";
  for (const [channel, file] of files.entries()) {
    using painter = new PaintPool(tissue, channel);
    const image = imageOf(plan, names[channel], {
      channels: plan.preset.channels,
      ...(isSingle ? {} : { files: { names, self: channel } }),
    });
    for (const copy of isSingle ? [file, "morphology_mip.ome.tif"] : [file]) {
      await writePyramidTiff(
        disk,
        `${folder}/${copy}`,
        image,
        (x, y, w, h) => painter.paint(x, y, w, h),
        progress,
      );
    }
  }
  if (plan.stackPlanes > 0) {
    await writeStack(disk, `${folder}/morphology.ome.tif`, tissue, progress);
  }
}

/** DAPI at several heights: sharpest in the middle, darker above and below. */
async function writeStack(
  disk: Disk,
  path: string,
  tissue: SimulatedTissue,
  progress: Progress,
): Promise<void> {
  const { plan } = tissue;
  const planes = plan.stackPlanes;
  using painter = new PaintPool(tissue, 0);
  const image = imageOf(plan, "morphology.ome.tif", {
    channels: plan.preset.channels.slice(0, 1),
    planes,
    planeStepUm: Z_STEP_UM,
  });
  await writePyramidTiff(
    disk,
    path,
    { ...image, planes },
    async (x, y, w, h, plane) => {
      const pixels = await painter.paint(x, y, w, h) as Uint16Array<ArrayBuffer>;
      const share = stackLight(plane, planes);
      return pixels.map((value) => Math.max(0, DARK + (value - DARK) * share));
    },
    progress,
  );
}

/** Share of the light of the focus image that a plane has. */
export function stackLight(plane: number, planes: number): number {
  const awayUm = (plane - (planes - 1) / 2) * Z_STEP_UM;
  return Math.exp(-0.5 * (awayUm / FADE_UM) ** 2);
}

function imageOf(
  plan: SlidePlan,
  name: string,
  layout: Pick<Parameters<typeof omeXml>[0], "channels" | "files" | "planes" | "planeStepUm">,
): PyramidTiff {
  const size = { width: plan.width, height: plan.height, dtype: "uint16" as const };
  return {
    ...size,
    samples: 1,
    compression: plan.morphologyCompression,
    description: omeXml({ ...size, name, pixelSizeUm: PIXEL_UM, ...layout }),
    tileSize: TILE,
  };
}
