import type { Disk } from "@/core/disk.ts";
import { type Columns, readParquetColumns } from "@/formats/parquet/mod.ts";
import { openGroup, type ZarrGroup } from "@/formats/zarr/mod.ts";
import { openZip, zipDisk } from "@/formats/zip/mod.ts";
import type { BundlePreset } from "@/simulate/presets.ts";
import { parseCsvTable } from "./parse_csv_table.ts";
import { readStoredMatrices, type StoredMatrix } from "./stored_matrix.ts";

/** The parts of a bundle that are compared with one another. */
export interface BundleParts {
  readonly disk: Disk;
  readonly folder: string;
  readonly preset: BundlePreset;
  readonly manifest: Readonly<Record<string, unknown>>;
  readonly cells: Columns;
  readonly transcripts: Columns;
  readonly nucleusRings: Columns;
  readonly cellRings: Columns;
  /** The count matrix, once a format. */
  readonly matrices: readonly StoredMatrix[];
  /** `cells.zarr.zip`. */
  readonly zarr: ZarrGroup;
  /** Tables whose parquet and csv differ. */
  readonly contradictions: readonly string[];
}

/** Reads all of a small bundle. */
export async function openBundleParts(
  disk: Disk,
  folder: string,
  preset: BundlePreset,
): Promise<BundleParts> {
  const contradictions: string[] = [];
  const table = (name: string) => readTable(disk, folder, name, contradictions);
  const text = new TextDecoder().decode(await disk.read(`${folder}/experiment.xenium`));
  return {
    disk,
    folder,
    preset,
    manifest: JSON.parse(text),
    cells: await table("cells"),
    transcripts: await table("transcripts"),
    nucleusRings: await table("nucleus_boundaries"),
    cellRings: await table("cell_boundaries"),
    matrices: await readStoredMatrices(disk, folder, preset),
    zarr: await openGroup(zipDisk(await openZip(disk, `${folder}/cells.zarr.zip`)), "/"),
    contradictions,
  };
}

/** Values of a column of names, whichever way they are stored. */
export function namesIn(columns: Columns, name: string): string[] {
  const column = columns.column(name);
  if (column.kind === "text") return column.values.map((value) => value ?? "");
  if (column.kind === "bytes") return column.values.map((value) => new TextDecoder().decode(value));
  return Array.from(columns.numbers(name) as ArrayLike<number>, String);
}

async function readTable(
  disk: Disk,
  folder: string,
  name: string,
  contradictions: string[],
): Promise<Columns> {
  const path = `${folder}/${name}.parquet`, csvPath = `${folder}/${name}.csv.gz`;
  const csv = await disk.read(csvPath);
  if (await disk.stat(path) === undefined) return parseCsvTable(csvPath, csv ?? new Uint8Array());
  const parquet = await readParquetColumns(disk, path);
  if (csv !== undefined) {
    const different = differingColumns(parquet, parseCsvTable(csvPath, csv));
    if (different.length > 0) contradictions.push(`${name}: csv and parquet differ: ${different}`);
  }
  return parquet;
}

function differingColumns(parquet: Columns, csv: Columns): string[] {
  if (String(parquet.names) !== String(csv.names)) return ["names"];
  if (parquet.rowCount !== csv.rowCount) return ["rows"];
  return parquet.names.filter((name) => {
    if (parquet.column(name).kind !== "numbers") {
      const texts = namesIn(csv, name);
      return namesIn(parquet, name).some((text, i) => text !== texts[i]);
    }
    const values = parquet.numbers(name), written = csv.numbers(name);
    const round = values instanceof Float32Array ? Math.fround : (value: number) => value;
    for (let i = 0; i < values.length; i++) {
      if (!Object.is(Number(values[i]) + 0, round(Number(written[i])) + 0)) return true;
    }
    return false;
  });
}
