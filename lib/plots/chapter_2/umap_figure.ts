import type { Categorical } from "@/core/categorical.ts";
import {
  colourOf,
  freeColours,
  type LevelColours,
  MISSING_COLOUR,
  type RampName,
} from "../colours.ts";
import { type Drawing, placeDrawing, stackDrawings } from "../drawing.ts";
import { definedOf, type Figure, type FigureFrame, framedFigure } from "../figure.ts";
import { formatCount, type LegendItem, type RampLegend } from "../legend.ts";
import { textBlock } from "../text_block.ts";
import { countLevels } from "./count_levels.ts";
import { finiteRange } from "./finite_range.ts";
import { labelPlaces } from "./label_places.ts";
import { levelOrder } from "./level_order.ts";
import {
  AXIS_NAME_PX,
  levelPoints,
  type PointColours,
  pointPanel,
  RASTER_ABOVE,
  umapRadius,
  valuePoints,
} from "./point_panel.ts";
import { sideLegend, sideRamp } from "./side_legend.ts";
import { onDataArea, type PlacedText } from "./spread_texts.ts";

/** A panel coloured by categories. */
export interface CategoricalPanel {
  /** Above the panel. */
  readonly title: string;
  /** Coloured by a column of categories. */
  readonly kind: "categorical";
  /** The category of each point; those without one are grey, underneath. */
  readonly column: Categorical;
  /** A colour for each category, in the order of the legend; scanpy's palette unless told. */
  readonly colours?: LevelColours;
  /** Whether names stand at the medians of their points, in place of the legend, if there is room. */
  readonly labelsOnData?: boolean;
}

/** A panel coloured by a quantity. */
export interface ContinuousPanel {
  /** Above the panel. */
  readonly title: string;
  /** Coloured by a quantity. */
  readonly kind: "continuous";
  /** The value of each point; those that are not finite are grey, underneath. */
  readonly values: ArrayLike<number>;
  /** Quantity and unit. */
  readonly label: string;
  /** Values at the ends of the colours; the range of the values unless told. */
  readonly domain?: readonly [low: number, high: number];
  /** The scheme; viridis unless told. */
  readonly ramp?: RampName;
}

/** A panel of {@link umapFigure}. */
export type UmapPanel = CategoricalPanel | ContinuousPanel;

/** What {@link umapFigure} draws. */
export interface UmapFigureOptions extends FigureFrame {
  /** First coordinate of each point. */
  readonly x: ArrayLike<number>;
  /** Second coordinate of each point. */
  readonly y: ArrayLike<number>;
  /** The panels, row by row. */
  readonly panels: readonly UmapPanel[];
  /** Panels in a row; 3 unless told. */
  readonly columns?: number;
  /** What a point is, in the plural; `nuclei` unless told. */
  readonly unit?: string;
}

const MAX_WIDTH_PX = 1100;
const MAX_FRAME_PX = 300;
const MIN_FRAME_PX = 210;
const FRAME_STEP_PX = 10;
const HEIGHT_SHARE = 0.86;
const MIN_HEIGHT_PX = 225;
/** Of the frame that names may cover. */
const ON_DATA_SHARE = 0.35;
const TITLE_PX = 18;
const LEGEND_GAP_PX = 8;
const PANEL_GAP_PX = 16;

/**
 * The same UMAP in several panels, each coloured by its own column: legends to the right, one scale
 * of places for all.
 *
 * @throws {SthelarError} `InvalidArgument`, when it is drawn, if a category has no colour.
 *
 * @example
 * ```ts
 * import { assert } from "@std/assert";
 * import { categorical } from "@/core/categorical.ts";
 * import { umapFigure } from "@/plots/chapter_2/mod.ts";
 *
 * const column = categorical(["0", "1", "1"]);
 * const panels = [{ kind: "categorical" as const, title: "leiden 0.4", column }];
 * const svg = await umapFigure({ x: [0, 1, 2], y: [2, 1, 0], panels }).svg();
 * assert(svg.includes(">leiden 0.4<") && svg.includes(">UMAP1<"));
 * ```
 */
export function umapFigure(options: UmapFigureOptions): Figure {
  const { x, y, panels, columns = 3, unit = "nuclei", ...frame } = options;
  const framed = { subtitle: `${formatCount(x.length)} ${unit}`, ...definedOf(frame) };
  return framedFigure(framed, () => drawPanels({ x, y }, panels, Math.max(1, columns)));
}

interface Places {
  readonly x: ArrayLike<number>;
  readonly y: ArrayLike<number>;
}

/** A panel that knows its colours and its legend. */
interface ReadyPanel extends PointColours {
  readonly title: string;
  readonly legend: (heightPx: number) => Drawing;
  readonly texts: readonly PlacedText[];
}

