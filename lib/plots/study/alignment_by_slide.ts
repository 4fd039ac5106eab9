import * as Plot from "@observablehq/plot";
import { widestText } from "../chapter_2/svg_elements.ts";
import { colourOf, type LevelColours } from "../colours.ts";
import { definedOf, type Figure, figure, type FigureFrame } from "../figure.ts";
import { formatCount } from "../legend.ts";
import { panels } from "../panels.ts";
import { predictedBy } from "./predicted_by.ts";

/** How a score of the patches of a slide is spread. */
export interface ScoreQuantiles {
  readonly low: number;
  readonly lowerQuartile: number;
  readonly median: number;
  readonly upperQuartile: number;
  readonly high: number;
}

/** How well predicted nuclei of a slide agree with those of the Xenium run. */
export interface AlignedSlide {
  /** `heart_s0` */
  readonly slide: string;
  /** `heart` */
  readonly tissue: string;
  /** Who predicted. */
  readonly source: string;
  /** Patches with a score. */
  readonly patches: number;
  /** A score by its name; absent where no patch has it. */
  readonly scores: ReadonlyMap<string, ScoreQuantiles>;
  /** Shares of the patches that are kept from each cut on. */
  readonly keptShares: readonly number[];
}

/** What {@link alignmentBySlide} draws. */
export interface AlignmentBySlideOptions extends FigureFrame {
  /** The slides, in any order. */
  readonly slides: readonly AlignedSlide[];
  /** Names of the scores, a panel each. */
  readonly scores: readonly string[];
  /** The score that slides are sorted by, and its cuts. */
  readonly sortedBy: string;
  readonly cuts: readonly number[];
  /** Colour of each tissue. */
  readonly colours: LevelColours;
  /** Slides that have no score. */
  readonly without?: readonly string[];
}

const ROW_PX = 22;
const PANEL_PX = 190;
const TOP_PX = 22, BOTTOM_PX = 34;
const GAP_PX = 10;

interface Row extends ScoreQuantiles {
  readonly name: string;
  readonly fill: string;
}

/**
 * How scores of patches are spread, by slide: a panel a score, a row a slide, the best median at the top.
 * A box from quartile to quartile, its line the median; thin lines reach from 5 to 95 % of the patches.
 *
 * @example
 * ```ts
 * import { assert } from "@std/assert";
 * import { alignmentBySlide } from "@/plots/study/mod.ts";
 *
 * const spread = { low: 0.3, lowerQuartile: 0.5, median: 0.6, upperQuartile: 0.7, high: 0.8 };
 * const slide = { slide: "heart_s0", tissue: "heart", source: "baseline", patches: 1200 };
 * const svg = await alignmentBySlide({
 *   slides: [{ ...slide, scores: new Map([["Jaccard", spread]]), keptShares: [0.8] }],
 *   scores: ["Jaccard"],
 *   sortedBy: "Jaccard",
 *   cuts: [0.45],
 *   colours: new Map([["heart", "#d62728"]]),
 * }).svg();
 * assert(svg.includes("1,200") && svg.includes("80 %") && svg.includes("baseline"));
 * ```
 */
export function alignmentBySlide(options: AlignmentBySlideOptions): Figure {
  const { slides, scores, sortedBy, cuts, colours, without = [], ...frame } = options;
  const medianOf = ({ scores }: AlignedSlide) => scores.get(sortedBy)?.median ?? -1;
  const sorted = [...slides].sort((a, b) => medianOf(b) - medianOf(a));
  const sources = sorted.map(({ source }) => source);
  const isOneSource = new Set(sources).size === 1;
  const nameOf = ({ slide, source }: AlignedSlide) => isOneSource ? slide : `${slide} (${source})`;
  const tissues = new Set(sorted.map(({ tissue }) => tissue));
  const drawn = scores.map((score, i) =>
    scorePanel(score, {
      rows: sorted.flatMap((slide) => {
        const spread = slide.scores.get(score);
        const fill = colourOf(colours, slide.tissue);
        return spread === undefined ? [] : [{ ...spread, name: nameOf(slide), fill }];
      }),
      names: sorted.map(nameOf),
      cuts: score === sortedBy ? cuts : [],
      isFirst: i === 0,
    })
  );
  const absent = without.length === 0 ? "" : `; without a score: ${without.join(", ")}`;
  return panels([...drawn, keptPanel(sorted, nameOf, sortedBy, cuts)], {
    title: "How well predicted and Xenium nuclei agree, by slide",
    subtitle: predictedBy(sources),
    caption: "Boxes: quartiles and median of the patches; lines: 5 to 95 % of them" + absent,
    legend: {
      items: [...colours].filter(([tissue]) => tissues.has(tissue))
        .map(([label, color]) => ({ label, color })),
    },
    ...definedOf(frame),
  });
}

