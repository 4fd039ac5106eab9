import { allocate, type NumericArray, type NumericDType } from "@/core/arrays.ts";
import type { Disk } from "@/core/disk.ts";
import { SthelarError } from "@/core/errors.ts";
import { type Hdf5File, type Hdf5Writer, openHdf5, writeHdf5 } from "../hdf5/mod.ts";
import { alignSuffix } from "../xenium/id_suffix.ts";
import { readCellFeatureMatrix, writeCellFeatureMatrix, type XeniumBundle } from "../xenium/mod.ts";
import { partOfMatrix } from "./part_of_matrix.ts";

/** Stored counts that are read at once. */
const BLOCK = 1 << 22;

/** Counts of the kept cells, compressed by cells. */
interface KeptCounts {
  readonly data: NumericArray;
  readonly indices: NumericArray;
  readonly indptr: NumericArray;
}

/**
 * Writes the counts of the kept cells as a `cell_feature_matrix.h5`. From a file of this format
 * features and attributes are copied and number types kept; memory holds the kept counts and a block
 * of the others. Other formats are read whole.
 *
 * @param bundle The whole bundle.
 * @param target Where the new one goes.
 * @param ids The kept cells, in the order of the table of cells.
 * @throws {SthelarError} `IdMismatch` if the matrix lacks a cell or has another order,
 *   `CorruptData` for a damaged file.
 */
export async function cropMatrix(
  bundle: XeniumBundle,
  disk: Disk,
  target: string,
  ids: readonly string[],
  signal?: AbortSignal,
): Promise<void> {
  const path = bundle.pathOf("matrix");
  if (!path.endsWith(".h5")) {
    const whole = await readCellFeatureMatrix(bundle);
    const part = partOfMatrix(whole, keptColumns(path, whole.cellIds, ids));
    return await writeCellFeatureMatrix(disk, target, part);
  }
  using source = await openHdf5(path);
  const columns = keptColumns(path, barcodes(source), ids);
  const counts = readCounts(source, columns, signal);
  await writeHdf5(disk, target, (file) => {
    file.createGroup("/", source.attributes());
    file.createGroup("matrix", source.attributes("matrix"));
    writeBarcodes(source, file, columns);
    for (const name of ["data", "indices", "indptr"] as const) {
      file.write(`matrix/${name}`, { data: counts[name], shape: [counts[name].length] });
    }
    const { data: shape } = source.read("matrix/shape");
    shape[1] = typeof shape[1] === "bigint" ? BigInt(ids.length) : ids.length;
    file.write("matrix/shape", { data: shape, shape: [2] });
    copyGroup(source, file, "matrix/features");
  });
}

/** Columns of the kept cells, ascending. */
function keptColumns(
  path: string,
  barcodes: readonly string[],
  ids: readonly string[],
): Int32Array {
  const kept = new Set(ids);
  const columns = new Int32Array(ids.length);
  let count = 0;
  for (const [column, barcode] of alignSuffix(barcodes, ids).entries()) {
    if (!kept.has(barcode)) continue;
    if (barcode !== ids[count]) throw otherCells(path, `${barcode} at place ${count}`, ids);
    columns[count++] = column;
  }
  if (count === ids.length) return columns;
  throw otherCells(path, `${count} of them`, ids);
}

function barcodes(source: Hdf5File): readonly string[] {
  if (source.info("matrix/barcodes").dtype === "string") {
    return source.readStrings("matrix/barcodes");
  }
  return Array.from(source.read("matrix/barcodes").data as ArrayLike<number | bigint>, String);
}

function writeBarcodes(source: Hdf5File, file: Hdf5Writer, columns: Int32Array): void {
  const name = "matrix/barcodes";
  if (source.info(name).dtype === "string") {
    const texts = source.readStrings(name);
    file.writeStrings(name, Array.from(columns, (column) => texts[column]), [columns.length]);
    return;
  }
  const { data } = source.read(name);
  const kept = allocate(numberType(source, name), columns.length);
  columns.forEach((column, i) => kept[i] = data[column]);
  file.write(name, { data: kept, shape: [columns.length] });
}

