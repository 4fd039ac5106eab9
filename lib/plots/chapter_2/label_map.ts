import type { Categorical } from "@/core/categorical.ts";
import type { MultiPolygons } from "@/core/polygons.ts";
import { colourOf, freeColours, type LevelColours, MISSING_COLOUR } from "../colours.ts";
import { definedOf, type Figure, type FigureFrame, framedFigure } from "../figure.ts";
import { formatCount, type LegendItem } from "../legend.ts";
import { MAX_PATH_VERTICES } from "../outlines.ts";
import { rasterScatter } from "../raster_scatter.ts";
import { countLevels, formatShare } from "./count_levels.ts";
import { levelOrder } from "./level_order.ts";
import { polygonMap } from "./polygon_map.ts";
import { sizeOfMap } from "./size_of_map.ts";

/** What {@link labelMap} draws. */
export interface LabelMapOptions extends FigureFrame {
  /** Where each row (a nucleus or a cell) lies from left to right, µm. */
  readonly x: ArrayLike<number>;
  /** Where each row lies from top to bottom, µm. */
  readonly y: ArrayLike<number>;
  /** The category of each row. */
  readonly labels: Categorical;
  /** A colour for each category, in the order of the legend; scanpy's palette unless told. */
  readonly colours?: LevelColours;
  /** The outline of each row, µm; drawn instead of a point where there are few vertices. */
  readonly polygons?: MultiPolygons;
  /** What a row is, in the plural; `nuclei` unless told. */
  readonly unit?: string;
  /** Width, px; 620 unless told. */
  readonly width?: number;
}

/**
 * Every nucleus or cell at its place, coloured by category, with the share of each.
 *
 * @throws {SthelarError} `InvalidArgument`, when it is drawn, if a category has no colour.
 *
 * @example
 * ```ts
 * import { assert } from "@std/assert";
 * import { categorical } from "@/core/categorical.ts";
 * import { labelMap } from "@/plots/chapter_2/mod.ts";
 * import { categoryColours } from "@/plots/mod.ts";
 *
 * const labels = categorical(["T_NK", "Epithelial", "Epithelial", "Epithelial"]);
 * const colours = categoryColours("final_label");
 * const svg = await labelMap({ x: [0, 9, 0, 9], y: [0, 0, 9, 9], labels, colours }).svg();
 * assert(svg.includes("Epithelial (3, 75.0 %)"));
 * ```
 */
export function labelMap(options: LabelMapOptions): Figure {
  const { x, y, labels, polygons, unit = "nuclei", width: most = 620, ...rest } = options;
  const { colours: given, ...frame } = rest;
  const colours = given ?? freeColours(levelOrder(labels.levels));
  const framed = {
    title: `${unit[0].toUpperCase()}${unit.slice(1)} by category`,
    subtitle: `${formatCount(labels.codes.length)} ${unit}`,
    legend: { items: legendItems(labels, colours) },
    ...definedOf(frame),
  };
  if (polygons !== undefined && polygons.xy.length <= 2 * MAX_PATH_VERTICES) {
    return framedFigure(framed, () => polygonMap(polygons, labels, colours, most));
  }
  const { width, radius } = sizeOfMap(x, y, most);
  return rasterScatter({
    ...framed,
    x,
    y,
    colour: { column: labels, colours },
    slideMap: true,
    width,
    radius,
  });
}

function legendItems(labels: Categorical, colours: LevelColours): LegendItem[] {
  const total = labels.codes.length;
  const counts = countLevels(labels, colours);
  const text = (name: string, count: number) =>
    `${name} (${formatCount(count)}, ${formatShare(count, total)})`;
  const items = [...counts].map(([level, count]) => ({
    label: text(level, count),
    color: colourOf(colours, level),
  }));
  const missing = total - [...counts.values()].reduce((sum, count) => sum + count, 0);
  return missing === 0
    ? items
    : [...items, { label: text("no label", missing), color: MISSING_COLOUR }];
}
