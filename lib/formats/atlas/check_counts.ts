import { SthelarError } from "@/core/errors.ts";
import type { SparseMatrix } from "@/core/sparse.ts";
import type { Atlas, AtlasMatrix, ReadOptions } from "./atlas.ts";

/** What the values of a matrix look like. */
export type ValueKind = "counts" | "not a number" | "negative" | "log1p" | "per cell" | "fractions";

/** What a look at some cells of a matrix found. */
export interface CountsCheck {
  /** Name of the matrix. */
  readonly matrix: string;
  /** What the values look like. */
  readonly kind: ValueKind;
  /** Stored values that were looked at. */
  readonly values: number;
  /** The largest of them. */
  readonly max: number;
  /** The first values that are not those of counts, none for counts. */
  readonly examples: readonly number[];
  /** Where the first of them is, `undefined` for counts. */
  readonly first?: { readonly cell: number; readonly gene: string; readonly value: number };
}

const SAMPLED_CELLS = 200;
/** By columns cells are not to be had alone: every cell of some genes is looked at. */
const SAMPLED_GENES = 32;
/** The logarithm of a count plus one: more would be ten million transcripts of one gene. */
const MAX_LOG = 16;

/**
 * Looks at values of a matrix: of 200 cells evenly spread, or of 32 genes where it is stored by
 * genes.
 *
 * @throws {SthelarError} `CorruptData` if they cannot be read.
 */
export async function checkCounts(
  matrix: AtlasMatrix,
  options: ReadOptions = {},
): Promise<CountsCheck> {
  const [cells, genes] = matrix.shape;
  const byGene = matrix.layout === "csc";
  const rows = spread(cells, byGene ? cells : SAMPLED_CELLS);
  const columns = spread(genes, byGene ? SAMPLED_GENES : genes);
  return inspectValues(await matrix.readRows(rows, columns, options), matrix, rows, columns);
}

/**
 * Looks at every value that was read.
 *
 * @param values `(rows.length, columns.length)`.
 * @param matrix The matrix that they were read from.
 */
export function inspectValues(
  values: SparseMatrix,
  matrix: Pick<AtlasMatrix, "name" | "genes">,
  rows: Int32Array,
  columns: Int32Array,
): CountsCheck {
  const { data, indices, indptr } = values;
  let max = 0;
  let first: number | undefined;
  const examples: number[] = [];
  const faults = { "not a number": -1, negative: -1 };
  for (let k = 0; k < data.length; k++) {
    const value = Number(data[k]);
    if (value > max) max = value;
    if (!Number.isFinite(value)) {
      if (faults["not a number"] < 0) faults["not a number"] = k;
    } else if (value < 0) {
      if (faults.negative < 0) faults.negative = k;
    } else if (Number.isInteger(value)) continue;
    first ??= k;
    if (examples.length < 3 && !examples.includes(value)) examples.push(value);
  }
  const common = { matrix: matrix.name, values: data.length, max, examples };
  if (first === undefined) return { ...common, kind: "counts" };
  const fault = (["not a number", "negative"] as const).find((kind) => faults[kind] >= 0);
  const at = fault === undefined ? first : faults[fault];
  let row = 0;
  while (Number(indptr[row + 1]) <= at) row++;
  return {
    ...common,
    kind: fault ?? kindOfFractions(values, max),
    first: {
      cell: rows[row],
      gene: matrix.genes.names[columns[Number(indices[at])]],
      value: Number(data[at]),
    },
  };
}

function kindOfFractions({ data, indptr, shape }: SparseMatrix, max: number): ValueKind {
  if (max < MAX_LOG) return "log1p";
  const sums: number[] = [];
  for (let row = 0; row < shape[0]; row++) {
    let sum = 0;
    for (let k = Number(indptr[row]); k < Number(indptr[row + 1]); k++) sum += Number(data[k]);
    if (sum > 0) sums.push(sum);
  }
  const mean = sums.reduce((total, sum) => total + sum, 0) / sums.length;
  const isEven = sums.every((sum) => Math.abs(sum - mean) < 0.01 * mean);
  return sums.length > 1 && isEven ? "per cell" : "fractions";
}

