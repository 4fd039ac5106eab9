import { CellGrid } from "./cell_grid.ts";
import { type CellShapes, DIRECTIONS, distanceToEdge, isInside } from "./cell_shapes.ts";

/** Finds the cell and the nucleus at a place. */
export class CellLocator {
  readonly #cells: CellGrid;
  readonly #nuclei: CellGrid;
  readonly #cellReach: number;
  readonly #nucleusReach: Float32Array;
  readonly #furthestNucleus: number;

  constructor(readonly shapes: CellShapes, widthUm: number, heightUm: number) {
    const { cells, nuclei } = shapes;
    this.#cells = new CellGrid(cells.x, cells.y, 12, widthUm, heightUm);
    this.#nuclei = new CellGrid(nuclei.x, nuclei.y, 12, widthUm, heightUm);
    this.#cellReach = cells.radius.reduce((a, b) => Math.max(a, b), 0) + 0.3;
    this.#nucleusReach = Float32Array.from({ length: nuclei.x.length }, (_, p) => {
      const own = nuclei.radius.subarray(p * DIRECTIONS, (p + 1) * DIRECTIONS);
      return own.reduce((a, b) => Math.max(a, b), 0) + 0.3;
    });
    this.#furthestNucleus = this.#nucleusReach.reduce((a, b) => Math.max(a, b), 0);
  }

  /** Row of the cell at (x, y) µm, -1 for none; `likely` is tried first. */
  cellAt(x: number, y: number, likely: number): number {
    const { cells } = this.shapes;
    if (likely >= 0 && isInside(cells, likely, x, y)) return likely;
    const r = this.#cellReach;
    let found = -1;
    this.#cells.forBox(x - r, y - r, x + r, y + r, (i) => {
      if (found >= 0 || i === likely) return;
      const dx = cells.x[i] - x, dy = cells.y[i] - y;
      if (dx * dx + dy * dy <= r * r && isInside(cells, i, x, y)) found = i;
    });
    return found;
  }

  /** Whether (x, y) µm lies in a nucleus of a cell. */
  isInNucleusOf(cell: number, x: number, y: number): boolean {
    const { nuclei, nucleusStart } = this.shapes;
    for (let p = nucleusStart[cell]; p < nucleusStart[cell + 1]; p++) {
      if (isInside(nuclei, p, x, y)) return true;
    }
    return false;
  }

  /** Distance in µm from (x, y), outside all nuclei, to the nearest edge of one. */
  nucleusDistance(x: number, y: number): number {
    const { nuclei } = this.shapes;
    let nearest = Infinity;
    for (let r = 12; r < 1e6; r *= 2) {
      this.#nuclei.forBox(x - r, y - r, x + r, y + r, (p) => {
        const gap = Math.hypot(nuclei.x[p] - x, nuclei.y[p] - y) - this.#nucleusReach[p];
        if (gap < nearest) nearest = Math.min(nearest, distanceToEdge(nuclei, p, x, y));
      });
      if (nearest <= r - this.#furthestNucleus) return nearest;
    }
    return nearest;
  }
}
