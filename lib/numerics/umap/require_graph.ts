import { SthelarError } from "@/core/errors.ts";
import { requireSquareRows, type SparseMatrix } from "@/core/sparse.ts";

const ACTION = "Cannot lay a graph out";
/** Sums over a row's edges differ by less than this share: rounding. */
const TOLERANCE = 1e-5;

/**
 * Refuses what is no symmetric graph: rows by columns, finite weights of at least 0, the same in both
 * directions (by a sum over each row's edges, times random numbers of their other ends: no copy).
 *
 * @throws {SthelarError} `InvalidArgument`
 */
export function requireGraph(connectivities: SparseMatrix): void {
  requireSquareRows(ACTION, connectivities);
  const { shape: [rows], data, indices, indptr } = connectivities;
  const marks = Float64Array.from({ length: rows }, (_, row) => 1 + (row * Math.SQRT2) % 1);
  const [out, back] = [new Float64Array(rows), new Float64Array(rows)];
  for (let row = 0; row < rows; row++) {
    for (let k = Number(indptr[row]); k < indptr[row + 1]; k++) {
      const weight = Number(data[k]);
      if (!(weight >= 0 && weight < Infinity)) {
        throw invalid(`weight ${weight} in row ${row}`, "finite weights, none below zero");
      }
      const neighbour = Number(indices[k]);
      out[row] += weight * marks[neighbour];
      back[neighbour] += weight * marks[row];
    }
  }
  const oneWay = out.findIndex((sum, row) => Math.abs(sum - back[row]) > TOLERANCE * sum);
  if (oneWay >= 0) {
    throw invalid(`other weights to row ${oneWay} than from it`, "symmetric weights");
  }
}

function invalid(found: string, expected: string): SthelarError {
  return new SthelarError("InvalidArgument", { action: ACTION, found, expected });
}
