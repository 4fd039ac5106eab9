import type { Disk } from "@/core/disk.ts";
import type { Progress } from "@/core/progress.ts";
import { omeXml, writePyramidTiff } from "@/formats/ome_tiff_writer/mod.ts";
import type { PaintPool } from "./paint_pool.ts";
import type { SlidePlan } from "./slide_plan.ts";
import { writeText } from "./write_text.ts";

const TILE = 512;
const QUALITY = 88;

/** Writes the H&E image and the matrix that aligns it. */
export async function writeHe(
  disk: Disk,
  paths: { readonly he: string; readonly alignment: string },
  { he }: SlidePlan,
  painter: PaintPool,
  progress: Progress,
): Promise<void> {
  const size = { width: he.width, height: he.height, dtype: "uint8" as const };
  await writePyramidTiff(
    disk,
    paths.he,
    {
      ...size,
      samples: 3,
      compression: "jpeg",
      quality: QUALITY,
      tileSize: TILE,
      description: omeXml({
        ...size,
        name: "he_image",
        pixelSizeUm: he.pixelSizeUm,
        channels: ["H&E"],
        samplesPerChannel: 3,
      }),
    },
    (x, y, w, h) => painter.paint(x, y, w, h),
    progress,
  );
  const rows = he.toMorphology.map((row) => row.join(","));
  await writeText(disk, paths.alignment, `${rows.join("\n")}\n`);
}
