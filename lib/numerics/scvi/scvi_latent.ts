import type { DenseArray } from "@/core/arrays.ts";
import { SthelarError } from "@/core/errors.ts";
import { type Progress, silentProgress } from "@/core/progress.ts";
import { openProgram } from "@/numerics/graph/mod.ts";
import { type CountSource, requireCounts, rowRange } from "./count_source.ts";
import { takeLogs } from "./batch_feeds.ts";
import { type ScviModel, sizeOfModel } from "./scvi_model.ts";
import { latentProgram } from "./scvi_programs.ts";
import { writeTensors } from "./stored_tensors.ts";

/** Options of {@link scviLatent}. */
export interface LatentOptions {
  /** Threads of one operation (default 1); the result does not depend on them. */
  readonly threads?: number;
  /** Told how many rows are done. */
  readonly progress?: Progress;
  /** Stops it at once. */
  readonly signal?: AbortSignal;
}

const BLOCK_ROWS = 1024;

/**
 * The latent components of rows: the mean of the encoder's distribution, with running statistics and
 * without dropout (scvi-tools' `get_latent_representation`). A row's do not depend on the others'.
 *
 * @param counts Raw counts, `(n_cells, n_genes)`.
 * @param genes Their names, those of the model in its order.
 * @returns `(n_cells, latent)`.
 * @throws {SthelarError} `InvalidArgument` for other genes than the model's, and for values that are no
 * counts; `CorruptData` for components that are not finite; `Aborted`.
 */
export async function scviLatent(
  model: ScviModel,
  counts: CountSource,
  genes: readonly string[],
  { threads = 1, progress = silentProgress, signal }: LatentOptions = {},
): Promise<DenseArray<Float32Array>> {
  checkGenes(model, counts, genes);
  const size = sizeOfModel(model);
  const blockRows = Math.max(1, Math.min(BLOCK_ROWS, counts.rows));
  const latent = new Float32Array(counts.rows * size.latent);
  await using running = await openProgram(latentProgram(size, blockRows), {
    threads,
    ...(signal === undefined ? {} : { signal }),
  });
  const values = new Map([...model.tensors].map(([name, { data }]) => [name, data]));
  await writeTensors(running, size, values, "z_encoder.");
  for (let first = 0; first < counts.rows; first += blockRows) {
    const rows = rowRange(first, Math.min(counts.rows, first + blockRows));
    const values = new Float32Array(blockRows * size.genes);
    await counts.fill(rows, values.subarray(0, rows.length * size.genes));
    const logCounts = new Float32Array(values.length);
    requireCounts(values, genes, first);
    takeLogs(values, logCounts);
    await running.run({ feeds: { logCounts }, transfer: true, watch: [] });
    const block = await running.read("latent") as Float32Array;
    latent.set(block.subarray(0, rows.length * size.latent), first * size.latent);
    progress.update(first + rows.length, counts.rows, "rows");
  }
  checkFinite(latent, size.latent);
  return { data: latent, shape: [counts.rows, size.latent] };
}

function checkGenes(model: ScviModel, counts: CountSource, genes: readonly string[]): void {
  const isSame = genes.length === model.genes.length && counts.genes === genes.length &&
    genes.every((gene, i) => gene === model.genes[i]);
  if (isSame) return;
  const [ours, theirs] = [new Set(model.genes), new Set(genes)];
  const missing = model.genes.filter((gene) => !theirs.has(gene));
  const added = genes.filter((gene) => !ours.has(gene));
  const differences = [
    ...(missing.length > 0 ? [`without ${listed(missing)}`] : []),
    ...(added.length > 0 ? [`with ${listed(added)} besides`] : []),
    ...(missing.length + added.length === 0 ? ["in another order or number"] : []),
  ];
  throw new SthelarError("InvalidArgument", {
    action: "Cannot compute scVI's latent components",
    found: `counts of ${counts.genes} genes, ${differences.join(" and ")}`,
    expected: `the ${model.genes.length} genes of the model in its order`,
    remedy: "select and sort the columns by the model's genes",
  });
}

function listed(names: readonly string[]): string {
  const shown = names.slice(0, 5).map((name) => `"${name}"`).join(", ");
  return names.length > 5 ? `${shown} and ${names.length - 5} more` : shown;
}

function checkFinite(latent: Float32Array, components: number): void {
  const bad = latent.findIndex((value) => !Number.isFinite(value));
  if (bad < 0) return;
  throw new SthelarError("CorruptData", {
    action: "Cannot compute scVI's latent components",
    found: `${latent[bad]} in row ${Math.floor(bad / components)}`,
    expected: "finite values",
    remedy: "train the model again: its tensors do not fit these counts",
  });
}
