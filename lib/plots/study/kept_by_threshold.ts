import * as Plot from "@observablehq/plot";
import { colourOf, type LevelColours } from "../colours.ts";
import { definedOf, type Figure, figure, type FigureFrame } from "../figure.ts";
import { formatCount } from "../legend.ts";

/** How many patches of a slide are kept from each threshold on. */
export interface KeptCurve {
  /** `heart_s0` */
  readonly slide: string;
  /** `heart` */
  readonly tissue: string;
  /** Patches with the score. */
  readonly patches: number;
  /** Patches of at least each threshold, the thresholds from 0 to 1 evenly spaced. */
  readonly kept: ArrayLike<number>;
}

/** The share of patches that is kept from a cut on. */
export interface KeptShare {
  readonly cut: number;
  /** 0 to 1. */
  readonly share: number;
}

/** What {@link keptByThreshold} draws. */
export interface KeptByThresholdOptions extends FigureFrame {
  /** A line each; all with as many thresholds. */
  readonly slides: readonly KeptCurve[];
  /** Name of the score. */
  readonly score: string;
  /** Cuts that are marked, with what they keep of all patches. */
  readonly cuts: readonly KeptShare[];
  /** Shares of the published data set, to compare with. */
  readonly published?: readonly KeptShare[];
  /** Colour of each tissue. */
  readonly colours: LevelColours;
  /** Width, px; 520 unless told. */
  readonly width?: number;
}

const ALL_COLOUR = "#111", PUBLISHED_COLOUR = "#984ea3";

interface Point {
  readonly slide: string;
  readonly threshold: number;
  readonly share: number;
}

/**
 * Which share of the patches is kept against the threshold of a score: a thin line a slide, a thick one
 * for the patches of all, with that share at the cuts.
 *
 * @example
 * ```ts
 * import { assert } from "@std/assert";
 * import { keptByThreshold } from "@/plots/study/mod.ts";
 *
 * const slide = { slide: "heart_s0", tissue: "heart", patches: 4, kept: [4, 3, 0] };
 * const options = { slides: [slide], score: "Jaccard", cuts: [{ cut: 0.5, share: 0.75 }] };
 * const colours = new Map([["heart", "#d62728"]]);
 * assert((await keptByThreshold({ ...options, colours }).svg()).includes("≥ 0.5: 75.0 %"));
 * ```
 */
export function keptByThreshold(options: KeptByThresholdOptions): Figure {
  const { slides, score, cuts, published = [], colours, width = 520, ...frame } = options;
  const all = sumOf(slides);
  const tissues = new Set(slides.map(({ tissue }) => tissue));
  return figure({
    title: `Patches that are kept from a ${score} index on`,
    caption: `n = ${formatCount(all.patches)} patches of ${slides.length} ` +
      (slides.length === 1 ? "slide" : "slides"),
    legend: {
      items: [
        ...[...colours].filter(([tissue]) => tissues.has(tissue))
          .map(([label, color]) => ({ label, color, mark: "line" as const })),
        { label: "all patches", color: ALL_COLOUR, mark: "line" },
        ...published.length === 0 ? [] : [
          { label: "published data set", color: PUBLISHED_COLOUR, mark: "dot" as const },
        ],
      ],
    },
    ...definedOf(frame),
    ...{ width, height: 300, marginLeft: 48, marginRight: 16, marginTop: 24, marginBottom: 36 },
    x: {
      ...{ domain: [0, 1], label: `least ${score} index`, labelAnchor: "center" },
      ...{ labelArrow: "none", ticks: 10 },
    },
    y: {
      ...{ domain: [0, 100], label: "patches kept, %", labelArrow: "none", grid: true, ticks: 5 },
    },
    marks: [
      Plot.ruleX(cuts, { x: "cut", stroke: "#555", strokeDasharray: "4,3" }),
      ...slides.map((slide) => curve(slide, colourOf(colours, slide.tissue), 1)),
      curve(all, ALL_COLOUR, 2.5),
      Plot.dot(cuts, { x: "cut", y: percentOf, fill: ALL_COLOUR, r: 3.5 }),
      Plot.dot(published, { x: "cut", y: percentOf, stroke: PUBLISHED_COLOUR, r: 4.5 }),
      Plot.text(cuts, {
        ...{ x: "cut", frameAnchor: "top", dy: -10, fill: "#333" },
        text: ({ cut, share }: KeptShare) => `≥ ${cut}: ${(100 * share).toFixed(1)} %`,
      }),
    ],
  });
}

function curve(slide: KeptCurve, stroke: string, strokeWidth: number): Plot.Markish {
  const { kept, patches } = slide;
  const points = Array.from({ length: kept.length }, (_, i): Point => ({
    ...{ slide: slide.slide, threshold: i / (kept.length - 1) },
    share: kept[i] / patches,
  }));
  return Plot.line(points, { x: "threshold", y: percentOf, stroke, strokeWidth });
}

function percentOf({ share }: { readonly share: number }): number {
  return 100 * share;
}

function sumOf(slides: readonly KeptCurve[]): KeptCurve {
  const kept = new Float64Array(slides[0].kept.length);
  for (const slide of slides) for (let i = 0; i < kept.length; i++) kept[i] += slide.kept[i];
  const patches = slides.reduce((sum, slide) => sum + slide.patches, 0);
  return { slide: "all", tissue: "all", patches, kept };
}
