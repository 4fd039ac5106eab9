import type { Column } from "@/formats/parquet/mod.ts";

/** The instances of all patches, as columns that grow. */
export class InstanceColumns {
  #patches = new Int32Array(1024);
  #numbers = new Int32Array(1024);
  #cells = new Int32Array(1024);
  #isCut = new Uint8Array(1024);
  #count = 0;

  /** Adds the instances 1, 2, … of a patch. */
  add(patch: number, cells: Int32Array, isCut: Uint8Array): void {
    this.#makeRoom(cells.length);
    for (let i = 0; i < cells.length; i++) {
      const at = this.#count++;
      this.#patches[at] = patch;
      this.#numbers[at] = i + 1;
      this.#cells[at] = cells[i];
      this.#isCut[at] = isCut[i];
    }
  }

  /** What was added. */
  columns(): ReadonlyMap<string, Column> {
    const count = this.#count;
    const numbers = (values: Int32Array<ArrayBuffer>): Column => ({
      kind: "numbers",
      values: values.subarray(0, count),
    });
    return new Map<string, Column>([
      ["patch_id", numbers(this.#patches)],
      ["instance", numbers(this.#numbers)],
      ["cell", numbers(this.#cells)],
      ["is_cut", { kind: "booleans", values: this.#isCut.subarray(0, count) }],
    ]);
  }

  #makeRoom(more: number): void {
    const size = this.#cells.length;
    if (this.#count + more <= size) return;
    const next = Math.max(2 * size, this.#count + more);
    const grown = (values: Int32Array) => {
      const larger = new Int32Array(next);
      larger.set(values);
      return larger;
    };
    this.#patches = grown(this.#patches);
    this.#numbers = grown(this.#numbers);
    this.#cells = grown(this.#cells);
    this.#isCut = new Uint8Array(next).map((_, i) => this.#isCut[i] ?? 0);
  }
}
