import * as Plot from "@observablehq/plot";
import type { Categorical } from "@/core/categorical.ts";
import {
  colourOf,
  type LevelColours,
  MISSING_COLOUR,
  parseColour,
  type RampName,
  rampTable,
  type Rgb,
} from "./colours.ts";
import { definedOf, type Figure, figure, type FigureFrame, type FigureOptions } from "./figure.ts";
import { RASTER_DENSITY } from "./image_panel.ts";
import { type Legend, legendByLevel } from "./legend.ts";
import { drawPoints, type PixelPoints } from "./point_raster.ts";
import { svgMark } from "./plot_drawing.ts";
import { rasterToDataUrl } from "./raster.ts";
import { drawScaleBar } from "./scale_bar.ts";

/** Points coloured by a column of categories. */
export interface ByLevel {
  /** The category of each point. */
  readonly column: Categorical;
  /** A colour for each level. */
  readonly colours: LevelColours;
  /** Colour of points without a category. */
  readonly missingColour?: string;
}

/** Points coloured by a quantity. */
export interface ByValue {
  /** The value of each point; `NaN` is drawn in the colour for missing ones. */
  readonly values: ArrayLike<number>;
  /** Quantity and unit. */
  readonly label: string;
  /** Values at the ends of the colours; the range of the values unless told. */
  readonly domain?: readonly [low: number, high: number];
  /** The scheme; viridis unless told. */
  readonly ramp?: RampName;
}

/** What a scatter plot shows. */
export interface ScatterOptions extends FigureFrame {
  /** First coordinate of each point. */
  readonly x: ArrayLike<number>;
  /** Second coordinate of each point. */
  readonly y: ArrayLike<number>;
  /** What colours the points; one blue unless told. */
  readonly colour?: ByLevel | ByValue | string;
  /** `ticks`: labelled axes; `frame`: a frame without ticks, as for UMAPs and maps. */
  readonly axes?: "ticks" | "frame";
  /** Name of the first coordinate. */
  readonly xLabel?: string;
  /** Name of the second coordinate. */
  readonly yLabel?: string;
  /** Logarithmic axes: points that are not above 0 are left out. */
  readonly log?: boolean;
  /** A map of the slide in µm: y down, equal aspect, scale bar. */
  readonly slideMap?: boolean;
  /** Whether a map has its scale bar; it has unless told. */
  readonly scaleBar?: boolean;
  /** Radius of a point, px; by the number of points unless told. */
  readonly radius?: number;
  /** Width, px; 460 unless told. */
  readonly width?: number;
  /** Height, px; as the data's shape on a slide map, else three quarters of the width. */
  readonly height?: number;
  /** More points than this are drawn as one image; 5,000 unless told. */
  readonly rasterAbove?: number;
}

type Domain = [low: number, high: number];

/** Where the points lie in the figure. */
interface Layout {
  readonly x: Domain;
  readonly y: Domain;
  readonly width: number;
  readonly height: number;
  readonly margins: {
    marginLeft: number;
    marginRight: number;
    marginTop: number;
    marginBottom: number;
  };
}

/**
 * A scatter plot of any number of points: above 5,000 they are one image inside the plot.
 *
 * @throws {SthelarError} `InvalidArgument`, when it is drawn, if a level has no colour.
 *
 * @example
 * ```ts
 * import { assert } from "@std/assert";
 * import { categorical } from "@/core/categorical.ts";
 * import { freeColours, rasterScatter } from "@/plots/mod.ts";
 *
 * const column = categorical(["a", "b", "b"]);
 * const colour = { column, colours: freeColours(column.levels) };
 * const svg = await rasterScatter({ x: [0, 1, 2], y: [2, 1, 0], colour }).svg();
 * assert(svg.includes("b (2)"));
 * ```
 */
