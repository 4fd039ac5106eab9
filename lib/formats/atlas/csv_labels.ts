import { type Categorical } from "@/core/categorical.ts";
import type { Disk } from "@/core/disk.ts";
import { SthelarError } from "@/core/errors.ts";
import { didYouMean } from "@/core/nearest.ts";
import { decompressedText } from "@/formats/xenium/decompressed.ts";
import { labelsOf } from "./labels.ts";

/** A field in quotes, or one without. */
const FIELD = /("(?:[^"]|"")*"|[^",\n\r]*)(,|\r?\n|$)/y;

/** A csv table of cells: a name in the first column, then what is known of each. */
export interface CellsTable {
  /** Names of the cells. */
  readonly names: readonly string[];
  /** Names of the columns. */
  readonly columns: readonly string[];
  /** A column as categories. */
  column(name: string): Categorical;
}

/**
 * Reads a csv file of cells.
 *
 * @throws {SthelarError} `NotFound`, or `CorruptData` naming the line that differs.
 */
export async function readCellsTable(disk: Disk, path: string): Promise<CellsTable> {
  const [header = [], ...rows] = parseCsv(await decompressedText(disk, path), path);
  const short = rows.findIndex((row) => row.length !== header.length);
  if (short >= 0) {
    throw corruptCsv(path, `${rows[short].length} fields in line ${short + 2}`, `${header.length}`);
  }
  return {
    names: rows.map(([name]) => name),
    columns: header.slice(1),
    column(name) {
      const at = header.indexOf(name, 1);
      if (at >= 0) return labelsOf(rows.map((row) => row[at]))!;
      throw new SthelarError("NotFound", {
        action: `Cannot read the column "${name}" of "${path}"`,
        found: "no such column",
        remedy: didYouMean(name, header.slice(1)),
        path,
      });
    },
  };
}

/**
 * Splits csv text into rows of fields.
 *
 * @throws {SthelarError} `CorruptData` for quotes that do not end.
 */
export function parseCsv(text: string, path: string): string[][] {
  const rows: string[][] = [];
  let row: string[] = [];
  for (let at = 0; at < text.length;) {
    FIELD.lastIndex = at;
    const match = FIELD.exec(text);
    if (match === null) {
      throw corruptCsv(path, `bad quotes in line ${rows.length + 1}`, "fields between commas");
    }
    const [whole, field, end] = match;
    row.push(field.startsWith('"') ? field.slice(1, -1).replaceAll('""', '"') : field);
    at += whole.length;
    if (end === "," && at < text.length) continue;
    if (end === ",") row.push("");
    if (row.length > 1 || row[0] !== "") rows.push(row);
    row = [];
  }
  return rows;
}

function corruptCsv(path: string, found: string, expected: string): SthelarError {
  return new SthelarError("CorruptData", {
    action: `Cannot read the table of cells "${path}"`,
    found,
    expected,
    path,
  });
}
