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
  const order = Int32Array.from(points.x, (_, i) => i);
  new Random(`draw order of ${points.x.length}`).shuffle(order);
  const disc = discOffsets(radius);
  for (const i of order) {
    const column = Math.floor(points.x[i]);
    const row = Math.floor(points.y[i]);
    const [red, green, blue] = points.palette[points.colour[i]];
    for (const [dx, dy] of disc) {
      const x = column + dx, y = row + dy;
      if (x < 0 || y < 0 || x >= width || y >= height) continue;
      const at = (y * width + x) * 4;
      data[at] = red;
      data[at + 1] = green;
      data[at + 2] = blue;
      data[at + 3] = 255;
    }
  }
  return { data, width, height, channels: 4 };
}

function discOffsets(radius: number): [number, number][] {
  const reach = Math.floor(radius);
  const offsets: [number, number][] = [];
  for (let dy = -reach; dy <= reach; dy++) {
    for (let dx = -reach; dx <= reach; dx++) {
      if (dx * dx + dy * dy <= radius * radius) offsets.push([dx, dy]);
    }
  }
  return offsets;
}
