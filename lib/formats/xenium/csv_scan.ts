import type { Disk } from "@/core/disk.ts";
import { SthelarError } from "@/core/errors.ts";
import { decompressed, decompressedHead } from "./decompressed.ts";

/** What one pass over a csv file finds. */
export interface CsvFacts {
  /** Whether the file is compressed. */
  readonly isGzip: boolean;
  /** Names of the columns; `""` for that of the row names which R writes. */
  readonly names: readonly string[];
  /** Rows below the header; empty lines don't count. */
  readonly rowCount: number;
  /** Whether the column `cell_id` holds whole numbers and nothing else. */
  readonly hasIntegerIds: boolean;
}

const NEWLINE = 10, RETURN = 13, QUOTE = 34, COMMA = 44, MINUS = 45, ZERO = 48, NINE = 57;
/** Texts that stand for a missing value. */
export const CSV_MISSING = ["", "NA"] as const;
/** A longer line is no row of a table. */
const MAX_LINE = 1 << 20;

/**
 * Reads a csv file once from end to end: counts its rows, finds out whether cell ids are numbers, and
 * verifies that a compressed file is whole (DuckDB reads one that was cut short without a word). About
 * 0.6 µs a row of transcripts (25 s for 40 million), in a few megabytes of memory.
 *
 * @throws {SthelarError} `NotFound` if there is no file, `CorruptData` if it is empty, cut short or
 *   damaged.
 */
export async function scanCsv(disk: Disk, path: string): Promise<CsvFacts> {
  const { bytes, isGzip } = await decompressedHead(disk, path);
  const names = headerNames(bytes, path);
  const scanner = new RowScanner(path, names.indexOf("cell_id"));
  for await (const chunk of decompressed(disk, path)) scanner.add(chunk);
  return { isGzip, names, ...scanner.finish() };
}

/** Rows of a csv file, by its first megabyte: exact if it has no more. */
export async function estimateCsvRows(disk: Disk, path: string): Promise<number> {
  const { bytes, readBytes, fileBytes } = await decompressedHead(disk, path);
  headerNames(bytes, path);
  const scanner = new RowScanner(path, -1);
  scanner.add(bytes);
  const { rowCount } = scanner.finish();
  return Math.round(rowCount * (fileBytes / readBytes));
}

/** The names in the first line. */
function headerNames(bytes: Uint8Array, path: string): string[] {
  const end = bytes.indexOf(NEWLINE);
  const line = new TextDecoder().decode(end < 0 ? bytes : bytes.subarray(0, end)).trimEnd();
  // Bytes that are no UTF-8 decode to U+FFFD.
  const isText = !/[\0\ufffd]/.test(line);
  if (line === "" || !isText) {
    throw new SthelarError("CorruptData", {
      action: `Cannot read "${path}"`,
      found: !isText
        ? "a first line that is no text"
        : bytes.length === 0
        ? "an empty file"
        : "an empty first line",
      expected: "a csv file whose first line names the columns",
      remedy: "the file is cut short or damaged: copy or download it again",
      path,
    });
  }
  const fields = line.match(/"(?:[^"]|"")*"|[^,]+|(?<=^|,)(?=,|$)/g) ?? [];
  return fields.map((field) =>
    field.startsWith('"') ? field.slice(1, -1).replaceAll('""', '"') : field.trim()
  );
}

/** Counts rows and looks at one field of each, over blocks of bytes. */
class RowScanner {
  readonly #path: string;
  readonly #idField: number;
  #rest: Uint8Array = new Uint8Array();
  #lines = 0;
  #ids = 0;
  #onlyIntegers: boolean;

  /**
   * @param path The file, for messages.
   * @param idField Position of the ids, -1 without.
   */
  constructor(path: string, idField: number) {
    this.#path = path;
    this.#idField = idField;
    this.#onlyIntegers = idField >= 0;
  }

  add(chunk: Uint8Array): void {
    let from = 0;
    let end = chunk.indexOf(NEWLINE);
    if (end >= 0 && this.#rest.length > 0) {
      this.#line(joined(this.#rest, chunk.subarray(0, end)), 0, this.#rest.length + end);
      this.#rest = new Uint8Array();
      from = end + 1;
      end = chunk.indexOf(NEWLINE, from);
    }
    for (; end >= 0; end = chunk.indexOf(NEWLINE, from)) {
      this.#line(chunk, from, end);
      from = end + 1;
    }
    if (from === chunk.length) return;
    this.#rest = joined(this.#rest, chunk.subarray(from));
    if (this.#rest.length <= MAX_LINE) return;
    throw new SthelarError("CorruptData", {
      action: `Cannot read "${this.#path}"`,
      found: `a line of more than ${MAX_LINE} bytes`,
      expected: "the rows of a table",
      remedy: "the file is damaged: copy or download it again",
      path: this.#path,
    });
  }

  finish(): Pick<CsvFacts, "rowCount" | "hasIntegerIds"> {
    this.#line(this.#rest, 0, this.#rest.length);
    return {
      rowCount: Math.max(0, this.#lines - 1),
      hasIntegerIds: this.#onlyIntegers && this.#ids > 0,
    };
  }

  #line(bytes: Uint8Array, from: number, end: number): void {
    const stop = end > from && bytes[end - 1] === RETURN ? end - 1 : end;
    if (stop === from) return;
    this.#lines++;
    if (this.#onlyIntegers && this.#lines > 1) this.#lookAtId(bytes, from, stop);
  }

  #lookAtId(bytes: Uint8Array, from: number, stop: number): void {
    let at = from;
    let isQuoted = false;
    for (let field = 0; field < this.#idField && at < stop; at++) {
      if (bytes[at] === QUOTE) isQuoted = !isQuoted;
      else if (bytes[at] === COMMA && !isQuoted) field++;
    }
    let end = at;
    while (end < stop && bytes[end] !== COMMA) end++;
    if (end - at >= 2 && bytes[at] === QUOTE && bytes[end - 1] === QUOTE) {
      at++;
      end--;
    }
    if (isMissing(bytes, at, end)) return;
    this.#ids++;
    if (bytes[at] === MINUS) at++;
    let isInteger = end > at;
    for (; at < end; at++) isInteger &&= bytes[at] >= ZERO && bytes[at] <= NINE;
    this.#onlyIntegers = isInteger;
  }
}

function isMissing(bytes: Uint8Array, at: number, end: number): boolean {
  return CSV_MISSING.some((text) =>
    text.length === end - at && [...text].every((c, i) => bytes[at + i] === c.charCodeAt(0))
  );
}

function joined(a: Uint8Array, b: Uint8Array): Uint8Array {
  const both = new Uint8Array(a.length + b.length);
  both.set(a);
  both.set(b, a.length);
  return both;
}
