import * as Plot from "@observablehq/plot";
import { colourOf, type LevelColours } from "../colours.ts";
import { definedOf, type Figure, figure, type FigureFrame } from "../figure.ts";
import { formatCount } from "../legend.ts";
import { textWidth } from "../text_width.ts";
import { formatShare } from "./count_levels.ts";

/** How many nuclei got the label of a type. */
export interface TypeCount {
  /** Its name. */
  readonly name: string;
  /** Its category. */
  readonly category: string;
  /** Nuclei that are labelled so. */
  readonly nuclei: number;
  /** Nuclei that are of it, where the truth is known. */
  readonly truth?: number;
}

/** What {@link labelComposition} draws. */
export interface LabelCompositionOptions extends FigureFrame {
  /** The types, in any order. */
  readonly types: readonly TypeCount[];
  /** A colour for each category; categories are listed in this order. */
  readonly colours: LevelColours;
}

/** A line of the figure: the sum of a category, or one of its types. */
interface Row {
  readonly key: string;
  readonly label: string;
  readonly category: string;
  readonly isSum: boolean;
  readonly nuclei: number;
  readonly truth: number | undefined;
}

const ROW_PX = 17;
const TEXT_PX = 10;
/** Rarer types are summed. */
const TAIL = 0.005;
const TRUTH_COLOUR = "#1a1a1a";
const TICK = { insetTop: 1, insetBottom: 1 };

/**
 * Share of nuclei by type, grouped by category; types below 0.5 % are summed. Where the truth is known
 * a line marks it.
 *
 * @throws {SthelarError} `InvalidArgument`, when it is drawn, if a category has no colour.
 *
 * @example
 * ```ts
 * import { assert } from "@std/assert";
 * import { labelComposition } from "@/plots/chapter_2/mod.ts";
 * import { categoryColours } from "@/plots/mod.ts";
 *
 * const types = [{ name: "Mast cell", category: "Myeloid", nuclei: 30 }];
 * const svg = await labelComposition({ types, colours: categoryColours("final_label") }).svg();
 * assert(svg.includes("30 (100.0 %)"));
 * ```
 */
export function labelComposition(options: LabelCompositionOptions): Figure {
  const { types, colours, ...frame } = options;
  const total = sumOf(types.map(({ nuclei }) => nuclei));
  const knows = types.some(({ truth }) => truth !== undefined);
  const trueTotal = sumOf(types.map(({ truth }) => truth ?? 0));
  const rows = rowsOf(types, [...colours.keys()], Math.max(1, total));
  return figure({
    title: "Nuclei by type",
    subtitle: `${formatCount(total)} nuclei, ` +
      `${types.filter(({ nuclei }) => nuclei > 0).length} types`,
    ...(knows
      ? {
        legend: {
          items: [{ label: "truth: vertical lines", color: TRUTH_COLOUR, mark: "line" as const }],
        },
      }
      : {}),
    ...definedOf(frame),
    ...barPlot(rows, colours, {
      share: ({ nuclei }) => 100 * nuclei / Math.max(1, total),
      trueShare: ({ truth }) => truth === undefined ? NaN : 100 * truth / Math.max(1, trueTotal),
      text: ({ nuclei, truth }) =>
        `${formatCount(nuclei)} (${formatShare(nuclei, Math.max(1, total))})` +
        (truth === undefined ? "" : `, truth ${formatShare(truth, Math.max(1, trueTotal))}`),
    }),
  });
}

interface RowValues {
  readonly share: (row: Row) => number;
  readonly trueShare: (row: Row) => number;
  readonly text: (row: Row) => string;
}

