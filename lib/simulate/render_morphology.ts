import { blurInPlace, gaussianKernel } from "./blur.ts";
import { CellGrid } from "./cell_grid.ts";
import { DIRECTIONS, type Outlines } from "./cell_shapes.ts";
import { hashAt, layeredNoise, normalAt, smoothNoise, smoothStep } from "./coordinate_noise.ts";
import { inverseSquares, outwardness } from "./polar.ts";
import type { SimulatedTissue } from "./simulated_tissue.ts";
import { PIXEL_UM } from "./slide_plan.ts";
import { emptyPlace, lookUp } from "./tissue_map.ts";

const MARGIN = 4;
const COARSE = 8;
const GLASS = 55;
const TISSUE_GLOW = 130;
const BRIGHTNESS = 2300;
const HALO = 0.16;
const HALO_UM = 2.1;
const READ_NOISE = 3.5;
const SHOT_NOISE = 0.42;
const KERNEL = gaussianKernel(1.15);

/** Draws the morphology image of one channel, part by part; parts fit together. */
export class MorphologyPainter {
  readonly #grid: CellGrid;
  readonly #outlines: Outlines;
  readonly #seed: number;
  readonly #reachUm: number;
  readonly #inverse: Float32Array;

  /** @param channel 0 for DAPI, 1 boundary, 2 interior RNA, 3 interior protein. */
  constructor(readonly tissue: SimulatedTissue, readonly channel: number) {
    const { plan, shapes } = tissue;
    this.#outlines = channel === 0 ? shapes.nuclei : shapes.cells;
    this.#inverse = inverseSquares(this.#outlines.radius);
    this.#seed = hashAt(plan.seed, channel, 0x5eed);
    this.#grid = new CellGrid(
      this.#outlines.x,
      this.#outlines.y,
      50,
      plan.width * PIXEL_UM,
      plan.height * PIXEL_UM,
    );
    this.#reachUm = this.#outlines.radius.reduce((a, b) => Math.max(a, b), 0) + 2.2 * HALO_UM;
  }

  /** Pixels of a part of the image. */
  paint(x: number, y: number, width: number, height: number): Uint16Array<ArrayBuffer> {
    const w = width + 2 * MARGIN, h = height + 2 * MARGIN;
    const light = this.#background(x - MARGIN, y - MARGIN, w, h);
    const r = this.#reachUm;
    this.#grid.forBox(
      x * PIXEL_UM - r,
      y * PIXEL_UM - r,
      (x + width) * PIXEL_UM + r,
      (y + height) * PIXEL_UM + r,
      (p) => this.#addOne(light, p, x - MARGIN, y - MARGIN, w, h),
    );
    blurInPlace(light, w, h, KERNEL, new Float32Array(light.length));
    return this.#expose(light, x, y, width, height, w);
  }

  /** The glow of tissue, worked out every few pixels and joined bilinearly. */
  #background(x0: number, y0: number, w: number, h: number): Float32Array {
    const light = new Float32Array(w * h);
    const place = emptyPlace();
    const glowAt = (px: number, py: number) => {
      const x = px * PIXEL_UM, y = py * PIXEL_UM;
      lookUp(this.tissue.map, x, y, place);
      const inside = smoothStep(-3, 3, place.tissueUm) *
        (0.15 + 0.85 * smoothStep(-1, 2, place.lumenUm));
      return GLASS + inside * TISSUE_GLOW * (0.5 + layeredNoise(x / 30, y / 30, this.#seed));
    };
    // Nodes lie at multiples of COARSE of the whole image, so that parts fit together.
    const firstX = Math.floor(x0 / COARSE), firstY = Math.floor(y0 / COARSE);
    const columns = Math.floor((x0 + w) / COARSE) - firstX + 2;
    const rows = Math.floor((y0 + h) / COARSE) - firstY + 2;
    const nodes = new Float32Array(columns * rows);
    for (let j = 0; j < rows; j++) {
      for (let i = 0; i < columns; i++) {
        nodes[j * columns + i] = glowAt((firstX + i) * COARSE, (firstY + j) * COARSE);
      }
    }
    for (let y = 0; y < h; y++) {
      const gy = (y0 + y) / COARSE - firstY, j = Math.floor(gy), v = gy - j;
      for (let x = 0; x < w; x++) {
        const gx = (x0 + x) / COARSE - firstX, i = Math.floor(gx), u = gx - i;
        const n = j * columns + i;
        const top = nodes[n] + (nodes[n + 1] - nodes[n]) * u;
        const bottom = nodes[n + columns] + (nodes[n + columns + 1] - nodes[n + columns]) * u;
        light[y * w + x] = top + (bottom - top) * v;
      }
    }
    return light;
  }

  #addOne(light: Float32Array, p: number, x0: number, y0: number, w: number, h: number): void {
    const { x, y, radius } = this.#outlines;
    const { amplitude, coarseness, haloUm } = this.#look(p);
    const at = p * DIRECTIONS;
    let reach = 0;
    for (let k = at; k < at + DIRECTIONS; k++) reach = Math.max(reach, radius[k]);
    reach += 2.2 * haloUm;
    const left = Math.max(0, Math.floor((x[p] - reach) / PIXEL_UM) - x0);
    const right = Math.min(w, Math.ceil((x[p] + reach) / PIXEL_UM) - x0);
    const top = Math.max(0, Math.floor((y[p] - reach) / PIXEL_UM) - y0);
    const bottom = Math.min(h, Math.ceil((y[p] + reach) / PIXEL_UM) - y0);
    const limit = reach * reach;
    for (let j = top; j < bottom; j++) {
      const dy = (j + y0 + 0.5) * PIXEL_UM - y[p];
      for (let i = left; i < right; i++) {
        const dx = (i + x0 + 0.5) * PIXEL_UM - x[p];
        const square = dx * dx + dy * dy;
        if (square > limit) continue;
        const out = outwardness(this.#inverse, at, dx, dy);
        if (out < 1.08) {
          light[j * w + i] += amplitude * this.#fill(out, dx, dy, p, coarseness);
        } else if (this.channel === 0) {
          const gap = Math.sqrt(square) * (1 - 1 / out) / haloUm;
          if (gap < 2.2) light[j * w + i] += amplitude * HALO * Math.exp(-gap * gap);
        }
      }
    }
  }

  #look(p: number): { amplitude: number; coarseness: number; haloUm: number } {
    const { typing, shapes } = this.tissue;
    const cell = this.channel === 0 ? shapes.owner[p] : p;
    const type = typing.types[typing.typeOf[cell]];
    const vary = Math.exp(0.22 * normalAt(p, 1, this.#seed));
    const isFibre = ["Fibroblast_Myofibroblast", "Blood_vessel"].includes(type.finalLabel);
    const stain = this.channel === 0
      ? 0.55 + 0.5 * type.nucleus.hematoxylin
      : this.channel === 1
      ? (isFibre ? 0.12 : 0.6)
      : this.channel === 2
      ? 0.25 + 0.25 * type.depth
      : isFibre
      ? 0.9
      : 0.15;
    return {
      amplitude: BRIGHTNESS * stain * vary * (this.channel === 0 ? 1 : 0.45),
      coarseness: type.nucleus.coarseness,
      haloUm: HALO_UM,
    };
  }

  #fill(out: number, dx: number, dy: number, p: number, coarseness: number): number {
    const edge = 1 - smoothStep(0.93, 1.08, out);
    const fine = smoothNoise(dx / 0.85 + 50, dy / 0.85 + 50, this.#seed + p);
    if (this.channel === 1) return edge * smoothStep(0.72, 0.95, out) * (0.7 + 0.6 * fine);
    if (this.channel > 1) return edge * (0.35 + 0.9 * fine) * (out < 0.5 ? 0.6 : 1);
    const broad = smoothNoise(dx / 2.4 + 50, dy / 2.4 + 50, this.#seed - p);
    const texture = 1 + coarseness * (0.9 * (fine - 0.5) + 0.9 * (broad - 0.5));
    return Math.max(HALO, edge * texture * (0.86 + 0.14 * (1 - out)));
  }

  #expose(
    light: Float32Array,
    x0: number,
    y0: number,
    width: number,
    height: number,
    w: number,
  ): Uint16Array<ArrayBuffer> {
    const pixels = new Uint16Array(width * height);
    for (let y = 0; y < height; y++) {
      for (let x = 0; x < width; x++) {
        const value = light[(y + MARGIN) * w + x + MARGIN];
        const noise = normalAt(x0 + x, y0 + y, this.#seed) *
          (READ_NOISE + SHOT_NOISE * Math.sqrt(value));
        pixels[y * width + x] = Math.max(0, Math.min(65535, value + noise));
      }
    }
    return pixels;
  }
}
