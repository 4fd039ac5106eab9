import type { Categorical } from "@/core/categorical.ts";
import {
  colourOf,
  colourRamp,
  type LevelColours,
  MISSING_COLOUR,
  parseColour,
  type RampName,
  type Rgb,
} from "../colours.ts";
import { type Drawing, roundPx } from "../drawing.ts";
import { drawOrder, drawPoints } from "../point_raster.ts";
import { rasterToDataUrl } from "../raster.ts";
import { drawScaleBar } from "../scale_bar.ts";
import { finiteRange } from "./finite_range.ts";
import {
  ON_DATA_LINE_PX,
  ON_DATA_PX,
  type PlacedText,
  type SpreadText,
  spreadTexts,
} from "./spread_texts.ts";
import { svgRect, svgText } from "./svg_elements.ts";

/** Which colour each point has. */
export interface PointColours {
  /** Colours to choose from; the last is drawn underneath all others. */
  readonly palette: readonly Rgb[];
  /** Index in the palette of each point. */
  readonly colour: Uint16Array;
}

/** Points in a frame without ticks. */
export interface PointPanelOptions extends PointColours {
  /** First coordinate of each point. */
  readonly x: ArrayLike<number>;
  /** Second coordinate of each point. */
  readonly y: ArrayLike<number>;
  /** Width of the frame, px. */
  readonly width: number;
  /** Height of the frame, px; on a map of the slide the highest that it may be. */
  readonly height: number;
  /** Radius of a point, px. */
  readonly radius: number;
  /** Whether the points are one image. */
  readonly raster: boolean;
  /** Names of the coordinates. */
  readonly axisNames?: readonly [x: string, y: string];
  /** A map of the slide in µm: y down, equal aspect, scale bar. */
  readonly slideMap?: boolean;
  /** Texts over the points, in the unit of the points. */
  readonly texts?: readonly PlacedText[];
}

type Domain = readonly [low: number, high: number];

/** More points than this in all panels of a figure are drawn as images. */
export const RASTER_ABOVE = 5000;
/** Room for the names of the coordinates, left of the frame and below it, px. */
export const AXIS_NAME_PX = 15;
/** Pixels of the image for one px of the figure: a disc of a few px is round. */
const RASTER_DENSITY = 3;
const MAX_RADIUS_PX = 4;
/** A single pixel of the image: a crowd of points stays as dense as it is. */
export const MIN_RADIUS_PX = 0.3;

/** Draws points in a frame; those of the palette's last colour lie underneath. */
export async function pointPanel(options: PointPanelOptions): Promise<Drawing> {
  const { x, y, slideMap = false, axisNames, texts = [] } = options;
  const [domainX, domainY] = [paddedRange(x), paddedRange(y)];
  const { width, height } = slideMap ? equalAspect(domainX, domainY, options) : options;
  const toX = (value: number) => width * (value - domainX[0]) / (domainX[1] - domainX[0]);
  const shareY = (value: number) => (value - domainY[0]) / (domainY[1] - domainY[0]);
  const toY = (value: number) => height * (slideMap ? shareY(value) : 1 - shareY(value));
  const places = { x: mapNumbers(x, toX), y: mapNumbers(y, toY) };
  const points = options.raster
    ? await pointImage(places, options, width, height)
    : pointCircles(places, options);
  const placed = texts.map((text) => ({ ...text, x: toX(text.x), y: toY(text.y) }));
  const labels = spreadTexts(placed, width, height).map(drawOnData).join("");
  const left = axisNames === undefined ? 0 : AXIS_NAME_PX;
  const below = axisNames === undefined ? 0 : AXIS_NAME_PX;
  const names = axisNames === undefined ? "" : svgText(width / 2, height + 12, axisNames[0], {
    anchor: "middle",
  }) + svgText(-5, height / 2, axisNames[1], { anchor: "middle", upwards: true });
  const body = `<g transform="translate(${left},0)">` + points +
    svgRect(0, 0, width, height, 'fill="none" stroke="#888"') +
    (slideMap ? drawScaleBar(domainX[1] - domainX[0], width, height) : "") +
    `${labels}${names}</g>`;
  return { width: width + left, height: height + below, body };
}

/**
 * Radius of a point as scanpy draws it: its size is 120,000 / n pt², and its mark's diameter half the
 * root of that; not below what is seen, nor so large that 50 points fill the picture.
 *
 * @param count How many points there are.
 * @returns px
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { umapRadius } from "@/plots/chapter_2/point_panel.ts";
 *
 * assertEquals([50, 7500, 1_000_000].map(umapRadius), [4, 1, 0.3]);
 * ```
 */
