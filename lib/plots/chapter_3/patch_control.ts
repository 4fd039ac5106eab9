import { parseColour, type Rgb } from "../colours.ts";
import type { Figure, FigureFrame } from "../figure.ts";
import { imagePanel } from "../image_panel.ts";
import { formatCount } from "../legend.ts";
import { panels } from "../panels.ts";
import { patchRaster } from "./patch_raster.ts";

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
        raster: () =>
          patchRaster(picture, ids === undefined ? [] : [{ ids, colourOf, fill: FILL_OPACITY }]),
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

function colourOf(id: number): Rgb {
  return COLOURS[Math.imul(id, 0x9e3779b1) >>> 29];
}
