import * as Plot from "@observablehq/plot";
import { colourOf, type LevelColours } from "../colours.ts";
import { definedOf, type Figure, figure, type FigureFrame } from "../figure.ts";
import { formatCount } from "../legend.ts";
import { formatShare } from "./count_levels.ts";
import { widestText } from "./svg_elements.ts";

/** Rows of one kind by category. */
export interface CategoryCounts {
  /** What the rows are, in the plural: `nuclei`. */
  readonly unit: string;
  /** Rows of each category. */
  readonly counts: ReadonlyMap<string, number>;
  /** Rows that belong to no category: not in the shares. */
  readonly leftOut?: number;
  /** Share of each category where the truth is known, 0 to 1. */
  readonly truth?: ReadonlyMap<string, number>;
}

/** What {@link finalLabelShares} draws. */
export interface FinalLabelSharesOptions extends FigureFrame {
  /** Nuclei and cells, the lighter bars first. */
  readonly groups: readonly CategoryCounts[];
  /** A colour for each category; categories are listed in this order. */
  readonly colours: LevelColours;
}

interface Bar {
  readonly category: string;
  readonly unit: string;
  readonly key: string;
  readonly share: number;
  readonly truth: number | undefined;
  readonly text: string;
  readonly opacity: number;
}

const BAR_PX = 16;
const GAP_PX = 8;
const TEXT_PX = 10;
const PLOT_PX = 340;
const LIGHTEST = 0.55;
const TRUTH_COLOUR = "#1a1a1a";

/**
 * Shares of categories among nuclei, beside those among cells; a line marks the truth, where it is known.
 *
 * @throws {SthelarError} `InvalidArgument`, when it is drawn, if a category has no colour.
 *
 * @example
 * ```ts
 * import { assert } from "@std/assert";
 * import { finalLabelShares } from "@/plots/chapter_2/mod.ts";
 * import { categoryColours } from "@/plots/mod.ts";
 *
 * const groups = [
 *   { unit: "nuclei", counts: new Map([["T_NK", 30], ["Myeloid", 10]]) },
 *   { unit: "cells", counts: new Map([["T_NK", 60]]) },
 * ];
 * const svg = await finalLabelShares({ groups, colours: categoryColours("final_label") }).svg();
 * assert(svg.includes(">30 (75.0 %)<") && svg.includes(">60 (100.0 %)<"));
 * ```
 */
export function finalLabelShares(options: FinalLabelSharesOptions): Figure {
  const { groups, colours, ...frame } = options;
  const occurs = (category: string) => groups.some(({ counts }) => (counts.get(category) ?? 0) > 0);
  const listed = groups.flatMap(({ counts, truth }) => [...counts.keys(), ...truth?.keys() ?? []]);
  const isTrue = (category: string) => groups.some(({ truth }) => (truth?.get(category) ?? 0) > 0);
  const known = [...colours.keys()];
  const categories = [...new Set([...known, ...listed])]
    .filter((category) => occurs(category) || isTrue(category));
  const bars = categories.flatMap((category) =>
    groups.map((group, i) => barOf(category, group, i, groups.length))
  );
  const knows = groups.some(({ truth }) => truth !== undefined);
  return figure({
    title: "Final labels of nuclei and cells",
    subtitle: groups.map(({ unit, counts }) => `${formatCount(sumOf(counts))} ${unit}`).join(", "),
    caption: captionOf(groups),
    ...(knows
      ? {
        legend: {
          items: [{ label: "truth: vertical lines", color: TRUTH_COLOUR, mark: "line" as const }],
        },
      }
      : {}),
    ...definedOf(frame),
    ...barPlot(bars, categories, groups.length, colours),
  });
}

function barOf(category: string, group: CategoryCounts, place: number, of: number): Bar {
  const { unit, counts, truth } = group;
  const count = counts.get(category) ?? 0, total = Math.max(1, sumOf(counts));
  return {
    ...{ category, unit, key: `${category} ${unit}` },
    share: 100 * count / total,
    truth: truth === undefined ? undefined : 100 * (truth.get(category) ?? 0),
    text: `${formatCount(count)} (${formatShare(count, total)})`,
    opacity: of < 2 ? 1 : LIGHTEST + (1 - LIGHTEST) * place / (of - 1),
  };
}

function barPlot(
  bars: readonly Bar[],
  categories: readonly string[],
  perCategory: number,
  colours: LevelColours,
) {
  const units = widestText(bars.map(({ unit }) => unit), TEXT_PX);
  const names = Math.max(60, ...categories.map((name) => 1.06 * widestText([name], TEXT_PX)));
  const marginLeft = names + units + 26;
  const marginRight = widestText(bars.map(({ text }) => text), TEXT_PX) + 16;
  const marginTop = 8, marginBottom = 36;
  const most = Math.max(1, ...bars.map(({ share, truth = 0 }) => Math.max(share, truth)));
  const keys = categories.flatMap((category) => [
    ...bars.filter((bar) => bar.category === category).map(({ key }) => key),
    `gap ${category}`,
  ]).slice(0, -1);
  const truths = bars.filter(({ truth }) => truth !== undefined);
  const first = bars.filter((_, i) => i % perCategory === 0);
  const height = categories.length * (perCategory * BAR_PX + GAP_PX);
  const tick = { x: "truth", y: "key", insetTop: 0.5, insetBottom: 0.5 } as const;
  const text = { y: "key", fontSize: TEXT_PX } as const;
  return {
    width: marginLeft + PLOT_PX + marginRight,
    height: height + marginTop + marginBottom,
    ...{ marginLeft, marginRight, marginTop, marginBottom },
    x: {
      label: "share, %",
      labelAnchor: "center" as const,
      labelArrow: "none" as const,
      domain: [0, most],
      ticks: 5,
      grid: true,
    },
    y: { axis: null, domain: keys, padding: 0, round: false },
    marks: [
      Plot.barX(bars, {
        ...{ x1: 0, x2: "share", y: "key", insetTop: 1, insetBottom: 1 },
        fill: ({ category }: Bar) => colourOf(colours, category),
        fillOpacity: "opacity",
        ...{ stroke: "#666", strokeWidth: 0.4 },
      }),
      Plot.tickX(truths, { ...tick, stroke: "white", strokeWidth: 5 }),
      Plot.tickX(truths, { ...tick, stroke: TRUTH_COLOUR, strokeWidth: 2 }),
      Plot.text(first, {
        ...{ ...text, text: "category", frameAnchor: "left", textAnchor: "end" },
        ...{ dx: -(units + 16), fontWeight: "bold" },
      }),
      Plot.text(bars, { ...text, text: "unit", frameAnchor: "left", textAnchor: "end", dx: -6 }),
      Plot.text(bars, {
        ...{ ...text, text: "text", textAnchor: "start", dx: 5, fill: "currentColor" },
        x: ({ share, truth = 0 }: Bar) => Math.max(share, truth),
        ...{ stroke: "white", strokeWidth: 4 },
      }),
      Plot.ruleX([0]),
    ],
  };
}

function captionOf(groups: readonly CategoryCounts[]): string {
  const left = groups.filter(({ leftOut = 0 }) => leftOut > 0)
    .map(({ unit, leftOut = 0 }) => `${formatCount(leftOut)} ${unit}`);
  return left.length === 0 ? "" : `Not clustered, and not counted: ${left.join(", ")}.`;
}

function sumOf(counts: ReadonlyMap<string, number>): number {
  return counts.values().reduce((sum, count) => sum + count, 0);
}
