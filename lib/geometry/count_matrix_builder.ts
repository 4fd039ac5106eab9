import type { SparseMatrix } from "@/core/sparse.ts";

/** Pairs that are collected before they are sorted. */
const BLOCK_SIZE = 1 << 20;

/** Sorted counts of some of the pairs, as CSR. */
interface Run {
  readonly indptr: Int32Array;
  readonly indices: Int32Array;
  readonly data: Int32Array;
}

/**
 * Counts pairs (row, column) that arrive in any order into a sparse matrix. Memory is linear in
 * the rows and the distinct pairs; a block of pairs at a time is sorted by counting, and sorted
 * runs of similar length are merged.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { CountMatrixBuilder } from "@/geometry/count_matrix_builder.ts";
 *
 * const builder = new CountMatrixBuilder(2, 10);
 * for (const [row, column] of [[1, 7], [0, 3], [1, 7]]) builder.add(row, column);
 * const matrix = builder.finish();
 * assertEquals([...matrix.indptr], [0, 1, 2]);
 * assertEquals([...matrix.indices], [3, 7]);
 * assertEquals([...matrix.data], [1, 2]);
 * ```
 */
export class CountMatrixBuilder {
  readonly #rows: number;
  readonly #columns: number;
  readonly #rowOf: Int32Array;
  readonly #columnOf: Int32Array;
  readonly #runs: Run[] = [];
  #pending = 0;

  /**
   * @param rows Number of rows.
   * @param columns Number of columns.
   */
  constructor(rows: number, columns: number) {
    this.#rows = rows;
    this.#columns = columns;
    const block = Math.max(BLOCK_SIZE, rows);
    this.#rowOf = new Int32Array(block);
    this.#columnOf = new Int32Array(block);
  }

  /**
   * Counts one pair.
   *
   * @throws {RangeError} If the matrix has no such row or column.
   */
  add(row: number, column: number): void {
    if (!(row >= 0 && row < this.#rows && column >= 0 && column < this.#columns)) {
      throw new RangeError(
        `Cannot count row ${row}, column ${column}: expected a place in ${this.#rows} x ${this.#columns}`,
      );
    }
    this.#rowOf[this.#pending] = row;
    this.#columnOf[this.#pending++] = column;
    if (this.#pending === this.#rowOf.length) this.#flush();
  }

  /** The counts so far: CSR with int32 counts, columns ascending in each row. */
  finish(): SparseMatrix {
    if (this.#pending > 0 || this.#runs.length === 0) this.#flush();
    while (this.#runs.length > 1) this.#mergeLastTwo();
    return { format: "csr", shape: [this.#rows, this.#columns], ...this.#runs[0] };
  }

  #flush(): void {
    this.#runs.push(this.#sortPending());
    this.#pending = 0;
    const length = (at: number) => this.#runs.at(at)?.data.length ?? Infinity;
    while (length(-2) <= 2 * length(-1)) this.#mergeLastTwo();
  }

  #mergeLastTwo(): void {
    const [b, a] = [this.#runs.pop(), this.#runs.pop()];
    if (a !== undefined && b !== undefined) this.#runs.push(mergeRuns(a, b, this.#rows));
  }

  /** Sorts by counting, by column and then, stably, by row, and adds up equal pairs. */
  #sortPending(): Run {
    const pending = this.#pending, rowOf = this.#rowOf, columnOf = this.#columnOf;
    const place = startsOf(columnOf, pending, this.#columns);
    const rows = new Int32Array(pending), columns = new Int32Array(pending);
    for (let i = 0; i < pending; i++) {
      const at = place[columnOf[i]]++;
      rows[at] = rowOf[i];
      columns[at] = columnOf[i];
    }
    const next = startsOf(rows, pending, this.#rows), sorted = this.#columnOf;
    for (let i = 0; i < pending; i++) sorted[next[rows[i]]++] = columns[i];
    const indptr = new Int32Array(this.#rows + 1), counts = rows;
    let end = 0, i = 0;
    for (let row = 0; row < this.#rows; row++) {
      // A row starts where the one before ended, and each start has moved to the end of its row.
      while (i < next[row]) {
        const column = sorted[i], first = i;
        while (i < next[row] && sorted[i] === column) i++;
        columns[end] = column;
        counts[end++] = i - first;
      }
      indptr[row + 1] = end;
    }
    return { indptr, indices: columns.slice(0, end), data: counts.slice(0, end) };
  }
}

/** Where the first of each value belongs when the first `count` values are sorted. */
function startsOf(values: Int32Array, count: number, distinct: number): Int32Array {
  const starts = new Int32Array(distinct + 1);
  for (let i = 0; i < count; i++) starts[values[i] + 1]++;
  for (let value = 0; value < distinct; value++) starts[value + 1] += starts[value];
  return starts;
}

function mergeRuns(a: Run, b: Run, rows: number): Run {
  const indptr = new Int32Array(rows + 1);
  const indices = new Int32Array(a.indices.length + b.indices.length);
  const data = new Int32Array(indices.length);
  let end = 0;
  for (let row = 0; row < rows; row++) {
    let i = a.indptr[row], j = b.indptr[row];
    const lastA = a.indptr[row + 1], lastB = b.indptr[row + 1];
    while (i < lastA || j < lastB) {
      const order = j === lastB ? -1 : i === lastA ? 1 : a.indices[i] - b.indices[j];
      indices[end] = order <= 0 ? a.indices[i] : b.indices[j];
      data[end++] = (order <= 0 ? a.data[i++] : 0) + (order >= 0 ? b.data[j++] : 0);
    }
    indptr[row + 1] = end;
  }
  return { indptr, indices: indices.slice(0, end), data: data.slice(0, end) };
}
