import * as Plot from "@observablehq/plot";
import { colourOf, type LevelColours, MISSING_COLOUR } from "../colours.ts";
import { definedOf, type Figure, figure, type FigureFrame } from "../figure.ts";
import { formatCount, type LegendItem } from "../legend.ts";
import { textWidth } from "../text_width.ts";

/** A cell type of a reference. */
export interface ReferenceTypeBar {
  /** Its name. */
  readonly name: string;
  /** How many cells have it. */
  readonly cells: number;
  /** Its category; left out if no list knows the type. */
  readonly category?: string;
}

/** What {@link refCellTypes} draws. */
export interface RefCellTypesOptions extends FigureFrame {
  /** The types, in any order. */
  readonly types: readonly ReferenceTypeBar[];
  /** A colour for each category. */
  readonly colours: LevelColours;
}

const BAR_PX = 17;
const PLOT_HEIGHT_PX = 220;
const MIN_WIDTH_PX = 460;
/** Above this ratio of the largest to the smallest the small ones vanish on a linear axis. */
const LOG_RATIO = 100;
const NO_CATEGORY = "in no list of labels";

/** Cells of each type of a reference, the most frequent first, coloured by category. */
export function refCellTypes(options: RefCellTypesOptions): Figure {
  const { types: given, colours, ...frame } = options;
  const types = [...given].sort((a, b) => b.cells - a.cells || (a.name < b.name ? -1 : 1));
  const colour = ({ category }: ReferenceTypeBar) =>
    category === undefined ? MISSING_COLOUR : colourOf(colours, category);
  const total = types.reduce((sum, { cells }) => sum + cells, 0);
  const longest = Math.max(0, ...types.map(({ name }) => textWidth(name, { sizePx: 10 })));
  const most = types[0]?.cells ?? 1;
  const isLog = most > LOG_RATIO * (types.at(-1)?.cells ?? 1);
  const marginLeft = 64, marginRight = 12;
  const width = Math.max(MIN_WIDTH_PX, types.length * BAR_PX + marginLeft + marginRight);
  return figure({
    title: "Cell types of the reference",
    subtitle: `${formatCount(total)} cells, ${types.length} type${types.length === 1 ? "" : "s"}`,
    legend: { items: legendItems(types, colours) },
    ...definedOf(frame),
    width,
    height: PLOT_HEIGHT_PX + longest + 24,
    marginLeft,
    marginRight,
    marginTop: 14,
    marginBottom: longest + 14,
    x: {
      type: "band",
      label: null,
      domain: types.map(({ name }) => name),
      tickRotate: -90,
      tickSize: 0,
      padding: 0.15,
      round: false,
    },
    y: {
      label: isLog ? "cells (log)" : "cells",
      labelArrow: "none",
      labelAnchor: "center",
      grid: true,
      ...(isLog
        ? { type: "log" as const, domain: [0.7, most * 1.2], ticks: decades(most), clamp: true }
        : { domain: [0, most], ticks: 5 }),
      tickFormat: (cells: number) => formatCount(cells),
    },
    marks: [
      Plot.rectY(types, {
        x: "name",
        y1: isLog ? 0.7 : 0,
        y2: "cells",
        fill: colour,
        stroke: "#666",
        strokeWidth: 0.4,
      }),
      Plot.ruleY([isLog ? 0.7 : 0]),
    ],
  });
}

function decades(most: number): number[] {
  return Array.from({ length: Math.floor(Math.log10(most)) + 1 }, (_, power) => 10 ** power);
}

/** Categories that occur, in the order of the colours, with their cells; types of none last. */
function legendItems(types: readonly ReferenceTypeBar[], colours: LevelColours): LegendItem[] {
  const cells = new Map<string | undefined, number>();
  for (const type of types) {
    cells.set(type.category, (cells.get(type.category) ?? 0) + type.cells);
  }
  const label = (name: string, count: number) => `${name} (${formatCount(count)})`;
  const items = [...colours].filter(([name]) => cells.has(name))
    .map(([name, color]) => ({ label: label(name, cells.get(name)!), color }));
  const rest = cells.get(undefined);
  return rest === undefined
    ? items
    : [...items, { label: label(NO_CATEGORY, rest), color: MISSING_COLOUR }];
}
