import { SthelarError } from "@/core/errors.ts";
import type { AnyStage, Limits, SlideSize } from "@/core/stage.ts";
import { openOmeTiff } from "@/formats/ome_tiff/mod.ts";
import { openPoints } from "@/formats/spatialdata/mod.ts";
import { imageInput, tableInput } from "@/formats/spatialdata/stage_elements.ts";
import { estimateRows, imageFiles, openXeniumBundle } from "@/formats/xenium/mod.ts";
import { formatBytes } from "./progress_display.ts";
import type { Slide } from "./slide.ts";

/**
 * Measures a slide from the footers of its tables and the headers of its images: those of its bundle,
 * or of the store that it was opened from.
 *
 * @throws {SthelarError} `NotFound` or `CorruptData` for files of the bundle.
 */
export async function measureSlide(slide: Slide): Promise<SlideSize> {
  const { sources, disk } = slide;
  if (sources.bundle === undefined) return await measureOpened(slide);
  const bundle = await openXeniumBundle(sources.bundle, disk);
  const [cells, transcripts] = await Promise.all(
    (["cells", "transcripts"] as const).map((role) => estimateRows(bundle, role)),
  );
  let morphologyPixels = 0;
  for (const { path } of (await imageFiles(bundle)).channels) {
    await using image = await openOmeTiff(path);
    morphologyPixels += image.levels[0].width * image.levels[0].height;
  }
  return { cells, transcripts, morphologyPixels };
}

/** The size of a slide without a bundle, as far as its opened store tells. */
async function measureOpened(slide: Slide): Promise<SlideSize> {
  const tables = ["table_nuclei", "table_cells"].filter((name) => slide.has(`tables/${name}`));
  const rows = await Promise.all(
    tables.map(async (name) => (await slide.open(tableInput(name))).shape[0]),
  );
  const points = slide.has("points/st")
    ? await openPoints(slide.disk, slide.opened!.inPlace("points/st"))
    : undefined;
  const morpho = slide.has("images/morpho") ? await slide.open(imageInput("morpho")) : undefined;
  return {
    cells: Math.max(0, ...rows),
    transcripts: points?.rowCount ?? 0,
    morphologyPixels: morpho?.levels[0].shape.reduce((product, extent) => product * extent, 1) ?? 0,
  };
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
