import type { Disk } from "@/core/disk.ts";
import { encodeCellId } from "@/core/ids.ts";
import { openHdf5 } from "@/formats/hdf5/mod.ts";
import { openGroup, type ZarrGroup } from "@/formats/zarr/mod.ts";
import { openZip, zipDisk } from "@/formats/zip/mod.ts";
import { gunzipSync } from "node:zlib";
import type { BundlePreset } from "@/simulate/presets.ts";
import type { MatrixFormat } from "@/simulate/slide_plan.ts";
import { MATRIX_FILES } from "@/simulate/write_matrix.ts";
import { ZARR_FEATURE_TYPES } from "@/simulate/write_matrix_zarr.ts";

/** A count matrix as one file holds it. */
export interface StoredMatrix {
  readonly format: MatrixFormat;
  readonly barcodes: readonly string[];
  readonly names: readonly string[];
  readonly types: readonly string[];
  /** Counts of each cell by feature. */
  readonly cells: readonly ReadonlyMap<number, number>[];
  /** What stored values of proteins were multiplied with, if the file says so. */
  readonly scalingFactor: number | undefined;
  /** What is wrong within the file. */
  readonly faults: readonly string[];
}

/** Reads the count matrix in each format that is there. */
export async function readStoredMatrices(
  disk: Disk,
  folder: string,
  preset: BundlePreset,
): Promise<StoredMatrix[]> {
  const found: StoredMatrix[] = [];
  const path = (format: MatrixFormat) => `${folder}/${MATRIX_FILES[format]}`;
  const has = async (format: MatrixFormat) => await disk.stat(path(format)) !== undefined;
  if (await has("h5")) found.push(await readH5(path("h5")));
  if (await has("mex")) found.push(await readMex(disk, path("mex")));
  if (await has("zarr")) found.push(await readZarr(disk, path("zarr"), preset));
  return found;
}

async function readH5(path: string): Promise<StoredMatrix> {
  using file = await openHdf5(path);
  const texts = (name: string) => file.readStrings(`matrix/${name}`);
  const numbers = (name: string) => Array.from(file.read(`matrix/${name}`).data, Number);
  const factor = file.attributes()["protein_scaling_factor"];
  return {
    format: "h5",
    barcodes: texts("barcodes"),
    names: texts("features/name"),
    types: texts("features/feature_type"),
    cells: compressedCells(numbers("data"), numbers("indices"), numbers("indptr")),
    scalingFactor: factor === undefined ? undefined : Number(factor),
    faults: [],
  };
}

async function readMex(disk: Disk, folder: string): Promise<StoredMatrix> {
  const lines = async (name: string) => {
    const bytes = await disk.read(`${folder}/${name}.gz`);
    return new TextDecoder().decode(gunzipSync(bytes!)).trimEnd().split("\n");
  };
  const features = (await lines("features.tsv")).map((line) => line.split("\t"));
  const barcodes = await lines("barcodes.tsv");
  const [size, ...entries] = (await lines("matrix.mtx"))
    .filter((line) => !line.startsWith("%"))
    .map((line) => line.split(" ").map(Number));
  const cells = barcodes.map(() => new Map<number, number>());
  for (const [feature, cell, count] of entries) cells[cell - 1].set(feature - 1, count);
  const expected = [features.length, barcodes.length, entries.length];
  return {
    format: "mex",
    barcodes,
    names: features.map(([, name]) => name),
    types: features.map(([, , type]) => type),
    cells,
    scalingFactor: undefined,
    faults: String(size) === String(expected) ? [] : [`mex: a size of ${size}, not ${expected}`],
  };
}

async function readZarr(disk: Disk, path: string, preset: BundlePreset): Promise<StoredMatrix> {
  const root = await openGroup(zipDisk(await openZip(disk, path)), "/");
  const group = await root.group("cell_features");
  const texts = (key: string) => group.attributes[key] as unknown as readonly string[];
  const ids = await zarrNumbers(group, "cell_id");
  const barcodes = preset.cellsZarr === "integer-id"
    ? ids.map(String)
    : Array.from({ length: ids.length / 2 }, (_, i) => encodeCellId(ids[2 * i], ids[2 * i + 1]));
  const cells = barcodes.map(() => new Map<number, number>());
  (await zarrCounts(group, "")).forEach((row, feature) =>
    row.forEach((count, cell) => cells[cell].set(feature, count))
  );
  const faults: string[] = [];
  if (await group.has("csc")) {
    const again = await zarrCounts(group, "csc/");
    if (!cells.every((cell, i) => sameCounts(cell, again[i]))) faults.push("zarr: csc differs");
  }
  const kinds = texts("feature_types");
  faults.push(...dropTotals(cells, kinds));
  const kept = kinds.filter((type) => type !== "aggregate_gene").length;
  const typeOf = new Map([...ZARR_FEATURE_TYPES].map(([type, name]) => [name, type]));
  typeOf.set("unassigned_codeword", preset.unassignedType);
  return {
    format: "zarr",
    barcodes,
    names: texts("feature_keys").slice(0, kept),
    types: kinds.slice(0, kept).map((type) => typeOf.get(type) ?? type),
    cells,
    scalingFactor: undefined,
    faults,
  };
}

async function zarrNumbers(group: ZarrGroup, name: string): Promise<number[]> {
  return Array.from((await (await group.array(name)).read()).data, Number);
}

async function zarrCounts(group: ZarrGroup, prefix: string): Promise<Map<number, number>[]> {
  const [data, indices, indptr] = await Promise.all(
    ["data", "indices", "indptr"].map((name) => zarrNumbers(group, prefix + name)),
  );
  return compressedCells(data, indices, indptr);
}

/** Takes the row of sums away after checking it; it is the last. */
function dropTotals(cells: readonly Map<number, number>[], kinds: readonly string[]): string[] {
  const row = kinds.indexOf("aggregate_gene");
  if (row < 0) return [];
  const isWrong = cells.some((cell) => {
    let sum = 0;
    cell.forEach((n, feature) => sum += kinds[feature] === "gene" ? n : 0);
    const total = cell.get(row) ?? 0;
    cell.delete(row);
    return total !== sum;
  });
  return isWrong || row !== kinds.length - 1 ? ["zarr: the row of sums is wrong"] : [];
}

/** Whether two cells have the same counts. */
export function sameCounts(
  a: ReadonlyMap<number, number>,
  b: ReadonlyMap<number, number> | undefined,
): boolean {
  return a.size === b?.size && [...a].every(([feature, count]) => b.get(feature) === count);
}

function compressedCells(
  data: readonly number[],
  indices: readonly number[],
  indptr: readonly number[],
): Map<number, number>[] {
  return Array.from(
    { length: indptr.length - 1 },
    (_, i) =>
      new Map(indices.slice(indptr[i], indptr[i + 1]).map((at, k) => [at, data[indptr[i] + k]])),
  );
}
