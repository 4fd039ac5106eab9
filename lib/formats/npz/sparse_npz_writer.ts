import type { Disk } from "@/core/disk.ts";
import { SthelarError } from "@/core/errors.ts";
import type { SparseMatrix } from "@/core/sparse.ts";
import { type AppendFile, ZipWriter } from "@/formats/zip/mod.ts";
import { npyBytes } from "./npy.ts";
import { npyHeader } from "./npy_header.ts";
import { SpoolFile } from "./spool_file.ts";

/** How a sparse matrix is written. */
export interface SparseNpzOptions {
  /** Level of deflate, 1 (fast, the default) to 9. */
  readonly level?: number;
  /** Folder for what waits until its turn in the file, eight bytes a value (default the system's). */
  readonly scratch?: string;
}

/** What was written. */
export interface SparseNpzSize {
  readonly rows: number;
  /** Values that are not 0. */
  readonly stored: number;
}

const LARGEST_INT32 = 2 ** 31 - 1;
const PART_VALUES = 2 ** 18;

/**
 * Writes a sparse matrix by rows as `scipy.sparse.save_npz` does, row after row, for matrices that are
 * larger than memory: row pointers of 77,000 patches are 20 GB, and are made as they are deflated.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { MemoryDisk } from "@/formats/disk/mod.ts";
 * import { openSparseNpz, SparseNpzWriter } from "@/formats/npz/mod.ts";
 *
 * const disk = new MemoryDisk();
 * using writer = new SparseNpzWriter(disk, "/masks.npz", 6);
 * const instances = Int32Array.of(0, 1), ids = Int32Array.of(0, 812);
 * writer.appendPixels([[0, instances], [5, ids]]);
 * assertEquals(await writer.finish(), { rows: 2, stored: 2 });
 *
 * const masks = await openSparseNpz(disk, "/masks.npz");
 * assertEquals([...(await masks.rows(1, 1)).indices], [0, 5]);
 * ```
 */
export class SparseNpzWriter implements Disposable {
  readonly path: string;
  readonly #disk: Disk;
  readonly #columns: number;
  readonly #level: number;
  readonly #scratch: string;
  readonly #indices: SpoolFile;
  readonly #data: SpoolFile;
  /** Values in a row, and for how many rows on end: alternately. */
  readonly #runs: SpoolFile;
  #run = { values: 0, rows: 0 };
  #rows = 0;
  #state: "open" | "finished" | "closed" = "open";

