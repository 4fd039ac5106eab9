import type { Categorical } from "@/core/categorical.ts";
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
  const bins = transcriptCat ?? quantileBins(transcriptCounts, BINS);
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

/**
 * Bins of a quantity between its quantiles, `0` the lowest; equal quantiles give one bin, and what is
 * not finite none.
 *
 * @param values The quantity of each row.
 * @param count How many bins.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { quantileBins } from "@/plots/chapter_2/depth_figure.ts";
 *
 * assertEquals([...quantileBins([5, 1, 9, 7], 2).codes], [0, 0, 1, 1]);
 * assertEquals(quantileBins([3, 3, 3], 7).levels, ["0"]);
 * ```
 */
export function quantileBins(values: ArrayLike<number>, count: number): Categorical {
  const sorted = Float64Array.from(values).filter(Number.isFinite).sort();
  const edges = new Set<number>();
  for (let k = 1; k < count; k++) {
    const edge = quantile(sorted, k / count);
    if (edge < sorted[sorted.length - 1]) edges.add(edge);
  }
  const inner = [...edges];
  const codes = Int32Array.from(values, (value) => {
    if (!Number.isFinite(value)) return -1;
    let bin = 0;
    while (bin < inner.length && value > inner[bin]) bin++;
    return bin;
  });
  const present = [...new Set(codes)].filter((code) => code >= 0).sort((a, b) => a - b);
  const codeOf = new Map(present.map((code, i) => [code, i]));
  return {
    codes: codes.map((code) => codeOf.get(code) ?? -1),
    levels: present.map((_, i) => String(i)),
    ordered: true,
  };
}

function quantile(sorted: Float64Array, share: number): number {
  const place = (sorted.length - 1) * share;
  const low = Math.floor(place), high = Math.ceil(place);
  return sorted[low] + (sorted[high] - sorted[low]) * (place - low);
}
