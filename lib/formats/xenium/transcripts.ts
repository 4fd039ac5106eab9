import type { NumericArray } from "@/core/arrays.ts";
import { byCodeUnit } from "@/core/categorical.ts";
import { SthelarError } from "@/core/errors.ts";
import { type DuckDb, quoteIdentifier } from "../parquet/mod.ts";
import { FeatureCodes } from "./feature_codes.ts";
import { cellIdSql } from "./id_suffix.ts";
import { readAhead } from "./read_ahead.ts";
import { readZarrCellIds } from "./cells_zarr.ts";
import {
  columnOf,
  isTable,
  openTable,
  type TableSchema,
  type TextKind,
  textKindOf,
  textSql,
} from "./table_schema.ts";
import type { XeniumBundle } from "./xenium_bundle.ts";

/** Published names of the columns that the instrument names otherwise. */
const PUBLISHED = new Map([
  ["x_location", "x"],
  ["y_location", "y"],
  ["z_location", "z"],
]);

/** A column of the transcripts under its published name. */
export interface TranscriptColumn {
  /** Name in the published points: `x`, `y`, `z`, `feature_name`, `cell_id`, …. */
  readonly name: string;
  /** SQL expression of the value; texts come as text however they are stored. */
  readonly sql: string;
}

/** Numbers of some transcripts, by column. */
export interface TranscriptBatch<C extends string = string> {
  /** How many. */
  readonly rowCount: number;
  /** Numbers keep the type of the file (`x`, `y`: float32), `feature_code` is int32. */
  readonly columns: { readonly [K in C]: ColumnArray<K> };
}

/** Type of a streamed column. */
export type ColumnArray<C extends string> = C extends "feature_code" ? Int32Array
  : C extends "x" | "y" | "z" ? Float32Array | Float64Array
  : NumericArray;

/** What is streamed of the transcripts. */
export interface TranscriptQuery<C extends string = string> {
  /** Published names of columns of numbers, and `feature_code`: the position in `features()`. */
  readonly columns: readonly C[];
  /** Leaves out transcripts of lower quality (Phred scale); by default none is left out. */
  readonly minQv?: number;
}

/**
 * The transcripts of a bundle, ready to be queried.
 *
 * A parquet file is read by column. A csv file is read from end to end once when it is opened and once
 * by each query, in bounded memory: about 1 µs a row and thread.
 *
 * | column | analysis |
 * |---|---|
 * | `fov_name`, `nucleus_distance` | late 1.x on |
 * | `codeword_index` | 2.x on |
 * | `codeword_category`, `is_gene` | 3.0 on |
 */
export class Transcripts {
  #features: Promise<readonly string[]> | undefined;

  /**
   * @param table The file's schema.
   * @param db The DuckDB instance to read with.
   * @param zeroIsCell Whether the integer id 0 is a cell's.
   * @param cellIdSql SQL for the cell id as text, if the table has one.
   */
  constructor(
    readonly table: TableSchema,
    readonly db: DuckDb,
    readonly zeroIsCell: boolean,
    readonly cellIdSql: string | undefined,
  ) {}

  /** Absolute path of the file. */
  get path(): string {
    return this.table.path;
  }

  /** How many transcripts there are, of any quality. */
  get rowCount(): number {
    return this.table.rowCount;
  }

  /** How cell ids are stored. */
  get cellIdKind(): TextKind {
    return textKindOf(this.table, "cell_id");
  }

  /** How feature names are stored. */
  get featureNameKind(): TextKind {
    return textKindOf(this.table, "feature_name");
  }

  /** Each column of the file under its published name, x, y and z first. */
  get columns(): readonly TranscriptColumn[] {
    const names = [...this.table.columns.keys()];
    const position = (name: string) => [...PUBLISHED.keys()].indexOf(name) >>> 0;
    return names.toSorted((a, b) => position(a) - position(b)).map((name) => {
      const { kind } = columnOf(this.table, name);
      const isText = kind === "text" || kind === "bytes";
      const id = name === "cell_id" ? this.cellIdSql : undefined;
      const sql = id ?? (isText ? textSql(this.table, name) : quoteIdentifier(name));
      return { name: PUBLISHED.get(name) ?? name, sql };
    });
  }

  /**
   * A query of all transcripts under published names, in the order of the file.
   *
   * @param minQv Leaves out transcripts of lower quality.
   */
  selectSql(minQv?: number): string {
    const columns = this.columns.map(({ name, sql }) => `${sql} as ${quoteIdentifier(name)}`);
    return `select ${columns.join(", ")} from ${this.table.sql}${this.#where(minQv)}`;
  }

  /** SQL condition: the transcript belongs to a cell. */
  get assignedSql(): string {
    columnOf(this.table, "cell_id");
    if (this.cellIdKind === "integer") {
      return `cell_id is not null and cell_id not in (${this.zeroIsCell ? "-1" : "-1, 0"})`;
    }
    const id = textSql(this.table, "cell_id");
    return `cell_id is not null and ${id} not in ('UNASSIGNED', '-1', '0', '')`;
  }

  /** Distinct names of features (genes and controls), sorted by code unit. */
  features(): Promise<readonly string[]> {
    return this.#features ??= this.#readFeatures();
  }

