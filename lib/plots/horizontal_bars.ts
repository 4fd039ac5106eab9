import * as Plot from "@observablehq/plot";
import { definedOf, type Figure, figure, type FigureFrame } from "./figure.ts";
import { formatNumber, hatchFill, hatchPattern } from "./legend.ts";
import { svgMark } from "./plot_drawing.ts";
import { textWidth } from "./text_width.ts";

/** One bar. */
export interface Bar {
  /** Its name, unique. */
  readonly label: string;
  /** Its length. */
  readonly value: number;
  /** Its colour; one blue unless told. */
  readonly color?: string;
  /** How much of the value, from the left, is hatched. */
  readonly hatched?: number;
  /** Text at its end. */
  readonly text?: string;
}

/** What a bar chart shows. */
export interface BarOptions extends FigureFrame {
  /** Bars, top to bottom. */
  readonly bars: readonly Bar[];
  /** Quantity and unit of the values. */
  readonly xLabel: string;
  /** Where the axis ends; the largest value unless told, 100 for percentages. */
  readonly axisEnd?: number;
  /** Vertical lines at values. */
  readonly lines?: readonly { readonly at: number; readonly label: string }[];
  /** Width, px; 520 unless told. */
  readonly width?: number;
}

const BAR_COLOUR = "#4c78a8";
/** Height of a bar and the space around it. */
export const BAR_HEIGHT_PX = 22;

/**
 * Horizontal bars with their values.
 *
 * @example
 * ```ts
 * import { assert } from "@std/assert";
 * import { horizontalBars } from "@/plots/horizontal_bars.ts";
 *
 * const bars = [{ label: "heart_s0", value: 26_366, text: "26,366" }];
 * assert((await horizontalBars({ bars, xLabel: "cells" }).svg()).includes("26,366"));
 * ```
 */
export function horizontalBars(options: BarOptions): Figure {
  const { bars, xLabel, axisEnd, lines = [], width = 520, ...frame } = options;
  const widest = (texts: readonly string[]) =>
    Math.max(0, ...texts.map((text) => textWidth(text, { sizePx: 10 })));
  const marginTop = lines.length > 0 ? 22 : 8;
  const marginBottom = 36;
  const longest = Math.max(1e-12, ...bars.map((bar) => bar.value), ...lines.map((line) => line.at));
  const marginLeft = widest(bars.map((bar) => bar.label)) + 12;
  const marginRight = widest(bars.map((bar) => bar.text ?? "")) + 14;
  const colour = (bar: Bar) => bar.color ?? BAR_COLOUR;
  const hatched = new Set(bars.filter((bar) => bar.hatched).map(colour));
  const patterns = [...hatched].map(hatchPattern).join("");
  return figure({
    ...definedOf(frame),
    width,
    height: bars.length * BAR_HEIGHT_PX + marginTop + marginBottom,
    marginLeft,
    marginRight,
    marginTop,
    marginBottom,
    x: {
      label: xLabel,
      labelAnchor: "center",
      labelArrow: "none",
      domain: [0, axisEnd ?? longest],
      ticks: Math.max(2, Math.min(6, (width - marginLeft - marginRight) / 60)),
      tickFormat: longest >= 10_000 ? "~s" : formatNumber,
    },
    y: { label: null, domain: bars.map((bar) => bar.label), tickSize: 0, padding: 0, round: false },
    marks: [
      svgMark(`<defs>${patterns}</defs>`),
      Plot.barX(bars, {
        x1: 0,
        x2: "value",
        y: "label",
        fill: colour,
        insetTop: 2,
        insetBottom: 2,
      }),
      Plot.barX(bars.filter((bar) => bar.hatched), {
        x1: 0,
        x2: "hatched",
        y: "label",
        fill: (bar: Bar) => hatchFill(colour(bar)),
        stroke: colour,
        insetTop: 2,
        insetBottom: 2,
      }),
      Plot.ruleX(lines, { x: "at", stroke: "#d62728", strokeDasharray: "4,3" }),
      Plot.text(lines, {
        x: "at",
        text: "label",
        frameAnchor: "top",
        dy: -10,
        fill: "#d62728",
      }),
      Plot.text(bars.filter((bar) => bar.text), {
        x: "value",
        y: "label",
        text: "text",
        textAnchor: "start",
        dx: 4,
        fill: "currentColor",
        stroke: "white",
        strokeWidth: 4,
      }),
      Plot.ruleX([0]),
    ],
  });
}
