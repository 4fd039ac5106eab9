import * as Plot from "@observablehq/plot";
import { rampTable } from "../colours.ts";
import { definedOf, type Figure, figure, type FigureFrame } from "../figure.ts";
import { formatCount } from "../legend.ts";
import { panels } from "../panels.ts";
import { svgMark } from "../plot_drawing.ts";
import { type Raster, rasterToDataUrl } from "../raster.ts";

/** How often two scores of a patch occur together. */
export interface ScorePair {
  /** Names of the scores. */
  readonly x: string;
  readonly y: string;
  /** Patches by equal bins of both, 0 to 1: (y, x), as many of either. */
  readonly counts: ArrayLike<number>;
  /** A line that they should follow. */
  readonly line?: { readonly label: string; readonly at: (x: number) => number };
}

/** What {@link scorePairs} draws. */
export interface ScorePairsOptions extends FigureFrame {
  /** A panel each. */
  readonly pairs: readonly ScorePair[];
  /** Width of a panel, px; 300 unless told. */
  readonly panelWidth?: number;
}

const LINE_COLOUR = "#d62728";
const LINE_POINTS = 101;
const BIN_PX = 8;
const MARGINS = { marginLeft: 44, marginRight: 14, marginTop: 22, marginBottom: 36 };

/**
 * Pairs of scores of the same patches as counts in bins, on one logarithmic scale of colours.
 *
 * @example
 * ```ts
 * import { assert } from "@std/assert";
 * import { scorePairs } from "@/plots/study/mod.ts";
 *
 * const pairs = [{ x: "Jaccard", y: "bPQ", counts: [3, 0, 1, 40] }];
 * assert((await scorePairs({ pairs }).svg()).includes("patches in a bin"));
 * ```
 */
export function scorePairs({ pairs, panelWidth = 300, ...frame }: ScorePairsOptions): Figure {
  const most = Math.max(2, ...pairs.flatMap(({ counts }) => Array.from(counts)));
  const lines = pairs.flatMap(({ line }) => line === undefined ? [] : [line.label]);
  const patches = Array.from(pairs[0].counts).reduce((sum, count) => sum + count, 0);
  return panels(pairs.map((pair) => pairPanel(pair, panelWidth, most)), {
    title: "Scores of the same patches",
    caption: `n = ${formatCount(patches)} patches; white: none`,
    legend: [
      { ramp: "viridis", label: "patches in a bin", domain: [1, most], log: true },
      { items: lines.map((label) => ({ label, color: LINE_COLOUR, mark: "line" })) },
    ],
    ...definedOf(frame),
  });
}

function pairPanel({ x, y, counts, line }: ScorePair, width: number, most: number): Figure {
  const inner = width - MARGINS.marginLeft - MARGINS.marginRight;
  const height = inner + MARGINS.marginTop + MARGINS.marginBottom;
  return figure(async () => {
    const place = `x="${MARGINS.marginLeft}" y="${MARGINS.marginTop}"`;
    const size = `width="${inner}" height="${inner}" preserveAspectRatio="none"`;
    const href = await rasterToDataUrl(binRaster(counts, most));
    const points = Array.from({ length: LINE_POINTS }, (_, i) => i / (LINE_POINTS - 1));
    return {
      ...{ width, height, ...MARGINS },
      x: { ...axisOf(x), labelAnchor: "center" },
      y: axisOf(y),
      marks: [
        svgMark(`<image ${place} ${size} href="${href}"/>`),
        ...line === undefined ? [] : [
          Plot.line(points, { x: (at) => at, y: line.at, stroke: LINE_COLOUR, clip: true }),
        ],
        Plot.frame({ stroke: "#888" }),
      ],
    };
  });
}

function axisOf(label: string) {
  return { domain: [0, 1], label, labelArrow: "none", ticks: 5 } as const;
}

/** Squares of pixels, so that bins stay sharp where a viewer smooths; logarithmic viridis, y up. */
function binRaster(counts: ArrayLike<number>, most: number): Raster {
  const bins = Math.sqrt(counts.length), side = bins * BIN_PX, table = rampTable("viridis");
  const data = new Uint8Array(3 * side * side).fill(255);
  for (let row = 0, at = 0; row < side; row++) {
    const first = (bins - 1 - Math.floor(row / BIN_PX)) * bins;
    for (let column = 0; column < side; column++, at += 3) {
      const count = counts[first + Math.floor(column / BIN_PX)];
      if (count === 0) continue;
      const step = 3 * Math.round(255 * Math.log(count) / Math.log(most));
      data.set(table.subarray(step, step + 3), at);
    }
  }
  return { data, width: side, height: side, channels: 3 };
}
