import { reportInput } from "@/formats/spatialdata/stage_elements.ts";
import type { Slide } from "@/pipeline/slide.ts";
import { type PixelSize, resolutionTable } from "@/plots/chapter_1/mod.ts";
import type { Figure, FigureNote } from "@/plots/mod.ts";
import type { ResolutionReport } from "@/stages/1_01_check_resolution.ts";

/** What stage 1-01 found. */
export interface ResolutionData {
  /** Sizes of pixels. */
  readonly report: ResolutionReport;
  /** Marks that the figure carries. */
  readonly notes: readonly FigureNote[];
}

/** Opens what stage 1-01 found for a slide. */
export async function openResolution(slide: Slide): Promise<ResolutionData> {
  return {
    report: await slide.open(reportInput<ResolutionReport>("check_resolution")),
    notes: slide.manifest.simulated ? ["simulated"] : [],
  };
}

/** Pixel sizes by source. */
export function resolutionFigure({ report, notes }: ResolutionData): Figure {
  const { morphology, he } = report;
  const size = (image: string, source: string, umPerPixel: number | null): PixelSize => ({
    image,
    source,
    ...(umPerPixel === null ? {} : { umPerPixel }),
  });
  const isRecovered = morphology.manifest === null && morphology.image === null;
  const sizes = [
    ...(isRecovered ? [size("DAPI", "the store's transformations", morphology.umPerPixel)] : [
      size("DAPI", "experiment.xenium", morphology.manifest),
      size("DAPI", "image metadata", morphology.image),
    ]),
    ...(he === null ? [] : [
      size("H&E", `alignment (${he.alignment})`, he.umPerPixel),
      size("H&E", "image metadata", he.image),
    ]),
  ];
  return resolutionTable({ sizes, notes });
}
