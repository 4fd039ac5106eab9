import { sizeOf } from "@/core/arrays.ts";
import { SthelarError } from "@/core/errors.ts";
import type { SparseMatrix } from "@/core/sparse.ts";
import type { Hdf5File } from "@/formats/hdf5/mod.ts";
import type { AtlasGenes, AtlasMatrix, MatrixLayout, ReadOptions } from "./atlas.ts";
import { breather } from "./breathe.ts";
import { planReads, type Stretch } from "./plan_reads.ts";
import { selectionOf } from "./selection.ts";
import { Triplets } from "./triplets.ts";

/** Values of a sparse matrix that are read at once: with their indices at most 32 MB. */
const MOST_VALUES = 2 ** 21;
/** Bytes of a dense matrix that are read at once. */
const MOST_BYTES = 2 ** 25;
/** A gap of as many values in an unchunked file is read over. */
const UNCHUNKED = 2 ** 13;

/** What a matrix in an HDF5 file is made of. */
export interface Hdf5MatrixSpec {
  /** Its name for users. */
  readonly name: string;
  /** Its group, or its dataset if it is dense. */
  readonly node: string;
  /** How it is stored. */
  readonly layout: Exclude<MatrixLayout, "mtx">;
  /** `[n_cells, n_genes]`. */
  readonly shape: readonly [number, number];
  /** Genes by column. */
  readonly genes: AtlasGenes;
}

/** A matrix in an open HDF5 file. */
export function hdf5Matrix(file: Hdf5File, spec: Hdf5MatrixSpec): AtlasMatrix {
  const { name, layout, shape, genes } = spec;
  const read = layout === "dense" ? readDense : readCompressed;
  return {
    name,
    layout,
    shape,
    genes,
    readRows: (rows, columns, options = {}) => read(file, spec, rows, columns, options),
  };
}

/** By rows the wanted rows alone are read; by columns those of the wanted genes. */
async function readCompressed(
  file: Hdf5File,
  { node, layout, shape }: Hdf5MatrixSpec,
  rows: Int32Array,
  genes: Int32Array,
  { progress, signal }: ReadOptions,
): Promise<SparseMatrix> {
  const cells = selectionOf(rows, shape[0], "cell", file.path);
  const columns = selectionOf(genes, shape[1], "gene", file.path);
  const isByRow = layout === "csr";
  const [major, minor] = isByRow ? [cells, columns] : [columns, cells];
  const offsets = readOffsets(file, node, major.placeOf.length);
  const stretches = Array.from(major.ascending, (index): Stretch => ({
    owner: major.placeOf[index],
    start: offsets[index],
    stop: offsets[index + 1],
  }));
  const chunk = file.info(`${node}/data`).chunks?.[0] ?? UNCHUNKED;
  const triplets = new Triplets();
  const breathe = breather();
  let done = 0;
  for (const read of planReads(stretches, { chunk, most: MOST_VALUES })) {
    signal?.throwIfAborted();
    const range = [read.start, read.stop] as const;
    const values = file.read(`${node}/data`, range).data;
    const indices = file.read(`${node}/indices`, range).data;
    for (const { owner, start, stop } of read.stretches) {
      for (let k = start - read.start; k < stop - read.start; k++) {
        const index = Number(indices[k]);
        const place = minor.placeOf[index];
        if (place === undefined) throw badIndex(file, node, index, minor.placeOf.length);
        if (place < 0) continue;
        const value = Number(values[k]);
        if (isByRow) triplets.add(owner, place, value);
        else triplets.add(place, owner, value);
      }
    }
    done += read.stretches.length;
    progress?.update(
      Math.min(done, stretches.length),
      stretches.length,
      isByRow ? "cells" : "genes",
    );
    await breathe();
  }
  return triplets.toCsr([rows.length, genes.length]);
}

async function readDense(
  file: Hdf5File,
  { node, shape }: Hdf5MatrixSpec,
  rows: Int32Array,
  genes: Int32Array,
  { progress, signal }: ReadOptions,
): Promise<SparseMatrix> {
  const { ascending, placeOf } = selectionOf(rows, shape[0], "cell", file.path);
  selectionOf(genes, shape[1], "gene", file.path);
  const width = shape[1];
  const most = Math.max(1, Math.floor(MOST_BYTES / (8 * Math.max(1, width))));
  const chunk = file.info(node).chunks?.[0] ?? 1;
  const stretches = Array.from(
    ascending,
    (row): Stretch => ({ owner: placeOf[row], start: row, stop: row + 1 }),
  );
  const triplets = new Triplets();
  const breathe = breather();
  let done = 0;
  for (const read of planReads(stretches, { chunk, most: Math.max(most, chunk) })) {
    signal?.throwIfAborted();
    const { data } = file.read(node, [read.start, read.stop]);
    for (const { owner, start } of read.stretches) {
      const at = (start - read.start) * width;
      for (let g = 0; g < genes.length; g++) {
        const value = Number(data[at + genes[g]]);
        if (value !== 0) triplets.add(owner, g, value);
      }
    }
    done += read.stretches.length;
    progress?.update(done, rows.length, "cells");
    await breathe();
  }
  return triplets.toCsr([rows.length, genes.length]);
}

/** Where each row (column) starts; checked, since what is read follows from it. */
function readOffsets(file: Hdf5File, node: string, count: number): Float64Array {
  const { data } = file.read(`${node}/indptr`);
  const stored = sizeOf(file.info(`${node}/data`).shape ?? [0]);
  const offsets = Float64Array.from(data as Float64Array, Number);
  const rises = offsets.every((offset, i) => i === 0 ? offset === 0 : offset >= offsets[i - 1]);
  if (offsets.length === count + 1 && rises && offsets[count] === stored) return offsets;
  throw new SthelarError("CorruptData", {
    action: `Cannot read "${node}" of "${file.path}"`,
    found: rises
      ? `${offsets.length} offsets up to ${offsets.at(-1)}`
      : "offsets that do not rise from 0",
    expected: `${count + 1} that rise from 0 to ${stored}`,
    remedy: "the file is damaged: copy or download it again",
    path: file.path,
  });
}

function badIndex(file: Hdf5File, node: string, index: number, count: number): SthelarError {
  return new SthelarError("CorruptData", {
    action: `Cannot read "${node}" of "${file.path}"`,
    found: `index ${index}`,
    expected: `0 to ${count - 1}`,
    remedy: "the file is damaged: copy or download it again",
    path: file.path,
  });
}