export function rasterScatter(options: ScatterOptions): Figure {
  return figure(async () => {
    const layout = layoutOf(options);
    const colouring = colourPoints(options);
    const raster = options.x.length > (options.rasterAbove ?? 5000);
    const points = raster
      ? await imageMark(options, layout, colouring)
      : dotMark(options, colouring);
    const { axes = "ticks", log = false } = options;
    const axis = axes === "frame" || options.slideMap ? { axis: null } : {};
    const scale = { type: log ? "log" : "linear", labelArrow: "none" } as const;
    return {
      ...frameOptions(options, colouring.legend),
      width: layout.width,
      height: layout.height,
      ...layout.margins,
      x: {
        ...scale,
        ...axis,
        domain: layout.x,
        label: options.xLabel ?? null,
        labelAnchor: "center",
        ...logTicks(log),
      },
      y: { ...scale, ...axis, domain: layout.y, label: options.yLabel ?? null, ...logTicks(log) },
      marks: [
        points,
        Plot.frame({ stroke: "#888" }),
        ...(options.slideMap && options.scaleBar !== false ? [scaleBarMark(layout)] : []),
      ],
    };
  });
}

function frameOptions(options: ScatterOptions, legend: Legend | undefined): FigureOptions {
  return definedOf({
    title: options.title,
    subtitle: options.subtitle,
    caption: options.caption,
    notes: options.notes,
    legend: options.legend ?? legend,
  });
}

function logTicks(log: boolean) {
  return log ? { ticks: 4, tickFormat: "~s" } : { ticks: 5 };
}

function layoutOf(options: ScatterOptions): Layout {
  const { width = 460, log = false, slideMap = false } = options;
  const bare = slideMap || options.axes === "frame";
  const margins = bare
    ? { marginLeft: 1, marginRight: 1, marginTop: 1, marginBottom: 1 }
    : { marginLeft: 48, marginRight: 14, marginTop: 22, marginBottom: 36 };
  const x = paddedRange(options.x, log);
  const y = paddedRange(options.y, log);
  const innerWidth = width - margins.marginLeft - margins.marginRight;
  const innerHeight = slideMap ? innerWidth * (y[1] - y[0]) / (x[1] - x[0]) : undefined;
  const height = innerHeight === undefined
    ? options.height ?? width * 0.75
    : innerHeight + margins.marginTop + margins.marginBottom;
  return { x, y: slideMap ? [y[1], y[0]] : y, width, height: Math.round(height), margins };
}

function paddedRange(values: ArrayLike<number>, log: boolean): Domain {
  let low = Infinity, high = -Infinity;
  for (let i = 0; i < values.length; i++) {
    if (!Number.isFinite(values[i]) || (log && values[i] <= 0)) continue;
    if (values[i] < low) low = values[i];
    if (values[i] > high) high = values[i];
  }
  if (!(low <= high)) return log ? [1, 10] : [0, 1];
  if (log) return [low / 1.15, high * 1.15];
  const padding = (high - low || 1) * 0.02;
  return [low - padding, high + padding];
}

/** Colours and which of them each point has. */
interface Colouring {
  readonly palette: readonly Rgb[];
  readonly colour: Uint16Array;
  readonly legend: Legend | undefined;
}

function colourPoints({ x, colour = "#1f77b4" }: ScatterOptions): Colouring {
  if (typeof colour === "string") {
    return {
      palette: [parseColour(colour)],
      colour: new Uint16Array(x.length),
      legend: undefined,
    };
  }
  return "column" in colour ? colourByLevel(colour) : colourByValue(colour);
}

function colourByLevel({ column, colours, missingColour = MISSING_COLOUR }: ByLevel): Colouring {
  const legend = legendByLevel(column, colours, missingColour);
  const used = new Set(column.codes);
  const palette = column.levels.map((level, code) =>
    parseColour(used.has(code) ? colourOf(colours, level) : missingColour)
  );
  const missing = palette.push(parseColour(missingColour)) - 1;
  return { palette, colour: Uint16Array.from(column.codes, (c) => c < 0 ? missing : c), legend };
}

