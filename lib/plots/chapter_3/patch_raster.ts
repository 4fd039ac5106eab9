import type { Rgb } from "../colours.ts";
import type { Raster } from "../raster.ts";

/** Shapes over a patch. */
export interface PatchLayer {
  /** Which shape is in each pixel, 0 for none, `(width, width)`. */
  readonly ids: Int32Array;
  /** Colour of a shape. */
  readonly colourOf: (id: number) => Rgb;
  /** How strongly shapes are tinted, 0 to 1. */
  readonly fill: number;
  /** Width of their outlines, px of the picture; 2 unless told. */
  readonly line?: number;
}

/** Pixels of the picture for one of the patch. */
const SCALE = 3;
const LINE = 2;

/** A patch enlarged, with outlines of shapes over it, inside of their edges, the first layer lowest. */
export function patchRaster(
  { rgb, width }: { readonly rgb: Uint8Array; readonly width: number },
  layers: readonly PatchLayer[],
): Raster {
  const side = SCALE * width;
  const data = new Uint8Array(3 * side * side);
  for (let y = 0, at = 0; y < side; y++) {
    for (let x = 0; x < side; x++, at += 3) {
      const pixel = Math.floor(y / SCALE) * width + Math.floor(x / SCALE);
      data.set(rgb.subarray(3 * pixel, 3 * pixel + 3), at);
      for (const { ids, colourOf, fill, line = LINE } of layers) {
        const id = ids[pixel];
        if (id === 0) continue;
        const opacity = isOutline(ids, width, x, y, line) ? 1 : fill;
        if (opacity === 0) continue;
        const colour = colourOf(id);
        for (let k = 0; k < 3; k++) {
          data[at + k] = data[at + k] * (1 - opacity) + colour[k] * opacity + 0.5;
        }
      }
    }
  }
  return { data, width: side, height: side, channels: 3 };
}

/** Whether a neighbour of the enlarged pixel belongs to another shape. */
function isOutline(
  ids: Int32Array,
  width: number,
  x: number,
  y: number,
  line: number,
): boolean {
  const at = (column: number, row: number) => {
    const [i, j] = [Math.floor(column / SCALE), Math.floor(row / SCALE)];
    return i < 0 || j < 0 || i >= width || j >= width ? own : ids[j * width + i];
  };
  const own = ids[Math.floor(y / SCALE) * width + Math.floor(x / SCALE)];
  return at(x - line, y) !== own || at(x + line, y) !== own || at(x, y - line) !== own ||
    at(x, y + line) !== own;
}
