import * as Plot from "@observablehq/plot";
import { widestText } from "../chapter_2/svg_elements.ts";
import { definedOf, type Figure, figure, type FigureFrame } from "../figure.ts";
import { formatCount } from "../legend.ts";

/** How far two annotations of a slide agree. */
export interface SlideAgreement {
  /** `heart_s0` */
  readonly slide: string;
  /** Share of the cells with the same label. */
  readonly agreement: number;
  /** The same without cells that either calls `Unknown` or `Less10`; absent if none is left. */
  readonly known: number | undefined;
  /** Cells that have both labels. */
  readonly cells: number;
}

/** What {@link agreementBySlide} draws. */
export interface AgreementBySlideOptions extends FigureFrame {
  /** The slides, in any order. */
  readonly slides: readonly SlideAgreement[];
}

const ROW_PX = 20;
const PLOT_PX = 380;
const COLOUR = "#1f5f9e";

/**
 * A dot per slide: how far two annotations agree, slides sorted by it; filled without `Unknown` and
 * `Less10`, open with them; the number of cells at the right.
 *
 * @example
 * ```ts
 * import { assert } from "@std/assert";
 * import { agreementBySlide } from "@/plots/study/mod.ts";
 *
 * const slides = [{ slide: "heart_s0", agreement: 0.7, known: 0.8, cells: 1200 }];
 * assert((await agreementBySlide({ slides }).svg()).includes("1,200 cells"));
 * ```
 */
export function agreementBySlide({ slides, ...frame }: AgreementBySlideOptions): Figure {
  const sorted = [...slides].sort((a, b) => (b.known ?? b.agreement) - (a.known ?? a.agreement));
  const counts = sorted.map(({ cells }) => `${formatCount(cells)} cells`);
  const marginLeft = Math.max(70, widestText(sorted.map(({ slide }) => slide), 10) + 14);
  const marginRight = widestText(counts, 10) + 18;
  const known = sorted.filter((slide) => slide.known !== undefined);
  const percent = (share: number | undefined) => 100 * share!;
  return figure({
    legend: {
      items: [
        { label: "without Unknown and Less10 (filled)", color: COLOUR, mark: "dot" },
        { label: "all cells (open)", color: "#9dbbd8", mark: "dot" },
      ],
    },
    ...definedOf(frame),
    width: marginLeft + PLOT_PX + marginRight,
    height: sorted.length * ROW_PX + 46,
    ...{ marginLeft, marginRight, marginTop: 6, marginBottom: 40 },
    x: {
      domain: [0, 100],
      label: "cells with the same label, %",
      labelAnchor: "center",
      labelArrow: "none",
      grid: true,
    },
    y: { domain: sorted.map(({ slide }) => slide), label: null, tickSize: 0, padding: 0.5 },
    marks: [
      Plot.link(known, {
        x1: ({ agreement }: SlideAgreement) => percent(agreement),
        x2: ({ known }: SlideAgreement) => percent(known),
        y: "slide",
        stroke: "#bbb",
      }),
      Plot.dot(sorted, {
        x: ({ agreement }: SlideAgreement) => percent(agreement),
        y: "slide",
        r: 4.5,
        fill: "white",
        stroke: COLOUR,
      }),
      Plot.dot(known, {
        x: ({ known }: SlideAgreement) => percent(known),
        y: "slide",
        r: 4.5,
        fill: COLOUR,
      }),
      Plot.text(sorted, {
        y: "slide",
        text: ({ cells }: SlideAgreement) => `${formatCount(cells)} cells`,
        frameAnchor: "right",
        textAnchor: "start",
        dx: 8,
        fontSize: 10,
      }),
    ],
  });
}
