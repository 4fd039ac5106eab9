import { type Column, Columns } from "@/formats/parquet/mod.ts";
import { gunzipSync } from "node:zlib";

const FIELD = /"(?:[^"]|"")*"|[^",]+/g;

/**
 * Reads a small csv.gz strictly as this simulator writes it: quoted texts, bare numbers, a name a
 * column.
 *
 * @throws {RangeError} For a line of another length, a bare text or a quoted name that is missing.
 */
export function parseCsvTable(path: string, bytes: Uint8Array): Columns {
  const lines = new TextDecoder().decode(gunzipSync(bytes)).split("\n");
  if (lines.pop() !== "") throw new RangeError(`Cannot read "${path}": found no end of line`);
  const rows = lines.map(fieldsOf);
  const [header, ...body] = rows;
  const bad = body.findIndex((row) => row.length !== header.length);
  if (bad >= 0) throw new RangeError(`Cannot read "${path}": found a bad line ${bad + 2}`);
  return new Columns(
    path,
    new Map(header.map((field, i): [string, Column] => [
      unquoted(path, field),
      columnOf(path, body.map((row) => row[i])),
    ])),
  );
}

/** Nothing for a line that is not made of such fields. */
function fieldsOf(line: string): string[] {
  const fields = Array.from(line.matchAll(FIELD), ([field]) => field);
  return fields.join(",") === line ? fields : [];
}

function unquoted(path: string, field: string): string {
  if (/^".*"$/s.test(field)) return field.slice(1, -1).replaceAll('""', '"');
  throw new RangeError(`Cannot read "${path}": found ${field}, expected quotes`);
}

function columnOf(path: string, fields: readonly string[]): Column {
  if (fields[0]?.startsWith('"')) {
    return { kind: "text", values: fields.map((field) => unquoted(path, field)) };
  }
  const bad = fields.find((field) => field !== "NaN" && !Number.isFinite(Number(field)));
  if (bad !== undefined) throw new RangeError(`Cannot read "${path}": found ${bad}, not a number`);
  return { kind: "numbers", values: Float64Array.from(fields, Number) };
}
