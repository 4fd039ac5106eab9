import { Random } from "@/core/random.ts";
import type { Rgb } from "./colours.ts";
import type { Raster } from "./raster.ts";

/** Points to draw, already in pixels of the raster. */
export interface PixelPoints {
  /** Column, may lie outside. */
  readonly x: Float32Array;
  /** Row, may lie outside. */
  readonly y: Float32Array;
  /** Colours to choose from. */
  readonly palette: readonly Rgb[];
  /** Which colour each point has. */
  readonly colour: Uint16Array;
  /** Points of this colour are drawn before all others. */
  readonly under?: number;
}

/**
 * Draws discs on a transparent ground, in a shuffled order that depends on the number of points
 * alone, so that no level hides another because it comes last.
 *
 * @param radius Pixels of the raster.
 */
export function drawPoints(
  points: PixelPoints,
  width: number,
  height: number,
  radius: number,
): Raster {
  const data = new Uint8Array(width * height * 4);
  const order = drawOrder(points.x.length);
  const [down, across] = discOffsets(radius);
  const { x, y, palette, colour, under } = points;
  const draw = (i: number) => {
    const column = Math.floor(x[i]);
    const row = Math.floor(y[i]);
    const rgb = palette[colour[i]];
    for (let k = 0; k < down.length; k++) {
      const px = column + across[k], py = row + down[k];
      if (px < 0 || py < 0 || px >= width || py >= height) continue;
      const at = (py * width + px) * 4;
      data[at] = rgb[0];
      data[at + 1] = rgb[1];
      data[at + 2] = rgb[2];
      data[at + 3] = 255;
    }
  };
  if (under !== undefined) { for (const i of order) if (colour[i] === under) draw(i); }
  for (const i of order) if (colour[i] !== under) draw(i);
  return { data, width, height, channels: 4 };
}

/** A shuffled order of `count` points, the same each time. */
export function drawOrder(count: number): Int32Array {
  if (lastOrder.length !== count) {
    const order = new Int32Array(count);
    for (let i = 0; i < count; i++) order[i] = i;
    lastOrder = new Random(`draw order of ${count}`).shuffle(order);
  }
  return lastOrder;
}

/** The panels of a figure show the same points. */
let lastOrder = new Int32Array(0);

/** Rows and columns of the pixels of a disc around its centre. */
function discOffsets(radius: number): readonly [down: Int32Array, across: Int32Array] {
  const reach = Math.floor(radius);
  const down: number[] = [], across: number[] = [];
  for (let dy = -reach; dy <= reach; dy++) {
    for (let dx = -reach; dx <= reach; dx++) {
      if (dx * dx + dy * dy > radius * radius) continue;
      down.push(dy);
      across.push(dx);
    }
  }
  return [Int32Array.from(down), Int32Array.from(across)];
}
