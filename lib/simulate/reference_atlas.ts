import { categorical } from "@/core/categorical.ts";
import type { Disk } from "@/core/disk.ts";
import { Random } from "@/core/random.ts";
import { writeH5ad } from "@/formats/anndata/mod.ts";
import { typeShares } from "./assign_types.ts";
import { clearHdf5Times } from "./clear_hdf5_times.ts";
import { normalAt } from "./coordinate_noise.ts";
import type { ExpressionModel } from "./expression_model.ts";
import { pick, programsOf } from "./expression_model.ts";
import { CELL_TYPES } from "./simulation_tables.ts";
import type { SlidePlan } from "./slide_plan.ts";

const BATCHES = ["donor_1", "donor_2", "donor_3"];
/** Spread of genes between the platforms and between donors (log-normal). */
const PLATFORM_EFFECT = 0.4;
const BATCH_EFFECT = 0.25;
const DEVIATION = 0.5;
const MEAN_DEPTH = 700;
const DEPTH_SPREAD = 0.5;
/** The reference's shares lie between the slide's and equal ones. */
const EVENNESS = 0.5;

/**
 * Writes a single-cell reference of the tissue: raw counts of the same types, another platform and
 * three donors; `obs` has `ct` (type) and `batch`.
 *
 * @param modelRandom The source that the slide's programs were made with.
 */
export async function writeReference(
  disk: Disk,
  path: string,
  plan: SlidePlan,
  model: ExpressionModel,
  modelRandom: Random,
  random: Random,
): Promise<void> {
  const genes = model.panel.genes;
  const shares = [...typeShares(plan.profile)]
    .filter(([name]) => CELL_TYPES.get(name)!.referenceType !== "");
  const types = shares.map(([name]) => CELL_TYPES.get(name)!);
  const programs = programsOf(types, model.panel, modelRandom);
  const weights = Float64Array.from(shares, ([, share]) => share ** EVENNESS);
  for (let t = 1; t < weights.length; t++) weights[t] += weights[t - 1];
  const seed = random.split("platform").integer(2 ** 31);
  const data: number[] = [], indices: number[] = [], indptr = [0];
  const ct: string[] = [], batch: string[] = [];
  const program = new Float64Array(genes.length);
  for (let cell = 0; cell < plan.referenceCellCount; cell++) {
    const t = pick(weights, random.uniform() * weights[weights.length - 1]);
    const b = random.integer(BATCHES.length);
    let sum = 0;
    for (let g = 0; g < genes.length; g++) {
      const effect = PLATFORM_EFFECT * normalAt(g, 0, seed) +
        BATCH_EFFECT * normalAt(g, b + 1, seed) + DEVIATION * normalAt(g, cell, seed + 1);
      sum += programs[t * genes.length + g] * Math.exp(effect);
      program[g] = sum;
    }
    const counts = new Map<number, number>();
    const depth = MEAN_DEPTH * types[t].depth * Math.exp(DEPTH_SPREAD * random.normal());
    for (let k = 0; k < depth; k++) {
      const g = pick(program, random.uniform() * sum);
      counts.set(g, (counts.get(g) ?? 0) + 1);
    }
    for (const g of [...counts.keys()].sort((a, b) => a - b)) {
      indices.push(g);
      data.push(counts.get(g)!);
    }
    indptr.push(data.length);
    ct.push(types[t].referenceType);
    batch.push(BATCHES[b]);
  }
  await writeH5ad(disk, path, {
    X: {
      format: "csr",
      shape: [plan.referenceCellCount, genes.length],
      data: Float32Array.from(data),
      indices: Int32Array.from(indices),
      indptr: Int32Array.from(indptr),
    },
    obs: {
      index: ct.map((_, i) => `reference_${i}`),
      columns: new Map([["ct", categorical(ct)], ["batch", categorical(batch)]]),
    },
    var: { index: genes, columns: new Map() },
    obsm: {},
    varm: {},
    obsp: {},
    varp: {},
    layers: {},
    uns: new Map<string, string>([["simulated", plan.profile.id]]),
  });
  await clearHdf5Times(disk, path);
}
