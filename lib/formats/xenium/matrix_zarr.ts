import type { Disk } from "@/core/disk.ts";
import type { ZarrArray, ZarrGroup } from "../zarr/mod.ts";
import { readIds } from "./cells_zarr.ts";
import type { MatrixFeatures, StoredMatrix } from "./count_matrix.ts";
import { corruptMatrix } from "./corrupt_matrix.ts";
import { openZippedStore } from "./zipped_store.ts";

/** Type names of the zarr file, as the other files write them. */
const TYPE_NAMES: Readonly<Record<string, string>> = {
  gene: "Gene Expression",
  protein: "Protein Expression",
};
/** Rows that are sums of others. */
const AGGREGATE = "aggregate_gene";
/** Stored counts that are read at once, unless a chunk holds more. */
const BLOCK = 1 << 20;

/** The rows of the file that are features, and what they are. */
interface FeatureRows {
  readonly rows: readonly number[];
  readonly features: MatrixFeatures;
  /** Rows of the file, sums included. */
  readonly storedCount: number;
}

/**
 * Reads `cell_feature_matrix.zarr.zip`, which is compressed by features. A counting sort over the
 * stored values turns it into one by cells: two passes over the indices, one over the values, memory
 * for the result and a block.
 */
export async function readZarrMatrix(disk: Disk, path: string): Promise<StoredMatrix> {
  const group = await (await openZippedStore(disk, path)).group("cell_features");
  const cellIds = await readIds(await group.array("cell_id"), path);
  const { rows, features, storedCount } = featureRows(group, path);
  const starts = await readStarts(group, storedCount, path);
  const { indices, data } = await openCounts(group, starts[storedCount], path);
  const columnOf = new Int32Array(storedCount).fill(-1);
  rows.forEach((row, column) => columnOf[row] = column);

  const indptr = new Int32Array(cellIds.length + 1);
  await forEachCount(indices, undefined, starts, columnOf, (_, cell) => {
    if (!(cell < cellIds.length)) {
      throw corruptMatrix(path, `cell ${cell}`, `cells below ${cellIds.length}`);
    }
    indptr[cell + 1]++;
  });
  for (let cell = 0; cell < cellIds.length; cell++) indptr[cell + 1] += indptr[cell];
  const next = indptr.slice(0, -1);
  const count = indptr[cellIds.length];
  const columns = new Int32Array(count), values = new Int32Array(count);
  await forEachCount(indices, data, starts, columnOf, (column, cell, value) => {
    if (value !== (value | 0)) throw corruptMatrix(path, `a count of ${value}`, "one below 2^31");
    columns[next[cell]] = column;
    values[next[cell]++] = value;
  });
  return {
    path,
    cellIds,
    features,
    matrix: {
      format: "csr",
      shape: [cellIds.length, rows.length],
      data: values,
      indices: columns,
      indptr,
    },
    proteinScalingFactor: undefined,
  };
}

/** Ids of the cells; the counts are not read. */
export async function readZarrBarcodes(disk: Disk, path: string): Promise<string[]> {
  const group = await (await openZippedStore(disk, path)).group("cell_features");
  return await readIds(await group.array("cell_id"), path);
}

/** The features; the counts are not read. */
export async function readZarrFeatures(disk: Disk, path: string): Promise<MatrixFeatures> {
  const group = await (await openZippedStore(disk, path)).group("cell_features");
  return featureRows(group, path).features;
}

function featureRows({ attributes }: ZarrGroup, path: string): FeatureRows {
  const list = (name: string): string[] => {
    const values = attributes[name];
    if (Array.isArray(values) && values.every((v) => typeof v === "string")) return values;
    throw corruptMatrix(path, `no list of texts "${name}"`, "one, with a text a feature");
  };
  const names = list("feature_keys"), ids = list("feature_ids"), types = list("feature_types");
  if (names.length !== ids.length || names.length !== types.length) {
    throw corruptMatrix(
      path,
      `${names.length} names, ${ids.length} ids and ${types.length} types of features`,
      "as many of each",
    );
  }
  const rows = names.map((_, row) => row).filter((row) => types[row] !== AGGREGATE);
  return {
    rows,
    storedCount: names.length,
    features: {
      ids: rows.map((row) => ids[row]),
      names: rows.map((row) => names[row]),
      types: rows.map((row) => typeName(types[row], names[row])),
      genomes: undefined,
    },
  };
}

/** `negative_control_probe` is "Negative Control Probe"; analysis 1.0 names unassigned codes blank. */
function typeName(type: string, name: string): string {
  if (type === "unassigned_codeword" && name.startsWith("BLANK_")) return "Blank Codeword";
  return TYPE_NAMES[type] ??
    type.split("_").map((word) => word.slice(0, 1).toUpperCase() + word.slice(1)).join(" ");
}

/** Start of each feature's counts, and the end of the last; some programs leave the end out. */
async function readStarts(group: ZarrGroup, rows: number, path: string): Promise<Float64Array> {
  const { data } = await (await group.array("indptr")).read();
  const [stored] = (await group.array("data")).shape;
  const starts = Float64Array.from(data as ArrayLike<number>, Number);
  const whole = starts.length === rows ? Float64Array.from([...starts, stored]) : starts;
  const isRising = whole.every((start, i) => i === 0 ? start === 0 : start >= whole[i - 1]);
  if (whole.length === rows + 1 && isRising) return whole;
  throw corruptMatrix(
    path,
    `an indptr of ${starts.length} values${isRising ? "" : " that falls"}`,
    `${rows + 1} rising values from 0`,
  );
}

/** The arrays of the counts and their cells, which have as many values as `indptr` says. */
async function openCounts(group: ZarrGroup, stored: number, path: string) {
  const indices = await group.array("indices"), data = await group.array("data");
  const sizes = [indices, data].map(({ shape }) => shape.join(" x "));
  if (sizes.every((size) => size === String(stored))) return { indices, data };
  throw corruptMatrix(path, `${sizes[0]} indices and ${sizes[1]} values`, `${stored} of each`);
}

async function forEachCount(
  indices: ZarrArray,
  data: ZarrArray | undefined,
  starts: Float64Array,
  columnOf: Int32Array,
  visit: (column: number, cell: number, value: number) => void,
): Promise<void> {
  const total = indices.shape[0];
  const chunk = indices.chunks[0];
  const step = chunk * Math.max(1, Math.floor(BLOCK / chunk));
  let row = 0;
  for (let from = 0; from < total; from += step) {
    const to = Math.min(total, from + step);
    const cells = (await indices.readRegion([[from, to]])).data;
    const values = (await data?.readRegion([[from, to]]))?.data;
    for (let k = from; k < to; k++) {
      while (k >= starts[row + 1]) row++;
      const column = columnOf[row];
      if (column >= 0) visit(column, Number(cells[k - from]), Number(values?.[k - from]));
    }
  }
}
