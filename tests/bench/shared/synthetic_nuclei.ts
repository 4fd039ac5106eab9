import { type MultiPolygons, packPolygons } from "@/core/polygons.ts";
import { Random } from "@/core/random.ts";

/** How many nuclei lie where. */
export interface SyntheticNuclei {
  /** Px of the image. */
  readonly width: number;
  /** Px of the image. */
  readonly height: number;
  readonly count: number;
  /** Vertices lie on multiples of this, px; 0 for none: at 1 they meet edges of patches and pixels. */
  readonly lattice: number;
}

/** Image and nuclei of the published slide of middle size. */
export const HEART_NUCLEI: SyntheticNuclei = {
  width: 24544,
  height: 10645,
  count: 26366,
  lattice: 0,
};

const VERTICES = 24;
/** Radii, px: at 0.27 µm a pixel these are 3 and 7 µm. */
const NUCLEUS_RADIUS = 12;
const CELL_RADIUS = 26;

/** Nuclei and cells around common centres, in clusters, some of which overlap. */
export function syntheticNuclei(
  { width, height, count, lattice }: SyntheticNuclei,
): { nuclei: MultiPolygons; cells: MultiPolygons; ids: Int32Array<ArrayBuffer> } {
  const random = new Random("nuclei");
  const snap = (value: number) => lattice > 0 ? Math.round(value / lattice) * lattice : value;
  const ring = (x: number, y: number, radius: number) => {
    const [phase, stretch] = [6.28 * random.uniform(), 0.35 * random.uniform()];
    const open = Array.from({ length: VERTICES }, (_, k) => {
      const angle = 2 * Math.PI * k / VERTICES;
      const r = radius * (1 + stretch * Math.cos(2 * angle + phase) + 0.02 * random.normal());
      return [snap(x + r * Math.cos(angle)), snap(y + r * Math.sin(angle))];
    }).flat();
    return [...open, open[0], open[1]];
  };
  const nuclei: number[][][][] = [], cells: number[][][][] = [];
  for (let i = 0; i < count; i++) {
    const [x, y] = [width * random.uniform(), height * random.uniform()];
    nuclei.push([[ring(x, y, NUCLEUS_RADIUS * (0.7 + 0.6 * random.uniform()))]]);
    cells.push([[ring(x, y, CELL_RADIUS * (0.7 + 0.6 * random.uniform()))]]);
  }
  return {
    nuclei: packPolygons(nuclei),
    cells: packPolygons(cells),
    ids: Int32Array.from({ length: count }, (_, i) => i + 1),
  };
}
