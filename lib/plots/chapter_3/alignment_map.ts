import { parseColour, rampTable } from "../colours.ts";
import { type Drawing, roundPx } from "../drawing.ts";
import { definedOf, type Figure, type FigureFrame, framedFigure } from "../figure.ts";
import { formatCount } from "../legend.ts";
import { type Raster, rasterToDataUrl } from "../raster.ts";
import { drawScaleBar } from "../scale_bar.ts";
import { type PatchThumbnail, thumbnailRaster } from "./patch_thumbnail.ts";

/** What {@link alignmentMap} draws. */
export interface AlignmentMapOptions extends FigureFrame {
  /** Patches in a row of the grid, and in all. */
  readonly columns: number;
  readonly count: number;
  /** Distance of neighbours, px of the image. */
  readonly step: number;
  /** Micrometres a pixel of the image. */
  readonly umPerPixel: number;
  /** Numbers of the patches that have a score or could have one. */
  readonly patchIds: ArrayLike<number>;
  /** A score of each, 0 to 1; NaN for none. */
  readonly values: ArrayLike<number>;
  /** Name of the score. */
  readonly name: string;
  /** Patches below are framed. */
  readonly keepFrom?: number;
  /** Who predicted. */
  readonly source: string;
  /** The image, to be seen beside the scores. */
  readonly thumbnail?: PatchThumbnail;
  /** Width of the map, px; 520 unless told, 420 beside a thumbnail. */
  readonly width?: number;
}

const DENSITY = 2;
const NO_PATCH = parseColour("#ffffff"), NO_SCORE = parseColour("#b0b0b0");
const LOW_COLOUR = "#e3242b", LOW = parseColour(LOW_COLOUR);
/** Width of a frame: of a patch, and at least as many px of the raster. */
const FRAME_SHARE = 0.06, MIN_FRAME_PX = 1;
const MAX_HEIGHT_PX = 700;
const WIDTH_PX = 520, WIDTH_BESIDE_PX = 420, GAP_PX = 12;

/**
 * Where on the slide predicted and true nuclei agree: a square a patch, in the H&E's own orientation, and
 * the H&E beside it.
 */
export function alignmentMap(options: AlignmentMapOptions): Figure {
  const { name, source, values, columns, count, keepFrom, ...rest } = options;
  const { title, subtitle, caption, notes } = rest;
  const known = Array.from(values).filter((value) => !Number.isNaN(value)).length;
  const low = Array.from(values).filter((value) => value < (keepFrom ?? 0)).length;
  const rows = Math.ceil(count / columns);
  return framedFigure({
    title: title ?? `${name} over the slide`,
    subtitle: subtitle ?? `nuclei predicted by: ${source}`,
    caption: caption ??
      `${formatCount(known)} of ${formatCount(values.length)} patches have a score; ` +
        (low === 0 ? "" : `${formatCount(low)} of them below ${keepFrom}; `) +
        "white: no patch; in the H&E's own orientation",
    ...definedOf({ notes }),
    legend: [
      { ramp: "viridis", label: name, domain: [0, 1] },
      {
        items: [
          ...known === values.length ? [] : [{ label: "no score", color: "#b0b0b0" }],
          ...low === 0 ? [] : [{ label: `framed: below ${keepFrom}`, color: LOW_COLOUR }],
        ],
      },
    ],
  }, () => drawMap(options, rows));
}

async function drawMap(options: AlignmentMapOptions, rows: number): Promise<Drawing> {
  const { columns, step, umPerPixel, thumbnail } = options;
  const wanted = options.width ?? (thumbnail === undefined ? WIDTH_PX : WIDTH_BESIDE_PX);
  const width = Math.min(wanted, MAX_HEIGHT_PX * columns / rows);
  const height = width * rows / columns;
  const rasters = [mapRaster(options, rows, width * DENSITY)];
  if (thumbnail !== undefined) {
    const extent = { x: columns * step, y: rows * step };
    rasters.push(thumbnailRaster(thumbnail, extent, Math.round(width * DENSITY)));
  }
  const bar = drawScaleBar(columns * step * umPerPixel, width, height);
  const size = `width="${roundPx(width)}" height="${roundPx(height)}"`;
  const drawn = await Promise.all(
    rasters.map(async (raster, i) =>
      `<g transform="translate(${roundPx(i * (width + GAP_PX))},0)">` +
      `<image ${size} preserveAspectRatio="none" href="${await rasterToDataUrl(raster)}"/>` +
      `${bar}<rect ${size} fill="none" stroke="#888"/></g>`
    ),
  );
  return { width: drawn.length * (width + GAP_PX) - GAP_PX, height, body: drawn.join("") };
}

function mapRaster(
  { columns, count, patchIds, values, keepFrom = 0 }: AlignmentMapOptions,
  rows: number,
  widthPx: number,
): Raster {
  const ramp = rampTable("viridis"), top = ramp.length / 3 - 1;
  const colours = new Uint8Array(3 * count), isLow = new Uint8Array(count);
  for (let patch = 0; patch < count; patch++) colours.set(NO_PATCH, 3 * patch);
  for (let i = 0; i < patchIds.length; i++) {
    const at = Math.round(Math.min(1, Math.max(0, values[i])) * top);
    const colour = Number.isNaN(values[i]) ? NO_SCORE : ramp.subarray(3 * at, 3 * at + 3);
    colours.set(colour, 3 * patchIds[i]);
    isLow[patchIds[i]] = +(values[i] < keepFrom);
  }
  const width = Math.round(widthPx), height = Math.max(1, Math.round(width * rows / columns));
  const data = new Uint8Array(3 * width * height).fill(255);
  const frame = Math.max(MIN_FRAME_PX, FRAME_SHARE * width / columns) * columns / width;
  const isEdge = (place: number) => place % 1 < frame || place % 1 >= 1 - frame;
  for (let y = 0, at = 0; y < height; y++) {
    const down = y * rows / height;
    for (let x = 0; x < width; x++, at += 3) {
      const along = x * columns / width;
      const patch = Math.floor(down) * columns + Math.floor(along);
      if (patch >= count) continue;
      const isFramed = isLow[patch] === 1 && (isEdge(along) || isEdge(down));
      data.set(isFramed ? LOW : colours.subarray(3 * patch, 3 * patch + 3), at);
    }
  }
  return { data, width, height, channels: 3 };
}
