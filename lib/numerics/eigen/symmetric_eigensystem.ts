import type { Eigensystem } from "./eigensystem.ts";

const MOST_SWEEPS = 60;

/** Eigenvalues and vectors of a small symmetric matrix, by Jacobi's rotations. */
export function symmetricEigensystem(matrix: readonly Float64Array[]): Eigensystem {
  const size = matrix.length;
  const work = matrix.map((row) => row.slice());
  const basis = work.map((_, i) => Float64Array.from({ length: size }, (_, j) => i === j ? 1 : 0));
  for (let sweep = 0; sweep < MOST_SWEEPS && !isDiagonal(work); sweep++) {
    for (let p = 0; p < size; p++) {
      for (let q = p + 1; q < size; q++) rotate(work, basis, p, q);
    }
  }
  const order = work.map((_, i) => i).sort((i, j) => work[j][j] - work[i][i]);
  return {
    values: Float64Array.from(order, (i) => work[i][i]),
    vectors: order.map((i) => basis[i]),
  };
}

function isDiagonal(work: readonly Float64Array[]): boolean {
  let [off, on] = [0, 0];
  work.forEach((row, i) => {
    for (let j = 0; j < row.length; j++) {
      if (i === j) on += row[j] ** 2;
      else off += row[j] ** 2;
    }
  });
  return off <= 1e-30 * on;
}

function rotate(work: Float64Array[], basis: Float64Array[], p: number, q: number): void {
  if (work[p][q] === 0) return;
  const theta = (work[q][q] - work[p][p]) / (2 * work[p][q]);
  const t = (theta >= 0 ? 1 : -1) / (Math.abs(theta) + Math.sqrt(theta * theta + 1));
  const c = 1 / Math.sqrt(t * t + 1);
  const s = t * c;
  for (const row of work) {
    const [x, y] = [row[p], row[q]];
    row[p] = c * x - s * y;
    row[q] = s * x + c * y;
  }
  for (const rows of [work, basis]) {
    const [first, second] = [rows[p], rows[q]];
    for (let k = 0; k < first.length; k++) {
      const [x, y] = [first[k], second[k]];
      first[k] = c * x - s * y;
      second[k] = s * x + c * y;
    }
  }
}
