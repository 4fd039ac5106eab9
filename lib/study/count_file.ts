import { SthelarError } from "@/core/errors.ts";
import type { SparseMatrix } from "@/core/sparse.ts";
import { diskFailure } from "@/formats/disk/mod.ts";

/** A count takes four bytes: 16 bits for its column, 16 for its value. */
const MOST = 65_535;
const BYTES = 4;
const BUFFER_COUNTS = 1 << 20;

/**
 * Counts of very many rows, in a scratch file that is read row by row in any order: only where rows begin
 * is in memory, 8 bytes each.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { CountFile } from "@/study/count_file.ts";
 *
 * const path = await Deno.makeTempFile();
 * using file = CountFile.create(path, 1);
 * file.append({
 *   format: "csr",
 *   shape: [1, 3],
 *   data: Int32Array.of(7),
 *   indices: Int32Array.of(2),
 *   indptr: Int32Array.of(0, 1),
 * }, Int32Array.of(0, 1, 4));
 * file.finish();
 * const row = new Float32Array(5);
 * file.addRow(0, row, 0, Int32Array.of(0, 1, 2, 3, 4));
 * assertEquals([...row], [0, 0, 0, 0, 7]);
 * await Deno.remove(path);
 * ```
 */
export class CountFile implements Disposable {
  readonly #path: string;
  readonly #file: Deno.FsFile;
  /** Counts before each row. */
  #starts: Float64Array<ArrayBuffer>;
  #rows = 0;
  readonly #buffer = new Uint32Array(BUFFER_COUNTS);
  #buffered = 0;
  #words = new Uint32Array(4096);

  private constructor(path: string, file: Deno.FsFile, expectedRows: number) {
    this.#path = path;
    this.#file = file;
    this.#starts = new Float64Array(expectedRows + 1);
  }

  /**
   * Creates the file.
   *
   * @param path On the machine's own disk.
   * @param expectedRows About how many rows there will be.
   */
  static create(path: string, expectedRows: number): CountFile {
    try {
      const options = { create: true, truncate: true, read: true, write: true };
      return new CountFile(path, Deno.openSync(path, options), expectedRows);
    } catch (error) {
      throw diskFailure("write", path, error);
    }
  }

  /** Rows so far. */
  get rows(): number {
    return this.#rows;
  }

  /** Counts of a row that are not 0. */
  lengthOf(row: number): number {
    return this.#starts[row + 1] - this.#starts[row];
  }

  /**
   * Appends rows.
   *
   * @param matrix By rows.
   * @param columnOf Where each of its columns goes.
   * @throws {SthelarError} `CorruptData` for a value that is no whole count up to 65,535.
   */
  append(matrix: SparseMatrix, columnOf: Int32Array): void {
    const { data, indices, indptr, shape: [rows] } = matrix;
    if (this.#rows + rows >= this.#starts.length) this.#grow(this.#rows + rows);
    for (let row = 0; row < rows; row++) {
      let kept = 0;
      for (let k = Number(indptr[row]), end = Number(indptr[row + 1]); k < end; k++) {
        const value = Number(data[k]);
        if (value === 0) continue;
        if (!(value > 0 && value <= MOST && Number.isInteger(value))) throw notCount(value);
        if (this.#buffered === BUFFER_COUNTS) this.#flush();
        this.#buffer[this.#buffered++] = columnOf[Number(indices[k])] * (MOST + 1) + value;
        kept++;
      }
      this.#starts[this.#rows + 1] = this.#starts[this.#rows] + kept;
      this.#rows++;
    }
  }

  /** Writes what is still in memory; called once, before rows are read. */
  finish(): void {
    this.#flush();
  }

  /**
   * Adds the counts of a row to a dense row.
   *
   * @param into Holds the dense row from `at` on.
   * @param columnOf Where each column goes; below 0 it is left out.
   */
  addRow(row: number, into: Float32Array, at: number, columnOf: Int32Array): void {
    const length = this.lengthOf(row);
    const words = this.#read(this.#starts[row], length);
    for (let k = 0; k < length; k++) {
      const place = columnOf[words[k] >>> 16];
      if (place >= 0) into[at + place] += words[k] & MOST;
    }
  }

  /** Whether a row has a count in any column that goes somewhere. */
  hasAny(row: number, columnOf: Int32Array): boolean {
    const length = this.lengthOf(row);
    const words = this.#read(this.#starts[row], length);
    for (let k = 0; k < length; k++) if (columnOf[words[k] >>> 16] >= 0) return true;
    return false;
  }

  /** Closes the file; it is removed with its folder. */
  [Symbol.dispose](): void {
    this.#file.close();
  }

  #read(first: number, length: number): Uint32Array {
    if (this.#words.length < length) this.#words = new Uint32Array(2 * length);
    const bytes = new Uint8Array(this.#words.buffer, 0, length * BYTES);
    try {
      this.#file.seekSync(first * BYTES, Deno.SeekMode.Start);
      for (let at = 0; at < bytes.length;) {
        const read = this.#file.readSync(bytes.subarray(at));
        if (read === null) throw new Error("it ends early");
        at += read;
      }
    } catch (error) {
      throw diskFailure("read", this.#path, error);
    }
    return this.#words;
  }

  #flush(): void {
    const bytes = new Uint8Array(this.#buffer.buffer, 0, this.#buffered * BYTES);
    try {
      for (let at = 0; at < bytes.length;) at += this.#file.writeSync(bytes.subarray(at));
    } catch (error) {
      throw diskFailure("write", this.#path, error);
    }
    this.#buffered = 0;
  }

  #grow(rows: number): void {
    const starts = new Float64Array(Math.max(rows + 1, 2 * this.#starts.length));
    starts.set(this.#starts);
    this.#starts = starts;
  }
}

/** Refuses more genes than a column's 16 bits can name. */
export function requireColumns(columns: number): void {
  if (columns <= MOST + 1) return;
  throw new SthelarError("InvalidArgument", {
    action: "Cannot put the counts of slides together",
    found: `${columns} genes`,
    expected: `at most ${MOST + 1}`,
  });
}

function notCount(value: number): SthelarError {
  return new SthelarError("CorruptData", {
    action: "Cannot use counts",
    found: String(value),
    expected: `whole numbers from 0 to ${MOST}`,
    remedy: "scVI needs raw counts: a store that others made must hold them in layers/count or X",
  });
}
