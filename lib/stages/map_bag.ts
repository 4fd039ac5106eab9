import { isSthelarError, SthelarError } from "@/core/errors.ts";
import type { Random } from "@/core/random.ts";
import type { Checkpoints } from "@/core/stage.ts";
import type { SparseMatrix } from "@/core/sparse.ts";
import { clusterCounts, mapCells, type MappingOptions } from "@/numerics/tangram/mod.ts";
import { columnsWithCounts, type NucleusCounts, subMatrix } from "./tangram_bags.ts";
import type { TangramBag } from "./tangram_report.ts";

/** Cells of the reference that are mapped. */
export interface MappedReference {
  /** `(n_cells, n_shared_genes)`, CSR. */
  readonly counts: SparseMatrix;
  /** Type of each cell, by column of the scores. */
  readonly types: Int32Array;
  /** How many types there are. */
  readonly typeCount: number;
  /** Names of the genes. */
  readonly genes: readonly string[];
}

/** A bag of nuclei. */
export interface Bag {
  /** Which it is, from 1 on, and of how many. */
  readonly number: number;
  readonly of: number;
  /** Rows of its nuclei. */
  readonly rows: Int32Array;
  /** Names of all nuclei, by row. */
  readonly nucleusNames: readonly string[];
}

/** Scores of a bag, and how they came about. */
export interface MappedBag {
  /** `(n_nuclei_of_bag, n_types)`. */
  readonly scores: Float32Array;
  readonly bag: TangramBag;
}

/**
 * Maps the reference to the nuclei of a bag, by the genes that have counts on both sides; the density
 * is each nucleus's share of all counts of the bag, as in the original.
 *
 * @throws {SthelarError} naming the bag: `InvalidArgument` if it has no counts or shares no gene with
 *   the reference, `CorruptData` at the first value that is not finite.
 */
export async function mapBag(
  reference: MappedReference,
  nuclei: NucleusCounts,
  bag: Bag,
  mode: "cells" | "clusters",
  random: Random,
  options: MappingOptions,
): Promise<MappedBag> {
  const { rows, nucleusNames } = bag;
  const totals = Float64Array.from(rows, (row) => nuclei.totals[row]);
  const total = totals.reduce((sum, value) => sum + value, 0);
  if (total === 0) throw unmappable(bag, `no transcript in any of ${rows.length} nuclei`);
  const all = Int32Array.from({ length: reference.genes.length }, (_, gene) => gene);
  const [inBag, inReference] = [subMatrix(nuclei.counts, rows, all), reference.counts]
    .map(columnsWithCounts);
  const genes = all.filter((gene) => inBag[gene] === 1 && inReference[gene] === 1);
  if (genes.length === 0) throw unmappable(bag, "no gene with counts in it and in the reference");
  const everyCell = Int32Array.from(reference.types.keys());
  const cells = subMatrix(reference.counts, everyCell, genes);
  const clusters = mode === "clusters"
    ? clusterCounts(cells, reference.types, reference.typeCount)
    : undefined;
  const { scores, geneScore, kl, stoppedEarly } = await mapCells({
    cells: clusters?.counts ?? cells,
    types: clusters?.types ?? reference.types,
    typeCount: reference.typeCount,
    ...(clusters === undefined ? {} : { sourceDensity: clusters.density }),
    nuclei: subMatrix(nuclei.counts, rows, genes),
    density: totals.map((value) => value / total),
    start: random,
  }, {
    ...options,
    names: {
      gene: (gene) => reference.genes[genes[gene]],
      nucleus: (nucleus) => nucleusNames[rows[nucleus]],
    },
  }).catch((error) => {
    if (!isSthelarError(error, "CorruptData")) throw error;
    const action = `Cannot map bag ${bag.number} of ${bag.of}: ${error.message}`;
    throw new SthelarError("CorruptData", { action, cause: error });
  });
  return {
    scores,
    bag: {
      nuclei: rows.length,
      genes: genes.length,
      epochs: geneScore.length,
      stoppedEarly,
      geneScore: rounded(geneScore),
      kl: rounded(kl!),
    },
  };
}

function rounded(values: Float64Array): number[] {
  return Array.from(values, (value) => Number(value.toPrecision(7)));
}

function unmappable(bag: Bag, found: string): SthelarError {
  return new SthelarError("InvalidArgument", {
    action: `Cannot map bag ${bag.number} of ${bag.of}`,
    found,
    expected: "nuclei with transcripts of genes that the reference has too",
    remedy: "look at the counts of the slide, or take larger bags (--param 2-02.bagSize=N)",
  });
}

/** Keeps a finished bag. */
export async function keepBag(
  checkpoints: Checkpoints,
  number: number,
  { scores, bag }: MappedBag,
): Promise<void> {
  const head = new TextEncoder().encode(JSON.stringify(bag));
  const bytes = new Uint8Array(4 + head.length + scores.byteLength);
  new DataView(bytes.buffer).setUint32(0, head.length, true);
  bytes.set(head, 4);
  bytes.set(new Uint8Array(scores.buffer, scores.byteOffset, scores.byteLength), 4 + head.length);
  await checkpoints.write(`bag-${number}`, bytes);
}

/** A bag that an earlier run has kept. */
export async function keptBag(
  checkpoints: Checkpoints,
  number: number,
): Promise<MappedBag | undefined> {
  const bytes = await checkpoints.read(`bag-${number}`);
  if (bytes === undefined) return undefined;
  const length = new DataView(bytes.buffer, bytes.byteOffset).getUint32(0, true);
  const bag = JSON.parse(new TextDecoder().decode(bytes.subarray(4, 4 + length))) as TangramBag;
  return { scores: new Float32Array(bytes.slice(4 + length).buffer), bag };
}
