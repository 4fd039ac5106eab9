import { SthelarError } from "@/core/errors.ts";
import type { AnyStage, Limits, SlideSize } from "@/core/stage.ts";
import { openOmeTiff } from "@/formats/ome_tiff/mod.ts";
import { parquetSchema } from "@/formats/parquet/mod.ts";
import { imageFiles, openXeniumBundle } from "@/formats/xenium/mod.ts";
import { formatBytes } from "./progress_display.ts";
import type { Slide } from "./slide.ts";

/**
 * Measures a slide from the footers of its tables and the headers of its images.
 *
 * @throws {SthelarError} `NotFound` or `CorruptData` for files of the bundle.
 */
export async function measureSlide({ sources, disk }: Slide): Promise<SlideSize> {
  const bundle = await openXeniumBundle(sources.bundle, disk);
  const [cells, transcripts] = await Promise.all(
    (["cells", "transcripts"] as const).map((role) => parquetSchema(disk, bundle.pathOf(role))),
  );
  let morphologyPixels = 0;
  for (const { path } of (await imageFiles(bundle)).channels) {
    await using image = await openOmeTiff(path);
    morphologyPixels += image.levels[0].width * image.levels[0].height;
  }
  return { cells: cells.rowCount, transcripts: transcripts.rowCount, morphologyPixels };
}

/**
 * Refuses stages that need more memory than there is, before any of them starts.
 *
 * @throws {SthelarError} `OverBudget` naming the first of them.
 */
export function checkBudget(
  stages: readonly AnyStage[],
  size: SlideSize,
  { memoryBytes }: Limits,
): void {
  for (const stage of stages) {
    const needed = stage.budget(size).memoryBytes;
    if (needed <= memoryBytes) continue;
    throw new SthelarError("OverBudget", {
      action: `Cannot run stage ${stage.id} ${stage.name}`,
      found: `${formatBytes(memoryBytes)} of memory to use`,
      expected: `${
        formatBytes(needed)
      } for ${size.cells} cells and ${size.transcripts} transcripts`,
      remedy: "close other programs, raise --memory, or use a larger machine",
    });
  }
}