export function umapRadius(count: number): number {
  const radius = Math.sqrt(120_000 / Math.max(1, count)) / 4;
  return Math.min(MAX_RADIUS_PX, Math.max(MIN_RADIUS_PX, radius));
}

/**
 * Colours of a column's levels; rows without a value are grey.
 *
 * @throws {SthelarError} `InvalidArgument` if a level that occurs has no colour.
 */
export function levelPoints({ codes, levels }: Categorical, colours: LevelColours): PointColours {
  const used = new Uint8Array(levels.length);
  for (let i = 0; i < codes.length; i++) if (codes[i] >= 0) used[codes[i]] = 1;
  const missing = parseColour(MISSING_COLOUR);
  const palette = levels.map((level, code) =>
    used[code] === 1 ? parseColour(colourOf(colours, level)) : missing
  );
  const colour = new Uint16Array(codes.length);
  for (let i = 0; i < codes.length; i++) colour[i] = codes[i] < 0 ? levels.length : codes[i];
  return { palette: [...palette, missing], colour };
}

/** Colours of values, clamped to `domain`; what is not finite is grey. */
export function valuePoints(
  values: ArrayLike<number>,
  [low, high]: Domain,
  ramp: RampName,
): PointColours {
  const shade = colourRamp(ramp);
  const palette = Array.from({ length: 256 }, (_, i) => parseColour(shade(i / 255)));
  const colour = new Uint16Array(values.length);
  for (let i = 0; i < values.length; i++) {
    const share = high > low ? (values[i] - low) / (high - low) : 0.5;
    colour[i] = Number.isFinite(values[i])
      ? Math.round(255 * Math.min(1, Math.max(0, share)))
      : palette.length;
  }
  return { palette: [...palette, parseColour(MISSING_COLOUR)], colour };
}

function paddedRange(values: ArrayLike<number>): Domain {
  const [low, high] = finiteRange(values);
  const padding = (high - low || 1) * 0.03;
  return [low - padding, high + padding];
}

function drawOnData({ lines, x, y }: SpreadText): string {
  const first = y - (lines.length - 1) * ON_DATA_LINE_PX / 2 + 4;
  return lines.map((line, i) =>
    svgText(x, first + i * ON_DATA_LINE_PX, line, {
      sizePx: ON_DATA_PX,
      bold: true,
      anchor: "middle",
      fill: "#000",
      halo: true,
    })
  ).join("");
}

function equalAspect(x: Domain, y: Domain, most: { width: number; height: number }) {
  const scale = Math.min(most.width / (x[1] - x[0]), most.height / (y[1] - y[0]));
  return { width: scale * (x[1] - x[0]), height: scale * (y[1] - y[0]) };
}

/** Several times faster than `Float32Array.from`. */
function mapNumbers(values: ArrayLike<number>, map: (value: number) => number): Float32Array {
  const mapped = new Float32Array(values.length);
  for (let i = 0; i < values.length; i++) mapped[i] = map(values[i]);
  return mapped;
}

interface Places {
  readonly x: Float32Array;
  readonly y: Float32Array;
}

async function pointImage(
  { x, y }: Places,
  { palette, colour, radius }: PointPanelOptions,
  width: number,
  height: number,
): Promise<string> {
  const scaled = (values: Float32Array) =>
    mapNumbers(values, (value) => Number.isFinite(value) ? value * RASTER_DENSITY : -1e6);
  const points = { x: scaled(x), y: scaled(y), palette, colour, under: palette.length - 1 };
  const raster = drawPoints(
    points,
    Math.round(width * RASTER_DENSITY),
    Math.round(height * RASTER_DENSITY),
    radius * RASTER_DENSITY,
  );
  return `<image width="${roundPx(width)}" height="${roundPx(height)}" ` +
    `preserveAspectRatio="none" href="${await rasterToDataUrl(raster)}"/>`;
}

function pointCircles({ x, y }: Places, { palette, colour, radius }: PointPanelOptions): string {
  const fills = palette.map((rgb) => `rgb(${rgb.join(",")})`);
  const under = palette.length - 1;
  const circle = (i: number) =>
    Number.isFinite(x[i]) && Number.isFinite(y[i])
      ? `<circle cx="${roundPx(x[i])}" cy="${roundPx(y[i])}" r="${roundPx(radius)}" ` +
        `fill="${fills[colour[i]]}"/>`
      : "";
  const order = [...drawOrder(x.length)];
  return order.filter((i) => colour[i] === under).map(circle).join("") +
    order.filter((i) => colour[i] !== under).map(circle).join("");
}
