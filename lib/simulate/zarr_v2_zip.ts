import { dtypeOf, type NumericArray } from "@/core/arrays.ts";
import type { Disk } from "@/core/disk.ts";
import { ZipWriter } from "@/formats/zip/mod.ts";
import { deflateSync } from "node:zlib";

const CODES: Readonly<Record<string, string>> = {
  uint8: "|u1",
  int32: "<i4",
  uint32: "<u4",
  float32: "<f4",
  float64: "<f8",
};
const LEVEL = 1;
/** Rows and columns of a chunk of a mask. */
export const MASK_CHUNK = 1024;
const VECTOR_CHUNK = 1 << 20;

/** Writes the nodes of a zarr store of version 2 into a zip archive. */
export class ZarrV2Zip {
  readonly #zip: ZipWriter;

  constructor(zip: ZipWriter) {
    this.#zip = zip;
  }

  /** Adds a group; the root is "". */
  async group(path: string, attributes: Readonly<Record<string, unknown>> = {}): Promise<void> {
    await this.#json(path, ".zgroup", { zarr_format: 2 });
    await this.#json(path, ".zattrs", attributes);
  }

  /** Adds an array that is stored in one chunk. */
  async array(
    path: string,
    data: NumericArray,
    shape: readonly number[],
    attributes: Readonly<Record<string, unknown>> = {},
  ): Promise<void> {
    await this.#metadata(path, shape, shape.map((n) => Math.max(1, n)), dtypeOf(data), attributes);
    const bytes = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
    await this.#zip.add(`${path}/${shape.map(() => 0).join(".")}`, compress(bytes));
  }

  /** Adds an array of one axis, in chunks of a million values. */
  async vector(path: string, data: NumericArray): Promise<void> {
    const length = Math.max(1, Math.min(data.length, VECTOR_CHUNK));
    await this.#metadata(path, [data.length], [length], dtypeOf(data), {});
    for (let start = 0; start < data.length; start += length) {
      const part = data.slice(start, start + length);
      const bytes = new Uint8Array(length * data.BYTES_PER_ELEMENT);
      bytes.set(new Uint8Array(part.buffer, part.byteOffset, part.byteLength));
      await this.#zip.add(`${path}/${start / length}`, compress(bytes));
    }
  }

  /** Adds an image of labels, made chunk by chunk; chunks of background alone are left out. */
  async mask(
    path: string,
    width: number,
    height: number,
    chunk: (x: number, y: number) => Uint32Array,
  ): Promise<void> {
    await this.#metadata(path, [height, width], [MASK_CHUNK, MASK_CHUNK], "uint32", {});
    for (let j = 0; j * MASK_CHUNK < height; j++) {
      for (let i = 0; i * MASK_CHUNK < width; i++) {
        const labels = chunk(i * MASK_CHUNK, j * MASK_CHUNK);
        if (!labels.some((label) => label > 0)) continue;
        await this.#zip.add(`${path}/${j}.${i}`, compress(new Uint8Array(labels.buffer)));
      }
    }
  }

  async #metadata(
    path: string,
    shape: readonly number[],
    chunks: readonly number[],
    dtype: string,
    attributes: Readonly<Record<string, unknown>>,
  ): Promise<void> {
    await this.#json(path, ".zarray", {
      chunks,
      compressor: { id: "zlib", level: LEVEL },
      dtype: CODES[dtype],
      fill_value: 0,
      filters: null,
      order: "C",
      shape,
      zarr_format: 2,
    });
    await this.#json(path, ".zattrs", attributes);
  }

  async #json(path: string, name: string, value: unknown): Promise<void> {
    const bytes = new TextEncoder().encode(JSON.stringify(value));
    await this.#zip.add(path === "" ? name : `${path}/${name}`, bytes);
  }
}

/** Creates a zip archive with a zarr store of version 2 in it. */
export async function writeZarrV2Zip(
  disk: Disk,
  path: string,
  write: (store: ZarrV2Zip) => Promise<void>,
): Promise<void> {
  await disk.writeNative(path, async (localPath) => {
    using file = await Deno.open(localPath, { write: true, create: true, truncate: true });
    const zip = new ZipWriter({
      append: async (bytes) => {
        for (let rest = bytes; rest.length > 0;) rest = rest.subarray(await file.write(rest));
      },
    });
    await write(new ZarrV2Zip(zip));
    await zip.finish();
  });
}

function compress(bytes: Uint8Array): Uint8Array {
  return deflateSync(bytes, { level: LEVEL });
}
