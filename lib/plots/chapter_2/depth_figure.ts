import type { Categorical } from "@/core/categorical.ts";
import { quantileBins } from "@/numerics/quantile_bins.ts";
import { colourRamp, type LevelColours } from "../colours.ts";
import { definedOf, type Figure, type FigureFrame } from "../figure.ts";
import { umapFigure } from "./umap_figure.ts";

/** What {@link depthFigure} draws. */
export interface DepthFigureOptions extends FigureFrame {
  /** First coordinate of each row in the UMAP. */
  readonly x: ArrayLike<number>;
  /** Second coordinate of each row in the UMAP. */
  readonly y: ArrayLike<number>;
  /** Broad label of each row. */
  readonly label1: Categorical;
  /** Colours of the labels; scanpy's palette unless told. */
  readonly label1Colours?: LevelColours;
  /** Transcripts of each row. */
  readonly transcriptCounts: ArrayLike<number>;
  /** Bin of each row, 0 the fewest transcripts; seven quantile bins unless told. */
  readonly transcriptCat?: Categorical;
  /** What a row is, in the plural; `nuclei` unless told. */
  readonly unit?: string;
}

const BINS = 7;

/**
 * Whether clusters follow depth: the UMAP by label, by bin of transcripts and by their logarithm.
 *
 * @example
 * ```ts
 * import { assert } from "@std/assert";
 * import { categorical } from "@/core/categorical.ts";
 * import { depthFigure } from "@/plots/chapter_2/mod.ts";
 *
 * const label1 = categorical(["T", "B", "T"]);
 * const svg = await depthFigure({ x: [0, 1, 2], y: [0, 1, 0], label1, transcriptCounts: [12, 40, 300] })
 *   .svg();
 * assert(svg.includes(">transcript_cat<"));
 * ```
 */
export function depthFigure(options: DepthFigureOptions): Figure {
  const { x, y, label1, label1Colours, transcriptCounts, transcriptCat, unit, ...frame } = options;
  const bins = transcriptCat ?? quantileBins(transcriptCounts, BINS).column;
  const logs = Float32Array.from(transcriptCounts, (count) => Math.log1p(count));
  return umapFigure({
    title: "Labels and depth",
    caption: "transcript_cat: bins with equally many " + (unit ?? "nuclei") +
      ", 0 the fewest transcripts",
    ...definedOf({ ...frame, unit }),
    x,
    y,
    panels: [
      {
        kind: "categorical",
        title: "label1",
        column: label1,
        ...definedOf({ colours: label1Colours }),
      },
      {
        kind: "categorical",
        title: "transcript_cat",
        column: bins,
        colours: rampColours(bins.levels),
      },
      {
        kind: "continuous",
        title: "transcript_counts_log",
        values: logs,
        label: "ln(1 + transcripts)",
      },
    ],
  });
}

/** Bins follow one another: so do their colours. */
function rampColours(levels: readonly string[]): LevelColours {
  const ramp = colourRamp("viridis");
  return new Map(levels.map((level, i) => [level, ramp(i / Math.max(1, levels.length - 1))]));
}
