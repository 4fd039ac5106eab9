import type { NumericArray } from "@/core/arrays.ts";
import type { SparseMatrix } from "@/core/sparse.ts";
import { corruptMatrix } from "./corrupt_matrix.ts";

const NEWLINE = 10, SPACE = 32, PERCENT = 37, ZERO = 48;
const BANNER = /^%%MatrixMarket\s+matrix\s+coordinate\s+(integer|real)\s+general\s*$/i;
/** Counts that memory is taken for before any is read: a wrong size costs nothing. */
const FIRST_CAPACITY = 1 << 20;
/** A longer line is no triple of numbers. */
const MAX_LINE = 1 << 12;

/** Receives a count and its place, from 0 on. */
export type CountListener = (feature: number, cell: number, value: number) => void;

/**
 * Parses the Matrix Market format (features x cells, places from 1) as a stream of bytes, into a
 * matrix of cells x features.
 */
export class MtxParser {
  readonly #path: string;
  readonly #features: number;
  readonly #cells: number;
  #line = 0;
  #rest = "";
  #isReal = false;
  /** Counts that the header promises, once it has been read. */
  #declared: number | undefined;
  #count = 0;
  #columns: Int32Array = new Int32Array();
  #rows: Int32Array = new Int32Array();
  #values: Int32Array | Float64Array = new Int32Array();
  readonly #onCount: CountListener | undefined;

  /**
   * @param path The file, for messages.
   * @param features Features that the matrix must have.
   * @param cells Cells that the matrix must have.
   * @param onCount Told of each count; then none is kept.
   */
  constructor(path: string, features: number, cells: number, onCount?: CountListener) {
    this.#path = path;
    this.#features = features;
    this.#cells = cells;
    this.#onCount = onCount;
  }

  /** Parses the next bytes of the file. */
  add(chunk: Uint8Array): void {
    let from = 0;
    if (this.#rest !== "" || this.#declared === undefined) {
      from = this.#addText(chunk);
      if (from < 0) return;
    }
    const last = chunk.lastIndexOf(NEWLINE) + 1;
    if (last > from) this.#addLines(chunk, from, last);
    this.#keep(chunk.subarray(Math.max(from, last)));
  }

  /**
   * Parses what is left.
   *
   * @throws {SthelarError} `CorruptData` if the file ends early.
   */
  end(): void {
    if (this.#rest !== "") this.#addLine(this.#rest);
    this.#rest = "";
    if (this.#declared === undefined) throw this.#corrupt("no sizes", "a line of three sizes");
    if (this.#count !== this.#declared) {
      throw this.#corrupt(`${this.#count} counts`, `${this.#declared}, as the header says`);
    }
  }

  /**
   * The matrix, compressed by cells.
   *
   * @throws {SthelarError} `CorruptData` if the file ends early.
   */
  finish(): SparseMatrix {
    this.end();
    const count = this.#count;
    return compress(
      this.#rows.subarray(0, count),
      this.#columns.subarray(0, count),
      this.#values.subarray(0, count),
      this.#cells,
      this.#features,
    );
  }

  /** Handles lines as texts: those of the header, and one that began in the last chunk. */
  #addText(chunk: Uint8Array): number {
    let from = 0;
    while (this.#rest !== "" || this.#declared === undefined) {
      const end = chunk.indexOf(NEWLINE, from);
      if (end < 0) {
        this.#keep(chunk.subarray(from));
        return -1;
      }
      this.#addLine(this.#rest + text(chunk.subarray(from, end)));
      this.#rest = "";
      from = end + 1;
    }
    return from;
  }

  #keep(bytes: Uint8Array): void {
    if (this.#rest.length + bytes.length > MAX_LINE) {
      throw this.#corrupt(`a line of more than ${MAX_LINE} bytes`, "three numbers a line");
    }
    this.#rest += text(bytes);
  }

