import { parseColour, type Rgb } from "../colours.ts";
import type { Figure, FigureFrame } from "../figure.ts";
import { imagePanel } from "../image_panel.ts";
import { formatCount } from "../legend.ts";
import { panels } from "../panels.ts";
import type { Raster } from "../raster.ts";

/** A patch and its masks. */
export interface PatchPicture {
  /** Number of the patch. */
  readonly patch: number;
  /** Side, px. */
  readonly width: number;
  /** `(width, width, 3)`. */
  readonly rgb: Uint8Array;
  /** Cell whose nucleus is in each pixel, 0 for none. */
  readonly nucleusIds: Int32Array;
  /** Cell in each pixel, 0 for none. */
  readonly cellIds: Int32Array;
}

/** What {@link patchControl} draws. */
export interface PatchControlOptions extends FigureFrame {
  /** A row each. */
  readonly patches: readonly PatchPicture[];
  /** Micrometres a pixel. */
  readonly umPerPixel: number;
  /** Width of one panel, px; 250 unless told. */
  readonly panelWidth?: number;
}

/** Pixels of the picture for one of the patch. */
const SCALE = 3;
/** Width of an outline, px of the picture. */
const LINE = 2;
const FILL_OPACITY = 0.14;
/** Colours that neither of the stains has, nor each other: neighbours can be told apart. */
const COLOURS: readonly Rgb[] = [
  "#00e5ff",
  "#ffe600",
  "#39ff14",
  "#ff6d00",
  "#2979ff",
  "#00ffa8",
  "#f50000",
  "#ffffff",
].map(parseColour);

/**
 * Patches with their masks: the H&E, the nuclei over it, the cells over it. Outlines rather than opaque
 * fills, so that the tissue below can be judged; a cell has its nucleus' colour.
 */
export function patchControl(options: PatchControlOptions): Figure {
  const { patches, umPerPixel, panelWidth = 250, ...frame } = options;
  const rows = patches.flatMap((picture) => {
    const side = picture.width * umPerPixel;
    const panel = (subtitle: string, ids?: Int32Array) =>
      imagePanel({
        window: { x: 0, y: 0, width: side, height: side },
        width: panelWidth,
        subtitle,
        raster: () => maskRaster(picture, ids),
      });
    const count = (ids: Int32Array, one: string, many: string) => {
      const n = new Set(ids.filter((id) => id > 0)).size;
      return `${formatCount(n)} ${n === 1 ? one : many}`;
    };
    return [
      panel(`Patch ${picture.patch}`),
      panel(count(picture.nucleusIds, "nucleus", "nuclei"), picture.nucleusIds),
      panel(count(picture.cellIds, "cell", "cells"), picture.cellIds),
    ];
  });
  return panels(rows, {
    title: "Masks of sampled patches",
    caption: "H&E; nuclei over it; cells over it. A cell has the colour of its nucleus. " +
      "Outlines of nuclei should follow the dark nuclei of the H&E.",
    ...frame,
    columns: 3,
  });
}

/** The patch enlarged, its shapes tinted and outlined. */
function maskRaster({ rgb, width }: PatchPicture, ids?: Int32Array): Raster {
  const side = SCALE * width;
  const data = new Uint8Array(3 * side * side);
  for (let y = 0, at = 0; y < side; y++) {
    for (let x = 0; x < side; x++, at += 3) {
      const pixel = Math.floor(y / SCALE) * width + Math.floor(x / SCALE);
      const id = ids === undefined ? 0 : ids[pixel];
      const opacity = id === 0 || ids === undefined
        ? 0
        : isOutline(ids, width, x, y)
        ? 1
        : FILL_OPACITY;
      const colour = COLOURS[Math.imul(id, 0x9e3779b1) >>> 29];
      for (let k = 0; k < 3; k++) {
        data[at + k] = rgb[3 * pixel + k] * (1 - opacity) + colour[k] * opacity + 0.5;
      }
    }
  }
  return { data, width: side, height: side, channels: 3 };
}

/** Whether a neighbour of the enlarged pixel belongs to another shape. */
function isOutline(ids: Int32Array, width: number, x: number, y: number): boolean {
  const at = (column: number, row: number) => {
    const [i, j] = [Math.floor(column / SCALE), Math.floor(row / SCALE)];
    return i < 0 || j < 0 || i >= width || j >= width ? own : ids[j * width + i];
  };
  const own = ids[Math.floor(y / SCALE) * width + Math.floor(x / SCALE)];
  return at(x - LINE, y) !== own || at(x + LINE, y) !== own || at(x, y - LINE) !== own ||
    at(x, y + LINE) !== own;
}
