import type { Disk } from "@/core/disk.ts";
import { SthelarError } from "@/core/errors.ts";
import { type Column, readParquetColumns, writeParquet } from "@/formats/parquet/mod.ts";

/** Pixels under each nucleus by predicted class: a row a nucleus that is in a patch. */
export interface NucleusClasses {
  /** Ids of their cells. */
  readonly cellIds: readonly string[];
  /** Names of the classes, background first. */
  readonly classes: readonly string[];
  /** Pixels, summed over the patches that a nucleus is in, (cells, classes). */
  readonly pixels: Uint32Array;
}

/** Writes `nucleus_classes_<slide>.parquet`: `cell_id`, and a column of int64 for each class. */
export async function writeNucleusClasses(
  disk: Disk,
  path: string,
  { cellIds, classes, pixels }: NucleusClasses,
): Promise<void> {
  const column = (k: number): Column => ({
    kind: "numbers",
    values: BigInt64Array.from(cellIds, (_, i) => BigInt(pixels[i * classes.length + k])),
  });
  await writeParquet(
    disk,
    path,
    new Map<string, Column>([
      ["cell_id", { kind: "text", values: cellIds }],
      ...classes.map((name, k): [string, Column] => [name, column(k)]),
    ]),
  );
}

/**
 * Reads `nucleus_classes_<slide>.parquet`.
 *
 * @param classes Names of the columns to be read.
 * @throws {SthelarError} `NotFound`, or `CorruptData` also for what is no number of pixels.
 */
export async function readNucleusClasses(
  disk: Disk,
  path: string,
  classes: readonly string[],
): Promise<NucleusClasses> {
  const columns = await readParquetColumns(disk, path, ["cell_id", ...classes]);
  const cellIds = columns.text("cell_id");
  const pixels = new Uint32Array(cellIds.length * classes.length);
  classes.forEach((name, k) => {
    columns.numbers(name).forEach((value, i) => {
      const count = Number(value);
      if (!(count >= 0 && count < 2 ** 32)) throw corrupt(path, name, `${value} pixels`);
      pixels[i * classes.length + k] = count;
    });
  });
  const unnamed = cellIds.indexOf(undefined);
  if (unnamed >= 0) throw corrupt(path, "cell_id", `none in row ${unnamed}`);
  return { cellIds: cellIds as readonly string[], classes, pixels };
}

function corrupt(path: string, name: string, found: string): SthelarError {
  const action = `Cannot read the column "${name}" of "${path}"`;
  return new SthelarError("CorruptData", { action, found, path });
}
