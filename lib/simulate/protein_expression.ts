import type { Random } from "@/core/random.ts";
import type { SparseMatrix } from "@/core/sparse.ts";
import { appendRows } from "./append_rows.ts";
import type { CellTyping } from "./assign_types.ts";
import type { Feature } from "./feature_list.ts";

/** How strongly each cell is stained with each antibody. */
export interface ProteinExpression {
  /** Rows that follow the transcripts' in the count matrix. */
  readonly features: readonly Feature[];
  /** Mean intensity, (n_proteins, n_cells). */
  readonly intensity: Float64Array;
  /** The matrix holds whole numbers: intensity times this, cut off. */
  readonly scalingFactor: number;
}

const SCALING_FACTOR = 100;
const MEAN = 4;
const TYPE_SPREAD = 1.1, CELL_SPREAD = 0.45;
/** Share of cells that a stain does not reach. */
const UNSTAINED = 0.15;

/** Draws the proteins of every cell: each type has its own mean, each cell deviates from it. */
export function expressProteins(
  names: readonly string[],
  { types, typeOf }: CellTyping,
  random: Random,
): ProteinExpression {
  const intensity = new Float64Array(names.length * typeOf.length);
  names.forEach((name, p) => {
    const source = random.split(name);
    const means = types.map(() => MEAN * Math.exp(TYPE_SPREAD * source.normal()));
    for (let cell = 0; cell < typeOf.length; cell++) {
      const isStained = source.uniform() >= UNSTAINED;
      const value = means[typeOf[cell]] * Math.exp(CELL_SPREAD * source.normal());
      intensity[p * typeOf.length + cell] = isStained ? value : 0;
    }
  });
  const features = names.map((name): Feature => ({
    name,
    type: "Protein Expression",
    category: "protein",
    countColumn: "",
  }));
  return { features, intensity, scalingFactor: SCALING_FACTOR };
}

/** Adds rows of scaled, whole intensities below the counts of a matrix, features by cells. */
export function withProteins(
  counts: SparseMatrix,
  { features, intensity, scalingFactor }: ProteinExpression,
): SparseMatrix {
  if (features.length === 0) return counts;
  return appendRows(counts, Int32Array.from(intensity, (value) => value * scalingFactor));
}
