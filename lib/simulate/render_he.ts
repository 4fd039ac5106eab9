import { blurInPlace, gaussianKernel } from "./blur.ts";
import { CellGrid } from "./cell_grid.ts";
import { DIRECTIONS, type Outlines } from "./cell_shapes.ts";
import { hashAt, normalAt, smoothNoise, smoothStep, uniformAt } from "./coordinate_noise.ts";
import { type Stain, stainTissue } from "./he_tissue.ts";
import { inverseSquares, outwardness } from "./polar.ts";
import type { SimulatedTissue } from "./simulated_tissue.ts";
import { PIXEL_UM } from "./slide_plan.ts";
import { PlaceLattice } from "./place_lattice.ts";

const MARGIN = 4;
/** Natural optical densities of the stains in red, green and blue. */
const HEMATOXYLIN = [0.66, 0.70, 0.30];
const EOSIN = [0.085, 0.9, 0.4];
const BLOOD = [0.02, 0.18, 0.42];
const GLASS = [246, 243, 245];
const NUCLEAR_STAIN = 1.5;
/** Nuclei that the section has lost half of: pale. */
const PALE_SHARE = 0.06;
/** How far each nucleus has moved between the run and the staining, along each axis: standard deviation. */
const SHIFT_UM = 0.65;
/** Of two bytes, one of them shared with the next colour. */
const NOISE = 2.3 / 104;
const KERNEL = gaussianKernel(0.85);

/** Stains of a part of the image, pixel by pixel. */
interface Layers {
  readonly hematoxylin: Float32Array;
  readonly eosin: Float32Array;
  readonly blood: Float32Array;
}

/** A part of the image with its margin. */
interface Part {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** Draws the H&E image of a tissue, part by part, by the optical density of its stains. */
export class HePainter {
  readonly #seed: number;
  readonly #cells: CellGrid;
  readonly #nuclei: CellGrid;
  readonly #inverse: { readonly cells: Float32Array; readonly nuclei: Float32Array };
  readonly #cellReach: number;
  readonly #nucleusReach: number;
  /** H&E pixels to µm, and back: a, b, c, d, e, f of (a x + b y + c, d x + e y + f). */
  readonly #toUm: readonly number[];
  readonly #toPixel: readonly number[];

  constructor(readonly tissue: SimulatedTissue) {
    const { plan, shapes: { cells, nuclei } } = tissue;
    this.#seed = hashAt(plan.seed, 7, 0x4e);
    this.#inverse = {
      cells: inverseSquares(cells.radius),
      nuclei: inverseSquares(nuclei.radius),
    };
    const widthUm = plan.width * PIXEL_UM, heightUm = plan.height * PIXEL_UM;
    this.#cells = new CellGrid(cells.x, cells.y, 50, widthUm, heightUm);
    this.#nuclei = new CellGrid(nuclei.x, nuclei.y, 50, widthUm, heightUm);
    this.#cellReach = furthest(cells) + 1;
    this.#nucleusReach = furthest(nuclei) + 5 * SHIFT_UM;
    const [[a, b, c], [d, e, f]] = plan.he.toMorphology;
    this.#toUm = [a, b, c, d, e, f].map((value) => value * PIXEL_UM);
    this.#toPixel = invert(this.#toUm);
  }