async function drawPanels(
  places: Places,
  panels: readonly UmapPanel[],
  columns: number,
): Promise<Drawing> {
  const ready = panels.map((panel) =>
    panel.kind === "categorical" ? readyCategorical(panel, places) : readyContinuous(panel)
  );
  const perRow = Math.min(columns, Math.max(1, panels.length));
  const frameWidth = widthOfFrames(ready, perRow);
  const frameHeight = heightOfFrame(frameWidth);
  const raster = places.x.length * panels.length > RASTER_ABOVE;
  const drawings: Drawing[] = [];
  for (const { title, legend, palette, colour, texts } of ready) {
    const points = await pointPanel({
      ...places,
      palette,
      colour,
      texts,
      raster,
      width: frameWidth,
      height: frameHeight,
      radius: umapRadius(places.x.length),
      axisNames: ["UMAP1", "UMAP2"],
    });
    drawings.push(withLegend(title, points, legend(points.height)));
  }
  return inRows(drawings, perRow);
}

function withLegend(title: string, points: Drawing, legend: Drawing): Drawing {
  const width = points.width + (legend.width > 0 ? LEGEND_GAP_PX + legend.width : 0);
  const heading = textBlock(title, width - AXIS_NAME_PX, {
    sizePx: 11,
    bold: true,
    color: "currentColor",
  });
  const top = Math.max(TITLE_PX, heading.height + 4);
  return {
    width,
    height: top + Math.max(points.height, legend.height),
    body: placeDrawing(heading, AXIS_NAME_PX, 0) + placeDrawing(points, 0, top) +
      placeDrawing(legend, points.width + LEGEND_GAP_PX, top),
  };
}

function inRows(drawings: readonly Drawing[], perRow: number): Drawing {
  const widths = Array.from(
    { length: perRow },
    (_, k) => Math.max(0, ...drawings.filter((_, i) => i % perRow === k).map((d) => d.width)),
  );
  const left = (k: number) => widths.slice(0, k).reduce((sum, w) => sum + w + PANEL_GAP_PX, 0);
  const width = left(perRow) - PANEL_GAP_PX;
  const rows: Drawing[] = [];
  for (let i = 0; i < drawings.length; i += perRow) {
    const row = drawings.slice(i, i + perRow);
    rows.push({
      width,
      height: Math.max(...row.map((drawing) => drawing.height)),
      body: row.map((drawing, k) => placeDrawing(drawing, left(k), 0)).join(""),
    });
  }
  return stackDrawings(rows, PANEL_GAP_PX);
}

/** Frames as wide as the legends leave room for; a column is as wide as its widest legend. */
function widthOfFrames(panels: readonly ReadyPanel[], perRow: number): number {
  for (let width = MAX_FRAME_PX; width > MIN_FRAME_PX; width -= FRAME_STEP_PX) {
    const legends: number[] = Array(perRow).fill(0);
    panels.forEach(({ legend }, i) => {
      const own = legend(heightOfFrame(width) + AXIS_NAME_PX).width;
      if (own > 0) legends[i % perRow] = Math.max(legends[i % perRow], own + LEGEND_GAP_PX);
    });
    const frames = perRow * (width + AXIS_NAME_PX + PANEL_GAP_PX);
    if (frames + legends.reduce((sum, own) => sum + own, 0) <= MAX_WIDTH_PX) return width;
  }
  return MIN_FRAME_PX;
}

function heightOfFrame(width: number): number {
  return Math.round(Math.max(MIN_HEIGHT_PX, width * HEIGHT_SHARE));
}

function readyCategorical(panel: CategoricalPanel, places: Places): ReadyPanel {
  const { title, column } = panel;
  const colours = panel.colours ?? freeColours(levelOrder(column.levels));
  const counts = countLevels(column, colours);
  const items: LegendItem[] = [...counts.keys()]
    .map((label) => ({ label, color: colourOf(colours, label) }));
  const missing = column.codes.length - [...counts.values()].reduce((sum, n) => sum + n, 0);
  const grey = { label: `missing (${formatCount(missing)})`, color: MISSING_COLOUR };
  const labelsOnData = panel.labelsOnData === true && fitOnData([...counts.keys()]);
  const listed = [...(labelsOnData ? [] : items), ...(missing > 0 ? [grey] : [])];
  return {
    title,
    ...levelPoints(column, colours),
    legend: (height) => sideLegend(listed, height),
    texts: labelsOnData ? labelPlaces(column, places.x, places.y) : [],
  };
}

/** Whether names leave the points to be seen. */
function fitOnData(names: readonly string[]): boolean {
  const area = names.reduce((sum, name) => sum + onDataArea(name), 0);
  return area <= ON_DATA_SHARE * MAX_FRAME_PX * heightOfFrame(MAX_FRAME_PX);
}

function readyContinuous({ title, values, label, domain, ramp = "viridis" }: ContinuousPanel) {
  const ends = domain ?? finiteRange(values);
  const legend: RampLegend = { ramp, label, domain: ends };
  return {
    title,
    ...valuePoints(values, ends, ramp),
    legend: (height: number) => sideRamp(legend, height - AXIS_NAME_PX),
    texts: [],
  };
}
