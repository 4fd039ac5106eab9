import type { Categorical } from "@/core/categorical.ts";
import { SthelarError } from "@/core/errors.ts";
import type { Progress } from "@/core/progress.ts";
import type { Random } from "@/core/random.ts";
import type { SparseMatrix } from "@/core/sparse.ts";
import { type AtlasMatrix, describeCheck, inspectValues } from "@/formats/atlas/mod.ts";
import { sampleReference, type Sampling } from "./sample_reference.ts";

/** Cells that were sampled from a reference. */
export interface ReferenceSample {
  /** `(n_cells, n_genes)`, CSR. */
  readonly counts: SparseMatrix;
  /** Type of each cell, a number of `names`. */
  readonly types: Int32Array;
  /** All types of the whole reference, in order of first appearance. */
  readonly names: readonly string[];
  /** Cells of each type in the whole reference. */
  readonly sizes: Int32Array;
}

/**
 * Samples cells of a reference and reads their counts.
 *
 * @param columns Columns of the genes.
 * @param labels Type of each cell; those without one are left out.
 * @throws {SthelarError} `InvalidArgument` for values that are no counts, naming one of them.
 */
export async function readReference(
  matrix: AtlasMatrix,
  columns: Int32Array,
  labels: Categorical,
  options: {
    readonly referenceCells: number;
    readonly sampling: Sampling;
    readonly anyValues: boolean;
  },
  { random, progress, signal }: {
    readonly random: Random;
    readonly progress: Progress;
    readonly signal: AbortSignal;
  },
): Promise<ReferenceSample> {
  const { names, typeOf, sizes } = byAppearance(labels);
  const source = random.split("reference");
  const rows = sampleReference(labels, options.referenceCells, options.sampling, source);
  if (rows.length === 0) throw refuse("no cell with a type", "cells with types");
  const counts = await matrix.readRows(rows, columns, { progress, signal });
  const check = inspectValues(counts, matrix, rows, columns);
  const isUsable = check.kind === "counts" ||
    (options.anyValues && check.kind !== "negative" && check.kind !== "not a number");
  if (!isUsable) throw refuse(describeCheck(check), "whole numbers of transcripts, 0 or more");
  return { counts, types: rows.map((row) => typeOf[labels.codes[row]]), names, sizes };
}

function byAppearance({ codes, levels }: Categorical) {
  const typeOf = new Int32Array(levels.length).fill(-1);
  const names: string[] = [];
  const sizes: number[] = [];
  for (const code of codes) {
    if (code < 0) continue;
    if (typeOf[code] < 0) {
      typeOf[code] = names.push(levels[code]) - 1;
      sizes.push(0);
    }
    sizes[typeOf[code]]++;
  }
  return { names, typeOf, sizes: Int32Array.from(sizes) };
}

function refuse(found: string, expected: string): SthelarError {
  return new SthelarError("InvalidArgument", {
    action: "Cannot map the cells of the reference",
    found,
    expected,
  });
}
