import { SthelarError } from "@/core/errors.ts";
import type { SparseMatrix } from "@/core/sparse.ts";

const FIRST_CAPACITY = 1 << 16;
/** Entries whose sort still fits memory. */
const MAX_ENTRIES = 2 ** 30;

/** Collects values with their places, in any order, and makes a matrix of them. */
export class Triplets {
  #count = 0;
  #rows = new Int32Array(FIRST_CAPACITY);
  #columns = new Int32Array(FIRST_CAPACITY);
  #values = new Float32Array(FIRST_CAPACITY);

  /** Adds a value. */
  add(row: number, column: number, value: number): void {
    if (this.#count === this.#rows.length) this.#grow();
    this.#rows[this.#count] = row;
    this.#columns[this.#count] = column;
    this.#values[this.#count++] = value;
  }

  /**
   * The matrix: rows in order, columns in order within a row, values of one place summed as scipy
   * does.
   */
  toCsr(shape: readonly [rows: number, columns: number]): SparseMatrix {
    const rows = this.#rows.subarray(0, this.#count);
    const columns = this.#columns.subarray(0, this.#count);
    const byColumn = stableOrder(columns, shape[1]);
    const order = stableOrder(rows, shape[0], byColumn);
    const indices = new Int32Array(order.length);
    const data = new Float32Array(order.length);
    const indptr = new Int32Array(shape[0] + 1);
    let count = 0, lastRow = -1;
    for (const entry of order) {
      const row = rows[entry], column = columns[entry];
      if (row === lastRow && column === indices[count - 1]) {
        data[count - 1] += this.#values[entry];
        continue;
      }
      indices[count] = column;
      data[count++] = this.#values[entry];
      indptr[row + 1] = count;
      lastRow = row;
    }
    for (let row = 0; row < shape[0]; row++) {
      indptr[row + 1] = Math.max(indptr[row + 1], indptr[row]);
    }
    return {
      format: "csr",
      shape,
      data: data.subarray(0, count),
      indices: indices.subarray(0, count),
      indptr,
    };
  }

  #grow(): void {
    const capacity = 2 * this.#count;
    if (capacity > MAX_ENTRIES) {
      throw new SthelarError("OverBudget", {
        action: "Cannot read that many values of an atlas at once",
        found: `more than ${this.#count}`,
        remedy: "read fewer cells or genes",
      });
    }
    const rows = new Int32Array(capacity), columns = new Int32Array(capacity);
    const values = new Float32Array(capacity);
    rows.set(this.#rows);
    columns.set(this.#columns);
    values.set(this.#values);
    [this.#rows, this.#columns, this.#values] = [rows, columns, values];
  }
}

/** Entries by ascending key, those of one key in the order of `entries`. */
function stableOrder(keys: Int32Array, keyCount: number, entries?: Int32Array): Int32Array {
  const starts = new Int32Array(keyCount + 1);
  for (const key of keys) starts[key + 1]++;
  for (let key = 0; key < keyCount; key++) starts[key + 1] += starts[key];
  const order = new Int32Array(keys.length);
  for (let i = 0; i < keys.length; i++) {
    const entry = entries === undefined ? i : entries[i];
    order[starts[keys[entry]]++] = entry;
  }
  return order;
}
