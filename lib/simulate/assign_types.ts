import type { Random } from "@/core/random.ts";
import { smoothNoise } from "./coordinate_noise.ts";
import { type CellPlaces, countByCompartment } from "./place_cells.ts";
import { CELL_TYPES, type CellType, COMPARTMENTS, type SlideProfile } from "./simulation_tables.ts";

/** The type of each cell. */
export interface CellTyping {
  /** The types that occur. */
  readonly types: readonly CellType[];
  /** Position in `types` of each cell's. */
  readonly typeOf: Uint8Array;
}

/** A type is never quite impossible anywhere, so that shares can always be met. */
const SMALLEST_AFFINITY = 0.002;
const FITTING_ROUNDS = 80;
const PATCH_UM = 70;
const SCATTER = 0.45;

/**
 * Gives each cell a type: published shares in the slide as a whole, each type where it likes to be,
 * in patches.
 */
export function assignTypes(
  profile: SlideProfile,
  places: CellPlaces,
  random: Random,
): CellTyping {
  const wanted = typeShares(profile);
  const types = [...wanted.keys()].map((name) => CELL_TYPES.get(name)!);
  const inCompartment = countByCompartment(places);
  const expected = fitTable(
    types.map(({ home }) => COMPARTMENTS.map((c) => Math.max(SMALLEST_AFFINITY, home[c] ?? 0))),
    [...wanted.values()],
    inCompartment,
  );
  const typeOf = new Uint8Array(places.x.length);
  for (const c of COMPARTMENTS.keys()) {
    const cells = [...typeOf.keys()].filter((i) => places.compartment[i] === c);
    distribute(cells, quotas(expected.map((row) => row[c]), cells.length), places, typeOf, random);
  }
  return { types, typeOf };
}

/** Share of each cell type in the slide. */
export function typeShares({ percent, design }: SlideProfile): Map<string, number> {
  const shares = new Map<string, number>();
  const total = Object.values(percent).reduce((sum, value) => sum + value, 0);
  for (const [label, value] of Object.entries(percent)) {
    const weights = Object.entries(design.types[label] ?? { Unknown: 1 });
    const sum = weights.reduce((all, [, weight]) => all + weight, 0);
    for (const [name, weight] of weights) {
      shares.set(name, (shares.get(name) ?? 0) + value / total * weight / sum);
    }
  }
  return shares;
}

/** Iterative proportional fitting of types by compartments to both margins. */
function fitTable(
  affinity: readonly number[][],
  shares: readonly number[],
  inCompartment: readonly number[],
): number[][] {
  const total = inCompartment.reduce((sum, n) => sum + n, 0);
  const table = affinity.map((row, t) =>
    row.map((value, c) => value * shares[t] * inCompartment[c])
  );
  for (let round = 0; round < FITTING_ROUNDS; round++) {
    table.forEach((row, t) => {
      const sum = row.reduce((all, value) => all + value, 0);
      row.forEach((value, c) => row[c] = sum === 0 ? 0 : value * shares[t] * total / sum);
    });
    inCompartment.forEach((wanted, c) => {
      const sum = table.reduce((all, row) => all + row[c], 0);
      for (const row of table) row[c] = sum === 0 ? 0 : row[c] * wanted / sum;
    });
  }
  return table;
}

/** Whole numbers near `expected` that sum to `total` (largest remainders). */
function quotas(expected: readonly number[], total: number): number[] {
  const result = expected.map(Math.floor);
  const order = [...expected.keys()]
    .sort((a, b) => (expected[b] % 1) - (expected[a] % 1) || a - b);
  for (let k = 0, rest = total - result.reduce((a, b) => a + b, 0); rest > 0; k++, rest--) {
    result[order[k % order.length]]++;
  }
  return result;
}

/** Rare types choose first, each where its own smooth field is highest. */
function distribute(
  cells: readonly number[],
  quota: readonly number[],
  { x, y }: CellPlaces,
  typeOf: Uint8Array,
  random: Random,
): void {
  let free = [...cells];
  const order = [...quota.keys()].sort((a, b) => quota[a] - quota[b] || a - b);
  for (const t of order) {
    const source = random.split(`type ${t}`);
    const seed = source.integer(2 ** 31);
    const score = new Map(free.map((i) => [
      i,
      smoothNoise(x[i] / PATCH_UM, y[i] / PATCH_UM, seed) + SCATTER * source.uniform(),
    ]));
    free.sort((a, b) => score.get(b)! - score.get(a)! || a - b);
    for (const i of free.slice(0, quota[t])) typeOf[i] = t;
    free = free.slice(quota[t]);
  }
}
