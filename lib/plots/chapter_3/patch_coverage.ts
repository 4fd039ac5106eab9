import { parseColour } from "../colours.ts";
import { roundPx } from "../drawing.ts";
import { type Figure, type FigureFrame, framedFigure } from "../figure.ts";
import { formatCount } from "../legend.ts";
import { type Raster, rasterToDataUrl } from "../raster.ts";
import { drawScaleBar } from "../scale_bar.ts";
import { PAPER, type PatchThumbnail, sampleThumbnail } from "./patch_thumbnail.ts";

/** What {@link patchCoverage} draws. */
export interface PatchCoverageOptions extends FigureFrame {
  /** Px of the image that was cut. */
  readonly imageWidth: number;
  /** Px of the image that was cut. */
  readonly imageHeight: number;
  /** Side of a patch, px. */
  readonly patchWidth: number;
  /** Distance of neighbours, px. */
  readonly step: number;
  /** Patches in a row. */
  readonly columns: number;
  /** What became of each patch, row by row. */
  readonly outcomes: readonly string[];
  /** Micrometres a pixel. */
  readonly umPerPixel: number;
  /** The image, if it is to be seen below. */
  readonly thumbnail?: PatchThumbnail;
  /** Width, px; 640 unless told. */
  readonly width?: number;
}

/** A colour for what becomes of a patch. */
export const OUTCOME_COLOURS: ReadonlyMap<string, string> = new Map([
  ["kept", "#1b9e77"],
  ["no nuclei", "#8c8c8c"],
  ["too few nuclei", "#e6ab02"],
  ["covered by cells", "#7570b3"],
  ["over the edge", "#d95f02"],
]);

const DENSITY = 2;
/** How strongly a patch is tinted: the tissue of kept ones is to be seen. */
const KEPT_TINT = 0.12, TINT = 0.5;
/** A patch must be so wide, px of the picture, for lines between patches. */
const MIN_LINED_PX = 5;

/**
 * Which patches are kept, and why others are not, over the image. A patch is drawn from its corner to its
 * right and lower neighbour's, with which it overlaps.
 */
export function patchCoverage(options: PatchCoverageOptions): Figure {
  const { width = 640, umPerPixel, outcomes, ...rest } = options;
  const counts = new Map<string, number>();
  for (const outcome of outcomes) counts.set(outcome, (counts.get(outcome) ?? 0) + 1);
  const items = [...OUTCOME_COLOURS].filter(([name]) => counts.has(name)).map(([name, color]) => ({
    label: `${name} (${formatCount(counts.get(name)!)})`,
    color,
  }));
  const { title, subtitle, caption, notes } = rest;
  const frame: FigureFrame = {
    title: title ?? "Patches of the H&E",
    subtitle: subtitle ??
      `${formatCount(counts.get("kept") ?? 0)} of ${formatCount(outcomes.length)} are kept`,
    caption: caption ??
      `${options.patchWidth} px, ${options.patchWidth - options.step} px shared with neighbours; ` +
        "in the H&E's own orientation",
    ...(notes === undefined ? {} : { notes }),
    legend: { items },
  };
  return framedFigure(frame, async () => {
    const { extentX, extentY } = extentOf(options);
    const height = width * extentY / extentX;
    const raster = coverageRaster(options, width * DENSITY);
    const size = `width="${roundPx(width)}" height="${roundPx(height)}"`;
    const body =
      `<image ${size} preserveAspectRatio="none" href="${await rasterToDataUrl(raster)}"/>` +
      drawScaleBar(extentX * umPerPixel, width, height) +
      `<rect ${size} fill="none" stroke="#888"/>`;
    return { width, height, body };
  });
}

/** What the picture shows: the image, and what of the grid hangs over it. */
function extentOf({ imageWidth, imageHeight, patchWidth, step, columns, outcomes }: Pick<
  PatchCoverageOptions,
  "imageWidth" | "imageHeight" | "patchWidth" | "step" | "columns" | "outcomes"
>) {
  const rows = Math.ceil(outcomes.length / columns);
  return {
    rows,
    extentX: Math.max(imageWidth, (columns - 1) * step + patchWidth),
    extentY: Math.max(imageHeight, (rows - 1) * step + patchWidth),
  };
}

function coverageRaster(options: PatchCoverageOptions, width: number): Raster {
  const { columns, step, outcomes, thumbnail } = options;
  const { rows, extentX, extentY } = extentOf(options);
  const pxPerDot = extentX / width;
  const height = Math.max(1, Math.round(extentY / pxPerDot));
  const colours = new Map([...OUTCOME_COLOURS].map(([name, text]) => [name, parseColour(text)]));
  const isLined = step / pxPerDot >= MIN_LINED_PX * DENSITY;
  const data = new Uint8Array(3 * width * height);
  for (let row = 0, at = 0; row < height; row++) {
    const y = (row + 0.5) * pxPerDot;
    const patchRow = Math.min(rows - 1, Math.floor(y / step));
    for (let column = 0; column < width; column++, at += 3) {
      const x = (column + 0.5) * pxPerDot;
      const patchColumn = Math.min(columns - 1, Math.floor(x / step));
      const outcome = outcomes[patchRow * columns + patchColumn];
      const colour = colours.get(outcome)!;
      const isLine = isLined &&
        (isFirst(x, patchColumn * step, pxPerDot) || isFirst(y, patchRow * step, pxPerDot));
      const tint = isLine ? 0.85 : outcome === "kept" ? KEPT_TINT : TINT;
      for (let k = 0; k < 3; k++) {
        const below = thumbnail === undefined ? PAPER : sampleThumbnail(thumbnail, k, x, y);
        data[at + k] = below * (1 - tint) + colour[k] * tint + 0.5;
      }
    }
  }
  return { data, width, height, channels: 3 };
}

function isFirst(value: number, start: number, pxPerDot: number): boolean {
  return value - start < pxPerDot;
}
