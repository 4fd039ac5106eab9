import { allocate, type DenseArray, dtypeOf, sizeOf } from "@/core/arrays.ts";
import type { Disk } from "@/core/disk.ts";
import { SthelarError } from "@/core/errors.ts";
import { type ArrayWriter, createArray } from "./array_writer.ts";
import { chunksTouching, copyOverlap, type Range, strideOf } from "./region.ts";
import { encodeVlenUtf8 } from "./vlen_utf8.ts";
import {
  type ArrayOptions,
  checkedChunks,
  chunkFile,
  defaultChunks,
  writeArrayDocument,
} from "./write_metadata.ts";
import { compressZstd } from "./zstd.ts";

/** Writes a whole array of numbers. */
export async function writeArray(
  disk: Disk,
  path: string,
  array: DenseArray,
  options: ArrayOptions = {},
): Promise<void> {
  checkCount(path, array.data.length, array.shape);
  const writer = await createArray(disk, path, array.shape, dtypeOf(array.data), options);
  await writeAllChunks(writer, array);
}

/**
 * Writes a whole array of booleans.
 *
 * @param values 0 or 1 each.
 */
export async function writeBooleans(
  disk: Disk,
  path: string,
  values: Uint8Array,
  shape: readonly number[],
  options: ArrayOptions = {},
): Promise<void> {
  checkCount(path, values.length, shape);
  const writer = await createArray(disk, path, shape, "bool", options);
  await writeAllChunks(writer, { data: values, shape });
}

/** Writes a whole array of texts (`vlen-utf8`); shape `[]` is a single text. */
export async function writeStrings(
  disk: Disk,
  path: string,
  values: readonly string[],
  shape: readonly number[],
  options: ArrayOptions = {},
): Promise<void> {
  checkCount(path, values.length, shape);
  const chunks = checkedChunks(path, shape, options.chunks ?? defaultChunks(shape));
  const fill = options.fillValue ?? "";
  const codec = { name: "vlen-utf8", configuration: {} };
  await writeArrayDocument(disk, path, shape, chunks, "string", fill, codec, options);
  const source = { data: values as string[], stride: strideOf(shape) };
  const corner = shape.map(() => 0);
  for (const index of chunksTouching(shape.map((n) => [0, n]), chunks)) {
    const data = new Array<string>(sizeOf(chunks)).fill(String(fill));
    const ranges = chunkRanges(index, chunks);
    copyOverlap(source, corner, shape, { data, stride: strideOf(chunks) }, ranges);
    const bytes = compressZstd(encodeVlenUtf8(data), options.zstdLevel ?? 1);
    await disk.write(chunkFile(path, index), bytes);
  }
}

async function writeAllChunks(writer: ArrayWriter, { data, shape }: DenseArray): Promise<void> {
  const source = { data, stride: strideOf(shape) };
  const corner = shape.map(() => 0);
  const isOneRun = shape.slice(1).every((extent, i) => extent <= writer.chunks[i + 1]);
  for (const index of chunksTouching(shape.map((n) => [0, n]), writer.chunks)) {
    const ranges = chunkRanges(index, writer.chunks)
      .map(([start, stop], axis): Range => [start, Math.min(stop, shape[axis])]);
    const clipped = ranges.map(([start, stop]) => stop - start);
    if (isOneRun) {
      const start = (ranges[0]?.[0] ?? 0) * (source.stride[0] ?? 0);
      await writer.writeChunk(index, data.subarray(start, start + sizeOf(clipped)));
      continue;
    }
    const target = { data: allocate(dtypeOf(data), sizeOf(clipped)), stride: strideOf(clipped) };
    copyOverlap(source, corner, shape, target, ranges);
    await writer.writeChunk(index, target.data);
  }
}

function chunkRanges(index: readonly number[], chunks: readonly number[]): Range[] {
  return index.map((i, axis) => [i * chunks[axis], (i + 1) * chunks[axis]]);
}

function checkCount(path: string, count: number, shape: readonly number[]): void {
  if (count === sizeOf(shape)) return;
  throw new SthelarError("InvalidArgument", {
    action: `Cannot write the array "${path}"`,
    found: `${count} values`,
    expected: `${sizeOf(shape)} for the shape [${shape.join(", ")}]`,
    path,
  });
}
