import * as Plot from "@observablehq/plot";
import { definedOf, type Figure, figure, type FigureFrame } from "../figure.ts";
import { formatNumber } from "../legend.ts";
import { panels } from "../panels.ts";

/** Principal components of one measurement. */
export interface ScreeBlock {
  /** What was measured. */
  readonly name: string;
  /** Share of the variance that each component holds, falling. */
  readonly varianceRatio: ArrayLike<number>;
  /** How many components are kept; all if it is not given. */
  readonly kept?: number;
  /** Why so many, in a few words. */
  readonly why?: string;
}

/** What {@link screeFigure} draws. */
export interface ScreeOptions extends FigureFrame {
  /** A panel each. */
  readonly blocks: readonly ScreeBlock[];
}

interface Mark {
  readonly rank: number;
  readonly text: string;
  readonly value: number;
  readonly isKept: boolean;
}

/** As many as scanpy draws for 30 components. */
const SHOWN = 31;
const KEPT_COLOUR = "#1f4e9c", OTHER_COLOUR = "#8a8a8a", LINE_COLOUR = "#d62728";
const PANEL = {
  width: 340,
  height: 300,
  marginLeft: 44,
  marginRight: 14,
  marginTop: 34,
  marginBottom: 36,
} as const;

/**
 * Scree of principal components, as scanpy draws it: `PC1`, `PC2`, … turned upwards at the natural logarithm
 * of their share of the variance; those that are kept are blue, left of a line.
 *
 * @example
 * ```ts
 * import { assert } from "@std/assert";
 * import { screeFigure } from "@/plots/chapter_2/mod.ts";
 *
 * const varianceRatio = [0.2, 0.1, 0.05, 0.04];
 * const svg = await screeFigure({ blocks: [{ name: "nuclei", varianceRatio, kept: 2 }] }).svg();
 * assert(svg.includes(">PC4<") && svg.includes(">2 kept<"));
 * ```
 */
export function screeFigure({ blocks, ...frame }: ScreeOptions): Figure {
  return panels(blocks.map(screePanel), {
    title: "variance ratio",
    subtitle: "share of the variance that each principal component holds",
    ...definedOf(frame),
  });
}

function screePanel({ name, varianceRatio, kept = Infinity, why }: ScreeBlock): Figure {
  const marks = Array.from(varianceRatio)
    .slice(0, SHOWN)
    .map((ratio, rank): Mark => ({
      rank,
      text: `PC${rank + 1}`,
      value: Math.log(ratio),
      isKept: rank < kept,
    }))
    .filter(({ value }) => Number.isFinite(value));
  const values = marks.map(({ value }) => value);
  const [low, high] = [Math.min(...values), Math.max(...values)];
  const room = 0.09 * (high - low || 1);
  const isCut = kept < varianceRatio.length;
  const place = Math.min(kept, SHOWN) - 0.5;
  const says = `${Math.min(kept, varianceRatio.length)} kept`;
  return figure({
    subtitle: why === undefined ? name : `${name}: ${why}`,
    ...PANEL,
    x: {
      label: "ranking",
      labelAnchor: "center",
      labelArrow: "none",
      domain: [-1, Math.max(2, marks.length)],
      ticks: 7,
      tickFormat: (rank: number) => Number.isInteger(rank) && rank >= 0 ? String(rank) : "",
    },
    y: {
      label: "ln(variance ratio)",
      labelArrow: "none",
      grid: true,
      domain: [low - room, high + 2 * room],
      ticks: 6,
      tickFormat: formatNumber,
    },
    marks: [
      ...(isCut
        ? [
          Plot.ruleX([place], { stroke: LINE_COLOUR, strokeWidth: 1.2, strokeDasharray: "4,3" }),
          Plot.text([place], {
            x: (at: number) => at,
            frameAnchor: "top",
            text: () => says,
            dx: place > SHOWN - 6 ? -5 : 5,
            textAnchor: place > SHOWN - 6 ? "end" : "start",
            fill: LINE_COLOUR,
            fontWeight: "bold",
          }),
        ]
        : []),
      Plot.text(marks, {
        ...{ x: "rank", y: "value", text: "text", rotate: -90, textAnchor: "middle" },
        fill: ({ isKept }: Mark) => isKept ? KEPT_COLOUR : OTHER_COLOUR,
        fontSize: 9,
      }),
    ],
  });
}