function barPlot(rows: readonly Row[], colours: LevelColours, values: RowValues) {
  const { share, trueShare, text } = values;
  const width = (row: Row, shown: string) => textWidth(shown, { sizePx: TEXT_PX, bold: row.isSum });
  const marginLeft = Math.max(60, ...rows.map((row) => width(row, row.label))) + 14;
  const marginRight = Math.max(0, ...rows.map((row) => width(row, text(row)))) + 16;
  const marginTop = 8, marginBottom = 36;
  const most = Math.max(1, ...rows.map((row) => Math.max(share(row), trueShare(row) || 0)));
  const truths = rows.filter(({ truth }) => truth !== undefined);
  const weighted = (isSum: boolean) => rows.filter((row) => row.isSum === isSum);
  return {
    width: marginLeft + marginRight + 300,
    height: rows.length * ROW_PX + marginTop + marginBottom,
    marginLeft,
    marginRight,
    marginTop,
    marginBottom,
    x: {
      label: "share of nuclei, %",
      labelAnchor: "center" as const,
      labelArrow: "none" as const,
      domain: [0, most],
      ticks: 5,
      grid: true,
    },
    y: { axis: null, domain: rows.map(({ key }) => key), padding: 0, round: false },
    marks: [
      Plot.barX(rows, {
        x1: 0,
        x2: share,
        y: "key",
        fill: ({ category }: Row) => colourOf(colours, category),
        fillOpacity: ({ isSum }: Row) => isSum ? 1 : 0.6,
        stroke: "#666",
        strokeWidth: 0.4,
        insetTop: 2,
        insetBottom: 2,
      }),
      Plot.tickX(truths, { x: trueShare, y: "key", ...TICK, stroke: "white", strokeWidth: 5 }),
      Plot.tickX(truths, { x: trueShare, y: "key", ...TICK, stroke: TRUTH_COLOUR, strokeWidth: 2 }),
      ...[true, false].flatMap((isSum) => [
        Plot.text(weighted(isSum), {
          y: "key",
          text: "label",
          frameAnchor: "left",
          textAnchor: "end",
          dx: -6,
          fontSize: TEXT_PX,
          fontWeight: isSum ? "bold" : "normal",
        }),
        Plot.text(weighted(isSum), {
          x: (row: Row) => Math.max(share(row), trueShare(row) || 0),
          y: "key",
          text,
          textAnchor: "start",
          dx: 5,
          fontSize: TEXT_PX,
          fontWeight: isSum ? "bold" : "normal",
          stroke: "white",
          strokeWidth: 4,
          fill: "currentColor",
        }),
      ]),
      Plot.ruleX([0]),
    ],
  };
}

function rowsOf(types: readonly TypeCount[], order: readonly string[], total: number): Row[] {
  const categories = [...new Set(types.map(({ category }) => category))]
    .sort((a, b) => placeIn(order, a) - placeIn(order, b));
  return categories.flatMap((category) => {
    const members = types
      .filter((type) => type.category === category && type.nuclei + (type.truth ?? 0) > 0)
      .sort((a, b) => b.nuclei - a.nuclei || (a.name < b.name ? -1 : 1));
    if (members.length === 0) return [];
    const sum = summed(members, category, category, true);
    const tail = members.filter(({ nuclei, truth = 0 }) => Math.max(nuclei, truth) < TAIL * total);
    if (tail.length < 2) return [sum, ...members.map((type) => rowOf(type))];
    const kept = members.filter((type) => !tail.includes(type)).map((type) => rowOf(type));
    return [sum, ...kept, summed(tail, category, `${tail.length} rare types`, false)];
  });
}

function rowOf({ name, category, nuclei, truth }: TypeCount): Row {
  return { key: `type ${category} ${name}`, label: name, category, isSum: false, nuclei, truth };
}

function summed(types: readonly TypeCount[], category: string, label: string, isSum: boolean): Row {
  const knows = types.some(({ truth }) => truth !== undefined);
  return {
    key: `${isSum ? "sum" : "tail"} ${category}`,
    label,
    category,
    isSum,
    nuclei: sumOf(types.map(({ nuclei }) => nuclei)),
    truth: knows ? sumOf(types.map(({ truth }) => truth ?? 0)) : undefined,
  };
}

function placeIn(order: readonly string[], category: string): number {
  const place = order.indexOf(category);
  return place < 0 ? order.length : place;
}

function sumOf(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
