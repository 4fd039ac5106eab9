import { allocate, NUMERIC_DTYPES, type NumericDType, sizeOf } from "@/core/arrays.ts";
import type { SparseMatrix } from "@/core/sparse.ts";
import type { AnnData, Column, DataFrame, Matrix, UnsValue } from "@/formats/anndata/mod.ts";

const WORDS = ["T cell", "", "µm", "naïve 😀", "B", "nan", "NA", " x ", "0"];

/** Makes tables from a seed: every kind of column, matrix and unstructured value turns up. */
export class RandomTables {
  #state: number;

  constructor(seed: number) {
    this.#state = seed;
  }

  table(nObs = this.#below(9), nVars = this.#below(6)): AnnData {
    const matrices = (rows: number, columns?: number) => {
      const entries = Array.from({ length: this.#below(3) }, (_, i): [string, Matrix] => {
        return [`key_${i}`, this.#matrix(rows, columns ?? 1 + this.#below(4))];
      });
      return Object.fromEntries(entries);
    };
    const table: AnnData = {
      X: this.#matrix(nObs, nVars),
      obs: this.frame(nObs),
      var: this.frame(nVars),
      obsm: { ...matrices(nObs), frame: this.frame(nObs) },
      varm: matrices(nVars),
      obsp: matrices(nObs, nObs),
      varp: matrices(nVars, nVars),
      layers: matrices(nObs, nVars),
      uns: new Map<string, UnsValue>([
        ...this.#scalars(),
        ["nested", new Map<string, UnsValue>([["deeper", new Map([["k", 15]])], ["none", null]])],
        ["frame", this.frame(3)],
        ["matrix", this.#matrix(2, 3)],
        ["texts", ["a", "b"]],
        ["grid", { kind: "texts", values: ["a", "b", "c", "d"], shape: [2, 2] }],
        ["empty", new Map()],
        ["records", this.#records()],
      ]),
    };
    if (this.#next() < 0.5) return table;
    return { ...table, raw: { X: this.#matrix(nObs, 3), var: this.frame(3), varm: {} } };
  }

  frame(rows: number): DataFrame {
    const kinds = ["number", "texts", "boolean", "categorical", "integer?", "boolean?", "string?"];
    const columns = kinds.map((kind, i): [string, Column] => {
      return [`${kind} µ${i}`, this.#column(kind, rows)];
    });
    const frame = {
      index: Array.from({ length: rows }, (_, i) => `row-${i}`),
      columns: new Map(columns.filter(() => this.#next() < 0.7)),
    };
    return this.#next() < 0.5 ? frame : { ...frame, indexName: "cell_id" };
  }

  #column(kind: string, rows: number): Column {
    const bits = () => Uint8Array.from({ length: rows }, () => this.#below(2));
    const texts = () => Array.from({ length: rows }, () => WORDS[this.#below(WORDS.length)]);
    if (kind === "texts") return texts();
    if (kind === "boolean") return { kind, values: bits() };
    if (kind === "boolean?") return { kind: "nullable-boolean", values: bits(), mask: bits() };
    if (kind === "integer?") {
      return { kind: "nullable-integer", values: this.#numbers(rows, "int32"), mask: bits() };
    }
    if (kind === "string?") {
      return { kind: "nullable-string-array", values: texts(), mask: bits() };
    }
    if (kind === "number") return this.#numbers(rows);
    const levels = Array.from({ length: [1, 3, 200][this.#below(3)] }, (_, i) => `level ${i}`);
    const codes = Int32Array.from({ length: rows }, () => this.#below(levels.length + 1) - 1);
    return { codes, levels, ordered: this.#next() < 0.5 };
  }

  #records(): UnsValue {
    const count = 1 + this.#below(4);
    const genes = Array.from({ length: count }, (_, i) => WORDS[i]);
    return {
      kind: "records",
      fields: new Map([
        ["gene µ", { dtype: "string", data: genes, shape: [count] }],
        ["score", { dtype: "float32", data: this.#numbers(count, "float32"), shape: [count] }],
      ]),
    };
  }

  #scalars(): [string, UnsValue][] {
    return [
      ["text", WORDS[this.#below(WORDS.length)]],
      ["whole", this.#below(1000) - 500],
      ["real", this.#next()],
      ["huge", 2n ** 62n],
      ["yes", true],
      ["nothing", null],
    ];
  }

  #matrix(rows: number, columns: number): Matrix {
    if (this.#next() < 0.4) {
      return { data: this.#numbers(rows * columns), shape: [rows, columns] };
    }
    return this.#sparse(rows, columns);
  }

  #sparse(rows: number, columns: number): SparseMatrix {
    const format = this.#next() < 0.5 ? "csr" : "csc";
    const [major, minor] = format === "csr" ? [rows, columns] : [columns, rows];
    const indices: number[] = [];
    const indptr = [0];
    for (let i = 0; i < major; i++) {
      for (let j = 0; j < minor; j++) if (this.#next() < 0.4) indices.push(j);
      indptr.push(indices.length);
    }
    const isWide = this.#next() < 0.3;
    const index = (list: number[]) => {
      return isWide ? BigInt64Array.from(list, BigInt) : Int32Array.from(list);
    };
    return {
      format,
      shape: [rows, columns],
      data: this.#numbers(indices.length),
      indices: index(indices),
      indptr: index(indptr),
    };
  }

  #numbers(count: number, dtype: NumericDType = NUMERIC_DTYPES[this.#below(10)]) {
    const data = allocate(dtype, sizeOf([count]));
    for (let i = 0; i < count; i++) {
      const value = this.#below(100);
      if (dtype === "int64" || dtype === "uint64") data[i] = BigInt(value) * 2n ** 50n;
      else data[i] = dtype.startsWith("float") ? value / 8 : value;
    }
    return data;
  }

  #below(limit: number): number {
    return Math.floor(this.#next() * limit);
  }

  #next(): number {
    this.#state = (1664525 * this.#state + 1013904223) % 2 ** 32;
    return this.#state / 2 ** 32;
  }
}