/** What a check found, in words. */
export function describeCheck({ kind, examples, max, first }: CountsCheck): string {
  if (kind === "counts" || first === undefined) return "counts";
  const place = `in cell ${first.cell}, gene "${first.gene}"`;
  if (kind === "not a number") return `${first.value} ${place}`;
  if (kind === "negative") {
    return `${Number(first.value.toPrecision(4))} ${place}: looks like scaled values`;
  }
  const values = examples.map((value) => Number(value.toPrecision(4))).join(", ");
  const guess = {
    log1p: ": looks like log1p of counts",
    "per cell": ", cells that sum to the same: looks like counts divided by each cell's total",
    fractions: "",
  }[kind];
  return `${values}, …: values that are no whole numbers, max ${
    Number(max.toPrecision(4))
  }${guess}`;
}

/** A matrix of counts, and how it was found. */
export interface FoundCounts {
  /** The matrix. */
  readonly matrix: AtlasMatrix;
  /** What its values look like. */
  readonly check: CountsCheck;
  /** Matrices that come before it and hold no counts. */
  readonly passedOver: readonly CountsCheck[];
}

/** How to find a matrix of counts. */
export interface FindCountsOptions extends ReadOptions {
  /** The matrix to take; the first that holds counts unless told. */
  readonly name?: string;
  /** Also take values that are no whole numbers; negative ones and NaN never. */
  readonly anyValues?: boolean;
}

/**
 * Finds the matrix of an atlas that holds counts: X, else raw/X, else a layer (`counts` and the like
 * first).
 *
 * @throws {SthelarError} `InvalidArgument` saying what each matrix holds, `NotFound` for a matrix
 *   that is not there.
 */
export async function findCounts(
  atlas: Atlas,
  { name, anyValues = false, ...options }: FindCountsOptions = {},
): Promise<FoundCounts> {
  const candidates = name === undefined ? byLikelihood(atlas.matrices) : [named(atlas, name)];
  const passedOver: CountsCheck[] = [];
  for (const matrix of candidates) {
    const check = await checkCounts(matrix, options);
    const isUsable = check.kind === "counts" ||
      (anyValues && check.kind !== "negative" && check.kind !== "not a number");
    if (isUsable) return { matrix, check, passedOver };
    passedOver.push(check);
  }
  throw noCounts(atlas, passedOver);
}

function byLikelihood(matrices: readonly AtlasMatrix[]): AtlasMatrix[] {
  const rank = ({ name }: AtlasMatrix) =>
    name.startsWith("layers/") ? (/count|raw|umi/i.test(name) ? 1 : 2) : 0;
  return [...matrices].sort((a, b) => rank(a) - rank(b));
}

function named(atlas: Atlas, name: string): AtlasMatrix {
  const found = atlas.matrices.find((matrix) =>
    matrix.name === name || matrix.name === `layers/${name}`
  );
  if (found !== undefined) return found;
  throw new SthelarError("NotFound", {
    action: `Cannot read "${name}" of "${atlas.path}"`,
    found: "no such matrix",
    expected: `one of ${atlas.matrices.map((matrix) => matrix.name).join(", ")}`,
    path: atlas.path,
  });
}

function noCounts(atlas: Atlas, checks: readonly CountsCheck[]): SthelarError {
  const others = atlas.matrices.filter(({ name }) => checks.every((c) => c.matrix !== name));
  return new SthelarError("InvalidArgument", {
    action: `Cannot find counts in "${atlas.path}"`,
    found: checks.map((check) => `in ${check.matrix}: ${describeCheck(check)}`).join("; "),
    expected: "whole numbers of transcripts, 0 or more",
    remedy: others.length > 0
      ? `counts may be in ${others.map(({ name }) => name).join(", ")}: name one (matrix)`
      : "there is no other matrix in it: take an atlas with raw counts",
    path: atlas.path,
  });
}

function spread(count: number, wanted: number): Int32Array {
  const length = Math.min(count, wanted);
  return Int32Array.from({ length }, (_, i) => Math.floor(i * count / length));
}