  /**
   * Streams numbers of the transcripts in batches, in no promised order; no text is made. The next
   * batch is read while the caller works on one.
   *
   * @throws {SthelarError} `InvalidArgument` for a column that holds no numbers or a quality that is
   *   none, `NotFound` for a column that is not there, `CorruptData` for a damaged file or a missing
   *   value.
   *
   * @example
   * ```ts
   * import { assertEquals } from "@std/assert";
   * import { localDisk } from "@/formats/disk/mod.ts";
   * import { openDuckDb } from "@/formats/parquet/mod.ts";
   * import { openTranscripts, openXeniumBundle } from "@/formats/xenium/mod.ts";
   *
   * const folder = await Deno.makeTempDir();
   * using db = await openDuckDb({ memoryBytes: 256e6, threads: 1 });
   * await db.copyToParquet(
   *   `select * from (values ('CD3E', 1::float, 2::float, 40), ('ACTB', 3::float, 4::float, 7))
   *    rows(feature_name, x_location, y_location, qv)`,
   *   `${folder}/transcripts.parquet`,
   * );
   * const transcripts = await openTranscripts(await openXeniumBundle(folder, localDisk), db);
   * assertEquals(await transcripts.features(), ["ACTB", "CD3E"]);
   * for await (const { columns } of transcripts.stream({ columns: ["x", "feature_code"], minQv: 20 })) {
   *   assertEquals(columns, { x: Float32Array.of(1), feature_code: Int32Array.of(1) });
   * }
   * await Deno.remove(folder, { recursive: true });
   * ```
   */
  async *stream<const C extends string>(
    { columns, minQv }: TranscriptQuery<C>,
  ): AsyncGenerator<TranscriptBatch<C>> {
    const codes = columns.some((name) => name === "feature_code")
      ? await FeatureCodes.open(this.db, await this.features())
      : undefined;
    const selected = columns.map((name) => {
      const sql = name === "feature_code"
        ? codes?.hashSql(this.#featureName)
        : this.#numberSql(name);
      return `${sql} as ${quoteIdentifier(name)}`;
    });
    const sql = `select ${selected.join(", ")} from ${this.table.sql}${this.#where(minQv)}`;
    for await (const block of readAhead(this.db.stream(sql))) {
      const numbers = columns.map((name) => {
        const values = block.numbers(name);
        const isCode = name === "feature_code" && codes !== undefined;
        return [
          name,
          isCode ? codes.decodeInPlace(values as Uint32Array, this.path) : values,
        ] as const;
      });
      yield {
        rowCount: block.rowCount,
        columns: Object.fromEntries(numbers) as TranscriptBatch<C>["columns"],
      };
    }
  }

  get #featureName(): string {
    return textSql(this.table, "feature_name");
  }

  async #readFeatures(): Promise<readonly string[]> {
    const result = await this.db.query(
      `select distinct ${this.#featureName} as name from ${this.table.sql} where feature_name is not null`,
      { text: ["name"] },
    );
    const names = result.rowCount === 0 ? [] : result.text("name") as string[];
    if (names.every((name) => !name.includes("\0"))) return names.toSorted(byCodeUnit);
    throw new SthelarError("CorruptData", {
      action: `Cannot read the features of "${this.path}"`,
      found: "a name with a NUL character",
      expected: "names of genes and controls",
      path: this.path,
    });
  }

  #numberSql(name: string): string {
    const stored = [...PUBLISHED].find(([, published]) => published === name)?.[0] ?? name;
    const { kind } = columnOf(this.table, stored);
    if (kind === "numbers") return quoteIdentifier(stored);
    if (kind === "booleans") return `${quoteIdentifier(stored)}::utinyint`;
    throw new SthelarError("InvalidArgument", {
      action: `Cannot stream column "${name}" of "${this.path}" as numbers`,
      found: kind,
      remedy: "use feature_code for names, selectSql() for a query of everything",
      path: this.path,
    });
  }

  #where(minQv: number | undefined): string {
    if (minQv === undefined) return "";
    columnOf(this.table, "qv");
    if (Number.isFinite(minQv)) return ` where qv >= ${minQv}`;
    throw new SthelarError("InvalidArgument", {
      action: "Cannot filter transcripts by quality",
      found: String(minQv),
      expected: "a Phred score, as in 20",
    });
  }
}

/**
 * Finds out what the transcripts of a bundle hold; of a parquet file no more is read than the first
 * cell ids.
 *
 * @throws {SthelarError} `NotFound` for the file or a column without which it is of no use,
 *   `CorruptData` for a damaged file.
 */
export async function openTranscripts(bundle: XeniumBundle, db: DuckDb): Promise<Transcripts> {
  const table = await openTable(bundle, "transcripts", [
    "x_location",
    "y_location",
    "feature_name",
  ]);
  if (!table.columns.has("cell_id")) return new Transcripts(table, db, false, undefined);
  const integers = textKindOf(table, "cell_id") === "integer";
  const cellId = await cellIdSql(bundle, db, "transcripts", table);
  return new Transcripts(table, db, integers && await hasCellZero(bundle, db), cellId);
}

async function hasCellZero(bundle: XeniumBundle, db: DuckDb): Promise<boolean> {
  if (!bundle.files.has("cells")) return false;
  if (!isTable(bundle, "cells")) return (await readZarrCellIds(bundle)).includes("0");
  const cells = await openTable(bundle, "cells", ["cell_id"]);
  const sql = `select count(*)::integer as n from ${cells.sql} where ${
    textSql(cells, "cell_id")
  } = '0'`;
  return (await db.query(sql)).numbers("n")[0] === 1;
}