  #addLine(line: string): void {
    this.#line++;
    if (this.#line === 1) this.#readBanner(line);
    else if (line.trim() === "" || line.startsWith("%")) return;
    else if (this.#declared === undefined) this.#readSizes(line);
    else {
      const bytes = new TextEncoder().encode(`${line}\n`);
      this.#line--;
      this.#addLines(bytes, 0, bytes.length);
    }
  }

  #readBanner(line: string): void {
    const match = BANNER.exec(line);
    if (match === null) {
      throw this.#corrupt(
        JSON.stringify(line.slice(0, 80)),
        "%%MatrixMarket matrix coordinate integer general",
      );
    }
    this.#isReal = match[1].toLowerCase() === "real";
  }

  #readSizes(line: string): void {
    const sizes = line.trim().split(/\s+/).map(Number);
    const [features, cells, count] = sizes;
    if (sizes.length !== 3 || !sizes.every((n) => Number.isSafeInteger(n) && n >= 0)) {
      throw this.#corrupt(JSON.stringify(line.slice(0, 80)), "rows, columns and counts");
    }
    if (features !== this.#features || cells !== this.#cells) {
      throw this.#corrupt(
        `${features} features and ${cells} cells`,
        `${this.#features} and ${this.#cells}, as in the files beside it`,
      );
    }
    if (count > features * cells || count >= 2 ** 31) {
      throw this.#corrupt(`${count} counts in ${features} x ${cells}`, "at most one a place");
    }
    this.#declared = count;
    if (this.#onCount === undefined) this.#grow(Math.min(count, FIRST_CAPACITY));
  }

  /** Parses whole lines of `feature cell count`. */
  #addLines(bytes: Uint8Array, from: number, end: number): void {
    let at = from;
    while (at < end) {
      this.#line++;
      while (bytes[at] <= SPACE && bytes[at] !== NEWLINE) at++;
      if (bytes[at] === NEWLINE || bytes[at] === PERCENT) {
        at = bytes.indexOf(NEWLINE, at) + 1;
        continue;
      }
      let feature = 0, digit = bytes[at] - ZERO;
      for (; digit >= 0 && digit <= 9; digit = bytes[++at] - ZERO) feature = feature * 10 + digit;
      while (bytes[at] <= SPACE && bytes[at] !== NEWLINE) at++;
      let cell = 0;
      digit = bytes[at] - ZERO;
      for (; digit >= 0 && digit <= 9; digit = bytes[++at] - ZERO) cell = cell * 10 + digit;
      while (bytes[at] <= SPACE && bytes[at] !== NEWLINE) at++;
      const start = at;
      let value = 0;
      digit = bytes[at] - ZERO;
      for (; digit >= 0 && digit <= 9; digit = bytes[++at] - ZERO) value = value * 10 + digit;
      let isNumber = at > start;
      if (this.#isReal || bytes[at] > SPACE) {
        const stop = bytes.indexOf(NEWLINE, start);
        const word = text(bytes.subarray(start, stop)).trim();
        value = word === "" ? NaN : Number(word);
        isNumber = this.#isReal ? Number.isFinite(value) : Number.isInteger(value);
        at = stop;
      }
      while (bytes[at] <= SPACE && bytes[at] !== NEWLINE) at++;
      if (
        !isNumber || bytes[at] !== NEWLINE || feature < 1 || feature > this.#features ||
        cell < 1 || cell > this.#cells || value > 0x7fffffff
      ) throw this.#badLine(bytes, at);
      at++;
      this.#push(feature - 1, cell - 1, value);
    }
  }

  #push(feature: number, cell: number, value: number): void {
    const declared = this.#declared ?? 0;
    if (this.#count >= declared) {
      throw this.#corrupt(`more counts, in line ${this.#line}`, `${declared}, as the header says`);
    }
    if (this.#onCount !== undefined) {
      this.#count++;
      this.#onCount(feature, cell, value);
      return;
    }
    if (this.#count === this.#rows.length) this.#grow(Math.min(declared, 2 * this.#count));
    this.#rows[this.#count] = feature;
    this.#columns[this.#count] = cell;
    this.#values[this.#count++] = value;
  }

  #grow(capacity: number): void {
    const [rows, columns] = [new Int32Array(capacity), new Int32Array(capacity)];
    const values = this.#isReal ? new Float64Array(capacity) : new Int32Array(capacity);
    rows.set(this.#rows);
    columns.set(this.#columns);
    values.set(this.#values);
    this.#rows = rows;
    this.#columns = columns;
    this.#values = values;
  }

  #badLine(bytes: Uint8Array, at: number) {
    const before = at === 0 ? 0 : bytes.lastIndexOf(NEWLINE, at - 1) + 1;
    const stop = bytes.indexOf(NEWLINE, at);
    const line = text(bytes.subarray(before, stop < 0 ? bytes.length : stop)).slice(0, 80);
    return this.#corrupt(
      `${JSON.stringify(line)} in line ${this.#line}`,
      `a feature up to ${this.#features}, a cell up to ${this.#cells} and a ${
        this.#isReal ? "number" : "whole number"
      }`,
    );
  }

  #corrupt(found: string, expected: string) {
    return corruptMatrix(this.#path, found, expected);
  }
}

function text(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes);
}

/** Sorts counts by cell, unless they are, and compresses them. */
function compress(
  features: Int32Array,
  cells: Int32Array,
  values: Int32Array | Float64Array,
  cellCount: number,
  featureCount: number,
): SparseMatrix {
  const indptr = new Int32Array(cellCount + 1);
  let isSorted = true;
  for (let k = 0; k < cells.length; k++) {
    indptr[cells[k] + 1]++;
    if (k > 0 && cells[k] < cells[k - 1]) isSorted = false;
  }
  for (let cell = 0; cell < cellCount; cell++) indptr[cell + 1] += indptr[cell];
  const shape = [cellCount, featureCount] as const;
  if (isSorted) return { format: "csr", shape, data: values, indices: features, indptr };
  const next = indptr.slice(0, -1);
  const indices = new Int32Array(cells.length);
  const data: NumericArray = new (values.constructor as Int32ArrayConstructor)(cells.length);
  for (let k = 0; k < cells.length; k++) {
    const place = next[cells[k]]++;
    indices[place] = features[k];
    data[place] = values[k];
  }
  return { format: "csr", shape, data, indices, indptr };
}