function colourByValue({ values, label, ramp = "viridis", domain }: ByValue): Colouring {
  const table = rampTable(ramp);
  const palette: Rgb[] = Array.from(
    { length: 256 },
    (_, i) => [table[3 * i], table[3 * i + 1], table[3 * i + 2]],
  );
  const missing = palette.push(parseColour(MISSING_COLOUR)) - 1;
  const [low, high] = domain ?? rangeOf(values);
  const colour = Uint16Array.from(values, (value) => {
    if (!Number.isFinite(value)) return missing;
    const share = high > low ? (value - low) / (high - low) : 0.5;
    return Math.round(Math.min(1, Math.max(0, share)) * 255);
  });
  return { palette, colour, legend: { ramp, label, domain: [low, high] } };
}

function rangeOf(values: ArrayLike<number>): Domain {
  let low = Infinity, high = -Infinity;
  for (let i = 0; i < values.length; i++) {
    if (values[i] < low) low = values[i];
    if (values[i] > high) high = values[i];
  }
  return low <= high ? [low, high] : [0, 1];
}

function defaultRadius(count: number): number {
  return Math.min(2.5, Math.max(0.5, Math.sqrt(30_000 / Math.max(1, count)) / 2));
}

function dotMark(options: ScatterOptions, colouring: Colouring): Plot.Markish {
  const { x, y, log } = options;
  const rows = Array.from({ length: x.length }, (_, i) => i).filter((i) =>
    Number.isFinite(x[i]) && Number.isFinite(y[i]) && (!log || (x[i] > 0 && y[i] > 0))
  );
  return Plot.dot(rows, {
    x: (i: number) => x[i],
    y: (i: number) => y[i],
    r: options.radius ?? defaultRadius(x.length),
    fill: (i: number) => `rgb(${colouring.palette[colouring.colour[i]].join(", ")})`,
  });
}

async function imageMark(
  options: ScatterOptions,
  layout: Layout,
  colouring: Colouring,
): Promise<Plot.Markish> {
  const { width, height, margins, x, y } = layout;
  const innerWidth = width - margins.marginLeft - margins.marginRight;
  const innerHeight = height - margins.marginTop - margins.marginBottom;
  const columns = Math.round(innerWidth * RASTER_DENSITY);
  const rows = Math.round(innerHeight * RASTER_DENSITY);
  const points: PixelPoints = {
    ...colouring,
    x: toPixels(options.x, x, columns, options.log ?? false),
    y: toPixels(options.y, [y[1], y[0]], rows, options.log ?? false),
  };
  const radius = (options.radius ?? defaultRadius(options.x.length)) * RASTER_DENSITY;
  const href = await rasterToDataUrl(drawPoints(points, columns, rows, radius));
  return svgMark(
    `<image x="${margins.marginLeft}" y="${margins.marginTop}" width="${innerWidth}" ` +
      `height="${innerHeight}" preserveAspectRatio="none" href="${href}"/>`,
  );
}

/** What is not finite, or not above 0 on a log axis, lands outside of the raster. */
function toPixels(
  values: ArrayLike<number>,
  [start, end]: Domain,
  pixels: number,
  log: boolean,
): Float32Array {
  const at = (value: number) => log ? Math.log(value) : value;
  const [from, to] = [at(start), at(end)];
  const result = new Float32Array(values.length).fill(-1e6);
  for (let i = 0; i < values.length; i++) {
    const share = (at(values[i]) - from) / (to - from);
    if (Number.isFinite(share)) result[i] = share * pixels;
  }
  return result;
}

function scaleBarMark({ x, width, height, margins }: Layout): Plot.Markish {
  const inner = width - margins.marginLeft - margins.marginRight;
  return svgMark(drawScaleBar(x[1] - x[0], inner, height));
}