interface ScorePanel {
  readonly rows: readonly Row[];
  readonly names: readonly string[];
  readonly cuts: readonly number[];
  readonly isFirst: boolean;
}

function scorePanel(score: string, { rows, names, cuts, isFirst }: ScorePanel): Figure {
  const marginLeft = isFirst ? widestText(names, 10) + 14 : GAP_PX;
  return figure({
    width: marginLeft + PANEL_PX + GAP_PX,
    height: TOP_PX + names.length * ROW_PX + BOTTOM_PX,
    ...{ marginLeft, marginRight: GAP_PX, marginTop: TOP_PX, marginBottom: BOTTOM_PX },
    x: {
      ...{ domain: [0, 1], label: score, labelAnchor: "center", labelArrow: "none" },
      ...{ grid: true, ticks: 5 },
    },
    y: { ...rowScale(names), ...isFirst ? { tickSize: 0 } : { axis: null } },
    marks: [
      Plot.ruleX(cuts, { x: (cut: number) => cut, stroke: "#555", strokeDasharray: "4,3" }),
      Plot.text(cuts, {
        ...{ x: (cut: number) => cut, text: (cut: number) => `≥ ${cut}`, frameAnchor: "top" },
        ...{ dy: -10, fill: "#555" },
      }),
      Plot.ruleY(rows, { x1: "low", x2: "high", y: "name", stroke: "#555" }),
      Plot.barX(rows, {
        ...{ x1: "lowerQuartile", x2: "upperQuartile", y: "name", fill: "fill" },
        ...{ stroke: "#333", strokeWidth: 0.7, insetTop: 4, insetBottom: 4 },
      }),
      Plot.tickX(rows, {
        ...{ x: "median", y: "name", stroke: "black", strokeWidth: 2 },
        ...{ insetTop: 3, insetBottom: 3 },
      }),
    ],
  });
}

/** Counts and shares as columns of text, in line with the rows of the other panels. */
function keptPanel(
  slides: readonly AlignedSlide[],
  nameOf: (slide: AlignedSlide) => string,
  score: string,
  cuts: readonly number[],
): Figure {
  const columns = [
    { header: "patches", text: ({ patches }: AlignedSlide) => formatCount(patches) },
    ...cuts.map((cut, k) => ({
      header: `${score} ≥ ${cut}`,
      text: ({ keptShares }: AlignedSlide) => percent(keptShares[k]),
    })),
  ];
  let width = 0;
  const marks = columns.flatMap(({ header, text }) => {
    width += widestText([header, ...slides.map(text)], 10) + 16;
    const place = { frameAnchor: "left", textAnchor: "end", dx: width } as const;
    return [
      Plot.text(slides, { y: nameOf, text, fontSize: 10, ...place }),
      Plot.text([header], {
        ...{ ...place, text: (name: string) => name, frameAnchor: "top-left", dy: -14 },
        ...{ fill: "#555", fontSize: 10 },
      }),
    ];
  });
  return figure({
    ...{ width: width + 4, height: TOP_PX + slides.length * ROW_PX + BOTTOM_PX },
    ...{ marginLeft: 0, marginRight: 4, marginTop: TOP_PX, marginBottom: BOTTOM_PX },
    x: { axis: null },
    y: { ...rowScale(slides.map(nameOf)), axis: null },
    marks,
  });
}

function rowScale(names: readonly string[]) {
  return { domain: names, type: "band", label: null, padding: 0 } as const;
}

function percent(share: number): string {
  return Number.isNaN(share) ? "none" : `${(100 * share).toFixed(0)} %`;
}
