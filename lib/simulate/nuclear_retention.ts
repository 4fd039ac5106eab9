import type { Random } from "@/core/random.ts";
import { normalAt } from "./coordinate_noise.ts";
import { CELL_TYPES, type CellType } from "./simulation_tables.ts";

/**
 * Spread (log-normal, natural logarithm) of nuclear retention between genes, and of a gene's own
 * between types: at a mean of 0.3 two thirds of the genes have 0.19 to 0.47 of their RNA in nuclei,
 * as MALAT1 and other retained RNA at one end, that of secreted and ribosomal proteins at the other.
 */
export const GENE_SPREAD = 0.45, GENE_OF_TYPE_SPREAD = 0.35;
/** No more of a gene's RNA in a cell lies in its nuclei. */
export const MOST_RETAINED = 0.96;

/** How much more, or less, of each gene's RNA stays in nuclei than of others; (n_types, n_genes). */
export function nuclearRetention(
  types: readonly CellType[],
  genes: number,
  random: Random,
): Float64Array {
  const seed = random.integer(2 ** 31);
  const names = [...CELL_TYPES.keys()];
  const retention = new Float64Array(types.length * genes);
  types.forEach(({ name }, t) => {
    const salt = names.indexOf(name) + 1;
    for (let g = 0; g < genes; g++) {
      retention[t * genes + g] = Math.exp(
        GENE_SPREAD * normalAt(g, 0, seed) + GENE_OF_TYPE_SPREAD * normalAt(g, salt, seed),
      );
    }
  });
  return retention;
}

/**
 * The factor that makes of retentions probabilities to lie in the nucleus, `min(MOST_RETAINED, factor *
 * retention)`, whose mean over a cell's transcripts is the share that is wanted.
 *
 * @param cumulative The cell's program, n_genes rising values.
 * @param retention Of its type, n_genes.
 * @param share Below {@link MOST_RETAINED}.
 *
 * @example
 * ```ts
 * import { assertAlmostEquals } from "@std/assert";
 * import { retentionScale } from "@/simulate/nuclear_retention.ts";
 *
 * // Half of the RNA is of a gene that is retained three times as much as the other.
 * const scale = retentionScale(Float64Array.of(1, 2), Float64Array.of(1, 3), 0.4);
 * assertAlmostEquals((scale + 3 * scale) / 2, 0.4);
 * ```
 */
export function retentionScale(
  cumulative: Float64Array,
  retention: Float64Array,
  share: number,
): number {
  const wanted = share * cumulative[cumulative.length - 1];
  let scale = 0;
  for (let clippedBefore = -1;;) {
    let clipped = 0, clippedMass = 0, open = 0;
    for (let g = 0; g < retention.length; g++) {
      const mass = cumulative[g] - (g === 0 ? 0 : cumulative[g - 1]);
      if (scale * retention[g] > MOST_RETAINED) {
        clipped++;
        clippedMass += mass;
      } else open += mass * retention[g];
    }
    if (clipped === clippedBefore || open === 0) return scale;
    clippedBefore = clipped;
    scale = (wanted - MOST_RETAINED * clippedMass) / open;
  }
}