function readCounts(
  source: Hdf5File,
  columns: Int32Array,
  signal: AbortSignal | undefined,
): KeptCounts {
  const starts = source.read("matrix/indptr").data;
  const indptr = allocate(numberType(source, "matrix/indptr"), columns.length + 1);
  const isWide = typeof indptr[0] === "bigint";
  let count = 0;
  for (let i = 0; i < columns.length; i++) {
    count += Number(starts[columns[i] + 1]) - Number(starts[columns[i]]);
    indptr[i + 1] = isWide ? BigInt(count) : count;
  }
  checkStarts(source, starts, count);
  const counts = {
    data: allocate(numberType(source, "matrix/data"), count),
    indices: allocate(numberType(source, "matrix/indices"), count),
    indptr,
  };
  for (let from = 0; from < columns.length;) {
    if (signal?.aborted) {
      throw new SthelarError("Aborted", {
        action: `Stopped reading "${source.path}"`,
        cause: signal.reason,
      });
    }
    const first = Number(starts[columns[from]]);
    let to = from + 1;
    while (to < columns.length && Number(starts[columns[to] + 1]) - first <= BLOCK) to++;
    const end = Number(starts[columns[to - 1] + 1]);
    for (const name of ["data", "indices"] as const) {
      const block = source.read(`matrix/${name}`, [first, end]).data;
      for (let i = from; i < to; i++) {
        const column = columns[i];
        const part = block.subarray(
          Number(starts[column]) - first,
          Number(starts[column + 1]) - first,
        );
        (counts[name] as Uint8Array).set(part as Uint8Array, Number(indptr[i]));
      }
    }
    from = to;
  }
  return counts;
}

function checkStarts(source: Hdf5File, starts: NumericArray, count: number): void {
  const stored = source.info("matrix/data").shape?.[0] ?? 0;
  const cells = source.info("matrix/barcodes").shape?.[0] ?? 0;
  let isRising = starts.length === cells + 1 && Number(starts[0]) === 0 && count <= stored;
  for (let i = 1; i < starts.length; i++) isRising &&= starts[i] >= starts[i - 1];
  if (isRising && Number(starts[starts.length - 1]) === stored) return;
  throw new SthelarError("CorruptData", {
    action: `Cannot read the count matrix "${source.path}"`,
    found: `an indptr of ${starts.length} values that ends at ${starts[starts.length - 1]}`,
    expected: `${cells + 1} rising values from 0 to ${stored}`,
    remedy: "the file is damaged: download it again",
    path: source.path,
  });
}

function copyGroup(source: Hdf5File, file: Hdf5Writer, group: string): void {
  file.createGroup(group, source.attributes(group));
  for (const { name, kind } of source.children(group)) {
    const path = `${group}/${name}`;
    if (kind === "group") copyGroup(source, file, path);
    else if (source.info(path).dtype === "string") {
      file.writeStrings(path, source.readStrings(path), source.info(path).shape ?? []);
    } else file.write(path, source.read(path));
  }
}

function numberType(source: Hdf5File, name: string): NumericDType {
  const { dtype } = source.info(name);
  if (dtype !== "string" && dtype !== "records" && dtype !== "bool") return dtype;
  throw new SthelarError("CorruptData", {
    action: `Cannot read the count matrix "${source.path}"`,
    found: `"${name}" of ${dtype}`,
    expected: "numbers",
    path: source.path,
  });
}

function otherCells(path: string, found: string, ids: readonly string[]): SthelarError {
  return new SthelarError("IdMismatch", {
    action: `Cannot crop the count matrix "${path}"`,
    found,
    expected: `the ${ids.length} kept cells in the order of the table of cells`,
    remedy: "the files come from different runs: take all of them from one",
    path,
  });
}