  /**
   * @param disk Where the file appears when it is finished.
   * @param columns Columns of the matrix.
   * @throws {SthelarError} `DiskFailure` if there is no place for the parts.
   */
  constructor(disk: Disk, path: string, columns: number, options: SparseNpzOptions = {}) {
    this.path = path;
    this.#disk = disk;
    this.#columns = columns;
    this.#level = options.level ?? 1;
    this.#scratch = Deno.makeTempDirSync({
      prefix: "npz_",
      ...options.scratch === undefined ? {} : { dir: options.scratch },
    });
    this.#indices = new SpoolFile(`${this.#scratch}/indices`);
    this.#data = new SpoolFile(`${this.#scratch}/data`);
    this.#runs = new SpoolFile(`${this.#scratch}/runs`);
  }

  /**
   * Adds a row for each pixel of an image, with a column for each channel.
   *
   * @param channels Columns in ascending order with their values; the columns between are 0.
   */
  appendPixels(channels: readonly (readonly [column: number, values: Int32Array])[]): void {
    const pixels = channels[0]?.[1].length ?? 0;
    const columns = channels.map(([column]) => column);
    const isAscending = columns.every((c, i) => c > (columns[i - 1] ?? -1) && c < this.#columns);
    if (!isAscending || channels.some(([, values]) => values.length !== pixels)) {
      throw this.#invalid(`the columns ${columns.join(", ")}`, "ascending ones of one length");
    }
    const values = channels.map(([, channel]) => channel);
    for (let pixel = 0; pixel < pixels;) {
      const next = endOfZeros(values, pixel);
      if (next > pixel) {
        this.#addRows(0, next - pixel);
        pixel = next;
        continue;
      }
      let count = 0;
      for (let c = 0; c < values.length; c++) {
        const value = values[c][pixel];
        if (value === 0) continue;
        this.#indices.push(columns[c]);
        this.#data.push(value);
        count++;
      }
      this.#addRows(count, 1);
      pixel++;
    }
  }

  /** Adds one row of as many values as there are columns. */
  appendRow(values: Int32Array): void {
    if (values.length !== this.#columns) {
      throw this.#invalid(`${values.length} values in a row`, `${this.#columns}`);
    }
    let count = 0;
    for (let column = 0; column < values.length; column++) {
      if (values[column] === 0) continue;
      this.#indices.push(column);
      this.#data.push(values[column]);
      count++;
    }
    this.#addRows(count, 1);
  }

  /** Adds the rows of a matrix by rows, of as many columns. */
  appendRows({ shape, data, indices, indptr }: SparseMatrix): void {
    if (shape[1] !== this.#columns) {
      throw this.#invalid(`rows of ${shape[1]} columns`, `${this.#columns}`);
    }
    for (let row = 0; row < shape[0]; row++) {
      const start = Number(indptr[row]), end = Number(indptr[row + 1]);
      for (let k = start; k < end; k++) {
        const value = Number(data[k]);
        if (value !== (value | 0)) throw this.#invalid(`the value ${value}`, "32-bit integers");
        this.#indices.push(Number(indices[k]));
        this.#data.push(value);
      }
      this.#addRows(end - start, 1);
    }
  }

  /**
   * Completes the file, which appears as a whole.
   *
   * @throws {SthelarError} `DiskFailure`; `InvalidArgument` if it was finished before.
   */
  async finish(): Promise<SparseNpzSize> {
    if (this.#state !== "open") throw this.#invalid("a finished matrix", "one that is not");
    this.#state = "finished";
    this.#pushRun();
    const partial = `${this.path}.partial`;
    try {
      await this.#disk.writeNative(partial, async (localPath) => {
        using file = await Deno.open(localPath, { write: true, create: true, truncate: true });
        await this.#writeEntries(new ZipWriter(appendTo(file)));
      });
      await this.#disk.rename(partial, this.path);
    } finally {
      await this.#disk.remove(partial);
      this[Symbol.dispose]();
    }
    return { rows: this.#rows, stored: this.#data.length };
  }

  /** Gives the parts up. */
  [Symbol.dispose](): void {
    if (this.#state === "closed") return;
    this.#state = "closed";
    for (const spool of [this.#indices, this.#data, this.#runs]) spool[Symbol.dispose]();
    Deno.removeSync(this.#scratch);
  }

  async #writeEntries(zip: ZipWriter): Promise<void> {
    const stored = this.#data.length;
    const isWide = Math.max(stored, this.#columns) > LARGEST_INT32;
    const indexType = { kind: "number", dtype: isWide ? "int64" : "int32" } as const;
    const deflated = { method: "deflate", level: this.#level } as const;
    const add = (name: string, header: Uint8Array, parts: Iterable<Uint8Array>) =>
      zip.addStream(`${name}.npy`, withHeader(header, parts), deflated);
    await add("indices", npyHeader(indexType, [stored]), bytesOf(this.#indices.blocks(), isWide));
    const pointers = rowPointers(this.#runs.blocks());
    await add("indptr", npyHeader(indexType, [this.#rows + 1]), pointerBytes(pointers, isWide));
    const format = { texts: ["csr"], shape: [], encoding: "bytes" as const };
    await zip.add("format.npy", npyBytes(format), deflated);
    const shape = BigInt64Array.of(BigInt(this.#rows), BigInt(this.#columns));
    await zip.add("shape.npy", npyBytes({ data: shape, shape: [2] }), deflated);
    const dataHeader = npyHeader({ kind: "number", dtype: "int32" }, [stored]);
    await add("data", dataHeader, bytesOf(this.#data.blocks(), false));
    await zip.finish();
  }

  /** Adds so many rows of `count` values each. */
  #addRows(count: number, rows: number): void {
    this.#rows += rows;
    if (count !== this.#run.values || this.#run.rows + rows > LARGEST_INT32) {
      this.#pushRun();
      this.#run = { values: count, rows: 0 };
    }
    this.#run.rows += rows;
  }

  #pushRun(): void {
    if (this.#run.rows === 0) return;
    this.#runs.push(this.#run.values);
    this.#runs.push(this.#run.rows);
  }

  #invalid(found: string, expected: string): SthelarError {
    const action = `Cannot write the sparse matrix "${this.path}"`;
    return new SthelarError("InvalidArgument", { action, found, expected, path: this.path });
  }
}

/** Pixels that are looked at in one channel before the next is. */
const AHEAD = 128;

/**
 * The end of the pixels from `start` on that are 0 in all channels, as most are; or a pixel before it, from
 * where one asks again.
 */
function endOfZeros(channels: readonly Int32Array[], start: number): number {
  let end = Math.min(channels[0].length, start + AHEAD);
  for (const channel of channels) {
    let pixel = start;
    while (pixel < end && channel[pixel] === 0) pixel++;
    end = pixel;
  }
  return end;
}

function* withHeader(header: Uint8Array, parts: Iterable<Uint8Array>): Generator<Uint8Array> {
  yield header;
  yield* parts;
}

/** A part is overwritten by the next: the archive has deflated it by then. */
function* bytesOf(blocks: Iterable<Int32Array>, isWide: boolean): Generator<Uint8Array> {
  for (const block of blocks) {
    const values = isWide ? BigInt64Array.from(block, BigInt) : block;
    yield new Uint8Array(values.buffer as ArrayBuffer, values.byteOffset, values.byteLength);
  }
}

/** Row pointers in blocks that are overwritten by the next. */
function* rowPointers(runs: Iterable<Int32Array>): Generator<Float64Array> {
  const block = new Float64Array(PART_VALUES);
  let used = 1, pointer = 0;
  for (const pairs of runs) {
    for (let k = 0; k < pairs.length; k += 2) {
      for (let left = pairs[k + 1]; left > 0;) {
        if (used === block.length) {
          yield block;
          used = 0;
        }
        const end = Math.min(block.length, used + left);
        left -= end - used;
        while (used < end) block[used++] = pointer += pairs[k];
      }
    }
  }
  yield block.subarray(0, used);
}

function* pointerBytes(blocks: Iterable<Float64Array>, isWide: boolean): Generator<Uint8Array> {
  for (const block of blocks) {
    const values = isWide ? BigInt64Array.from(block, BigInt) : Int32Array.from(block);
    yield new Uint8Array(values.buffer);
  }
}

function appendTo(file: Deno.FsFile): AppendFile {
  return {
    async append(bytes) {
      for (let at = 0; at < bytes.length;) at += await file.write(bytes.subarray(at));
    },
  };
}
