import type { Slide } from "@/pipeline/slide.ts";
import type { Figure } from "@/plots/mod.ts";
import {
  alignmentFigure,
  dapiFigure,
  densityFigure,
  heOverDapiFigure,
  nucleusFigure,
  openChapter1,
  thumbnailsFigure,
} from "./chapter_1_figures.ts";
import { openResolution, resolutionFigure } from "./resolution_figure.ts";

/** A figure with its name among the project's figures. */
export interface NamedFigure {
  /** Name of its files. */
  readonly name: string;
  /** The figure. */
  readonly figure: Figure;
}

/** Every figure that the finished stages of a slide allow, and the names of those that wait. */
export async function slideFigures(
  slide: Slide,
): Promise<{ figures: readonly NamedFigure[]; missing: readonly string[] }> {
  if (!slide.isDone("1-01") || !slide.isDone("1-02")) {
    return { figures: [], missing: ["figures of chapter 1: run stages 1-01 and 1-02"] };
  }
  const data = await openChapter1(slide);
  const all: readonly (readonly [string, Figure | undefined])[] = [
    ["resolution_table", resolutionFigure(await openResolution(slide))],
    ["slide_thumbnails", await thumbnailsFigure(data)],
    ["dapi_with_nuclei", await dapiFigure(data)],
    ["he_over_dapi", await heOverDapiFigure(data)],
    ["alignment_zoom", await alignmentFigure(data)],
    ["transcript_density", await densityFigure(data)],
    ["nucleus_counts_qc", await nucleusFigure(data)],
  ];
  return {
    figures: all.flatMap(([name, figure]) => figure === undefined ? [] : [{ name, figure }]),
    missing: all.flatMap(([name, figure]) =>
      figure === undefined ? [`${name}: there is no H&E (stage 1-03)`] : []
    ),
  };
}
