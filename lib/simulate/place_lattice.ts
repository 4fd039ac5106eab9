import { emptyPlace, lookUp, type Place, type TissueMap } from "./tissue_map.ts";

const STEP = 4;
const SCALARS = 5;

/** What a tissue map says of each pixel of a part of an image, looked up at every fourth. */
export class PlaceLattice {
  readonly #columns: number;
  readonly #size: number;
  readonly #nodes: Float32Array;
  readonly #row: Float32Array;
  readonly #place: Place = emptyPlace();

  /**
   * @param toUm Pixels to µm: a, b, c, d, e, f of (a x + b y + c, d x + e y + f).
   * @param x First column of the part in the image, a multiple of four.
   * @param y First row of the part in the image, a multiple of four.
   */
  constructor(
    map: TissueMap,
    toUm: readonly number[],
    x: number,
    y: number,
    width: number,
    height: number,
  ) {
    const place = this.#place;
    this.#size = SCALARS + place.weights.length;
    this.#columns = Math.ceil(width / STEP) + 1;
    const rows = Math.ceil(height / STEP) + 1;
    this.#nodes = new Float32Array(this.#columns * rows * this.#size);
    this.#row = new Float32Array(this.#columns * this.#size);
    const [a, b, c, d, e, f] = toUm;
    for (let j = 0, n = 0; j < rows; j++) {
      for (let i = 0; i < this.#columns; i++, n += this.#size) {
        const px = x + i * STEP + 0.5, py = y + j * STEP + 0.5;
        lookUp(map, a * px + b * py + c, d * px + e * py + f, place);
        const { tissueUm, lumenUm, blood, along, across, weights } = place;
        this.#nodes.set([tissueUm, lumenUm, blood, along, across], n);
        this.#nodes.set(weights, n + SCALARS);
      }
    }
  }

  /** Prepares row `j` of the part. */
  enterRow(j: number): void {
    const length = this.#row.length, part = (j % STEP) / STEP;
    const top = Math.floor(j / STEP) * length, bottom = top + length;
    for (let k = 0; k < length; k++) {
      const first = this.#nodes[top + k];
      this.#row[k] = first + (this.#nodes[bottom + k] - first) * part;
    }
  }

  /** Column `i` of the row that was entered; the next call overwrites it. */
  at(i: number): Place {
    const place = this.#place, row = this.#row, size = this.#size;
    const n = (i >> 2) * size, m = n + size, part = (i & 3) / STEP;
    place.tissueUm = row[n] + (row[m] - row[n]) * part;
    place.lumenUm = row[n + 1] + (row[m + 1] - row[n + 1]) * part;
    place.blood = row[n + 2] + (row[m + 2] - row[n + 2]) * part;
    place.along = row[n + 3] + (row[m + 3] - row[n + 3]) * part;
    place.across = row[n + 4] + (row[m + 4] - row[n + 4]) * part;
    for (let k = SCALARS; k < size; k++) {
      place.weights[k - SCALARS] = row[n + k] + (row[m + k] - row[n + k]) * part;
    }
    return place;
  }
}