  /** Pixels of a part of the image, red, green and blue interleaved. */
  paint(x: number, y: number, width: number, height: number): Uint8Array<ArrayBuffer> {
    const part: Part = {
      x: x - MARGIN,
      y: y - MARGIN,
      width: width + 2 * MARGIN,
      height: height + 2 * MARGIN,
    };
    const size = part.width * part.height;
    const layers: Layers = {
      hematoxylin: new Float32Array(size),
      eosin: new Float32Array(size),
      blood: new Float32Array(size),
    };
    this.#stainTissue(layers, part);
    const { cells, nuclei } = this.tissue.shapes;
    this.#stainOutlines(
      part,
      this.#cells,
      cells,
      this.#inverse.cells,
      this.#cellReach,
      (i, n, out, dx, dy) => this.#stainCytoplasm(layers, i, n, out, dx, dy),
    );
    this.#stainOutlines(
      part,
      this.#nuclei,
      nuclei,
      this.#inverse.nuclei,
      this.#nucleusReach,
      (p, n, out, dx, dy) => this.#stainNucleus(layers, p, n, out, dx, dy),
      SHIFT_UM,
    );
    const scratch = new Float32Array(size);
    for (const layer of [layers.hematoxylin, layers.eosin, layers.blood]) {
      blurInPlace(layer, part.width, part.height, KERNEL, scratch);
    }
    return this.#expose(layers, part, width, height);
  }

  #stainTissue(layers: Layers, { x, y, width, height }: Part): void {
    const stain: Stain = { hematoxylin: 0, eosin: 0, blood: 0 };
    const [a, b, c, d, e, f] = this.#toUm;
    const places = new PlaceLattice(this.tissue.map, this.#toUm, x, y, width, height);
    for (let j = 0, n = 0; j < height; j++) {
      places.enterRow(j);
      for (let i = 0; i < width; i++, n++) {
        const px = x + i + 0.5, py = y + j + 0.5;
        const ux = a * px + b * py + c, uy = d * px + e * py + f;
        const place = places.at(i);
        stainTissue(place, ux, uy, this.#seed, stain);
        layers.hematoxylin[n] = stain.hematoxylin;
        layers.eosin[n] = stain.eosin;
        layers.blood[n] = stain.blood;
      }
    }
  }

  /** Calls `stain` for each pixel of each outline that touches a part. */
  #stainOutlines(
    part: Part,
    grid: CellGrid,
    outlines: Outlines,
    inverse: Float32Array,
    reachUm: number,
    stain: (item: number, pixel: number, out: number, dx: number, dy: number) => void,
    shiftUm = 0,
  ): void {
    const [a, b, c, d, e, f] = this.#toUm;
    const corners = [[0, 0], [1, 0], [0, 1], [1, 1]].map(([u, v]) => {
      const px = part.x + u * part.width, py = part.y + v * part.height;
      return [a * px + b * py + c, d * px + e * py + f];
    });
    const xs = corners.map(([x]) => x), ys = corners.map(([, y]) => y);
    grid.forBox(
      Math.min(...xs) - reachUm,
      Math.min(...ys) - reachUm,
      Math.max(...xs) + reachUm,
      Math.max(...ys) + reachUm,
      (item) => this.#eachPixel(part, outlines, inverse, item, stain, shiftUm),
    );
  }

  #eachPixel(
    part: Part,
    { x, y, radius }: Outlines,
    inverse: Float32Array,
    item: number,
    stain: (item: number, pixel: number, out: number, dx: number, dy: number) => void,
    shiftUm: number,
  ): void {
    const [a, b, c, d, e, f] = this.#toUm;
    const [ia, ib, ic, id, ie, jf] = this.#toPixel;
    const cx = x[item] + shiftUm * normalAt(item, 3, this.#seed);
    const cy = y[item] + shiftUm * normalAt(item, 4, this.#seed);
    const at = item * DIRECTIONS;
    let reach = 0;
    for (let k = at; k < at + DIRECTIONS; k++) reach = Math.max(reach, radius[k]);
    const pixels = (reach * 1.12 + 0.3) * Math.hypot(ia, id);
    const px = ia * cx + ib * cy + ic - part.x, py = id * cx + ie * cy + jf - part.y;
    const left = Math.max(0, Math.floor(px - pixels));
    const right = Math.min(part.width, Math.ceil(px + pixels));
    const top = Math.max(0, Math.floor(py - pixels));
    const bottom = Math.min(part.height, Math.ceil(py + pixels));
    for (let j = top; j < bottom; j++) {
      for (let i = left; i < right; i++) {
        const qx = part.x + i + 0.5, qy = part.y + j + 0.5;
        const dx = a * qx + b * qy + c - cx, dy = d * qx + e * qy + f - cy;
        const out = outwardness(inverse, at, dx, dy);
        if (out < 1.12) stain(item, j * part.width + i, out, dx, dy);
      }
    }
  }

  #stainCytoplasm(
    layers: Layers,
    cell: number,
    n: number,
    out: number,
    dx: number,
    dy: number,
  ): void {
    const { typing, places } = this.tissue;
    const type = typing.types[typing.typeOf[cell]];
    const isBody = places.compartment[cell] === 1 || type.cytoplasm.hematoxylin > 0.15;
    if (type.name === "Cardiomyocyte" || type.name === "Smooth_muscle") return;
    const isSpindle = type.nucleus.lengthUm > 1.5 * type.nucleus.widthUm;
    const cover = isBody
      ? 0.85 * (1 - smoothStep(0.86, 1.06, out))
      : (isSpindle ? 0 : 0.3) * (1 - smoothStep(0.3, 0.95, out));
    if (cover === 0) return;
    const grain = 0.8 + 0.4 * smoothNoise(dx / 0.7 + 64, dy / 0.7 + 64, this.#seed + cell);
    const rim = isBody ? 0.14 * smoothStep(0.8, 0.95, out) : 0;
    layers.eosin[n] += cover * ((type.cytoplasm.eosin + rim) * grain - layers.eosin[n]);
    layers.hematoxylin[n] += cover * (type.cytoplasm.hematoxylin * grain - layers.hematoxylin[n]);
  }

  #stainNucleus(layers: Layers, p: number, n: number, out: number, dx: number, dy: number): void {
    const { typing, shapes } = this.tissue;
    const { hematoxylin, coarseness } = typing.types[typing.typeOf[shapes.owner[p]]].nucleus;
    const focus = 0.04 + 0.1 * uniformAt(p, 5, this.#seed);
    const cover = 1 - smoothStep(1 - focus, 1 + focus, out);
    if (cover <= 0) return;
    const isPale = uniformAt(p, 6, this.#seed) < PALE_SHARE;
    const strength = NUCLEAR_STAIN * hematoxylin * (isPale ? 0.45 : 1) *
      Math.exp(0.14 * normalAt(p, 7, this.#seed));
    const fine = smoothNoise(dx / 0.75 + 40, dy / 0.75 + 40, this.#seed + p);
    const broad = smoothNoise(dx / 1.9 + 40, dy / 1.9 + 40, this.#seed - p);
    const clump = smoothStep(0.5, 0.85, 0.55 * fine + 0.45 * broad + 0.1);
    const texture = 0.8 - 0.2 * coarseness + coarseness * 1.05 * clump + 0.2 * (fine - 0.5);
    const rim = 0.22 * smoothStep(0.7, 0.93, out);
    const value = strength * (texture + rim + this.#nucleolus(p, coarseness, dx, dy));
    layers.hematoxylin[n] += cover * (value - layers.hematoxylin[n]);
    layers.eosin[n] += cover * (0.16 + 0.25 * layers.eosin[n] - layers.eosin[n]);
    layers.blood[n] *= 1 - cover;
  }

  /** Nuclei with open chromatin show a dark spot. */
  #nucleolus(p: number, coarseness: number, dx: number, dy: number): number {
    if (uniformAt(p, 8, this.#seed) > 0.3 + coarseness) return 0;
    const sx = dx - 0.9 * normalAt(p, 9, this.#seed), sy = dy - 0.9 * normalAt(p, 10, this.#seed);
    const size = 0.55 + 0.5 * coarseness;
    return 0.5 * Math.exp(-(sx * sx + sy * sy) / (size * size));
  }

  #expose(layers: Layers, part: Part, width: number, height: number): Uint8Array<ArrayBuffer> {
    const pixels = new Uint8Array(width * height * 3);
    const { hematoxylin, eosin, blood } = layers;
    for (let y = 0; y < height; y++) {
      for (let x = 0; x < width; x++) {
        const n = (y + MARGIN) * part.width + x + MARGIN;
        const h = hematoxylin[n], e = eosin[n], r = blood[n];
        const px = part.x + MARGIN + x, py = part.y + MARGIN + y;
        const hash = hashAt(px, py, this.#seed);
        for (let s = 0; s < 3; s++) {
          const density = h * HEMATOXYLIN[s] + e * EOSIN[s] + r * BLOOD[s];
          const noise = (((hash >>> (8 * s)) & 255) + ((hash >>> (8 * s + 8)) & 255) - 255) * NOISE;
          const value = GLASS[s] * transmission(density) + noise;
          pixels[(y * width + x) * 3 + s] = Math.max(0, Math.min(255, value));
        }
      }
    }
    return pixels;
  }
}

/** `exp(-density)`, from a table. */
const TRANSMISSION = Float32Array.from({ length: 4096 }, (_, i) => Math.exp(-i / 512));

function transmission(density: number): number {
  return TRANSMISSION[Math.min(4095, (density * 512 + 0.5) | 0)];
}

function furthest({ radius }: Outlines): number {
  return radius.reduce((a, b) => Math.max(a, b), 0);
}

function invert([a, b, c, d, e, f]: readonly number[]): number[] {
  const determinant = a * e - b * d;
  const [ia, ib, id, ie] = [e, -b, -d, a].map((value) => value / determinant);
  return [ia, ib, -(ia * c + ib * f), id, ie, -(id * c + ie * f)];
}
