import { CellGrid } from "./cell_grid.ts";
import { DIRECTIONS, type Outlines } from "./cell_shapes.ts";
import { PIXEL_UM } from "./slide_plan.ts";

/** Rasterises outlines part by part: a pixel has the label of the outline that its centre is in. */
export class MaskPainter {
  readonly #grid: CellGrid;
  readonly #reachUm: number;

  constructor(readonly outlines: Outlines, readonly width: number, readonly height: number) {
    this.#grid = new CellGrid(
      outlines.x,
      outlines.y,
      60,
      width * PIXEL_UM,
      height * PIXEL_UM,
    );
    this.#reachUm = outlines.radius.reduce((a, b) => Math.max(a, b), 0) + 1;
  }

  /** The labels (outline + 1, 0 for background) of a square with its corner at pixel (x, y). */
  paint(x: number, y: number, size: number): Uint32Array<ArrayBuffer> {
    const labels = new Uint32Array(size * size);
    const r = this.#reachUm;
    const right = Math.min(size, this.width - x), bottom = Math.min(size, this.height - y);
    this.#grid.forBox(
      x * PIXEL_UM - r,
      y * PIXEL_UM - r,
      (x + size) * PIXEL_UM + r,
      (y + size) * PIXEL_UM + r,
      (p) => this.#paintOne(labels, size, p, x, y, right, bottom),
    );
    return labels;
  }

  #paintOne(
    labels: Uint32Array,
    size: number,
    p: number,
    x0: number,
    y0: number,
    right: number,
    bottom: number,
  ): void {
    const { vertexX, vertexY } = this.outlines;
    const at = p * DIRECTIONS, end = at + DIRECTIONS;
    let top = Infinity, low = -Infinity;
    for (let k = at; k < end; k++) {
      top = Math.min(top, vertexY[k]);
      low = Math.max(low, vertexY[k]);
    }
    const crossings: number[] = [];
    for (let y = Math.max(top, y0); y < low && y < y0 + bottom; y++) {
      const centre = y + 0.5;
      crossings.length = 0;
      for (let k = at, j = end - 1; k < end; j = k++) {
        const ya = vertexY[k], yb = vertexY[j];
        if (ya > centre === yb > centre) continue;
        crossings.push(vertexX[k] + (centre - ya) / (yb - ya) * (vertexX[j] - vertexX[k]));
      }
      crossings.sort((a, b) => a - b);
      for (let c = 0; c + 1 < crossings.length; c += 2) {
        const from = Math.max(0, Math.ceil(crossings[c] - 0.5) - x0);
        const to = Math.min(right, Math.ceil(crossings[c + 1] - 0.5) - x0);
        if (to > from) labels.fill(p + 1, (y - y0) * size + from, (y - y0) * size + to);
      }
    }
  }
}
