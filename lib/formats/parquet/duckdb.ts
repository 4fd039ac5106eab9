import { isSthelarError, SthelarError } from "@/core/errors.ts";
import { type Column, Columns } from "./columns.ts";
import { checkColumnTypes, CODED_TEXT, type DuckDbVector, toColumn } from "./duckdb_columns.ts";
import { isFatalDuckDbError, translateDuckDbError } from "./duckdb_errors.ts";
import { quoteIdentifier, quoteText } from "./sql.ts";

/** Statements that leave nothing in the instance. */
const STATELESS = /^\s*(?:copy|select|with)\b/i;

/** What a DuckDB instance may use. */
export interface DuckDbOptions {
  /** Bytes of memory for its buffers. */
  readonly memoryBytes: number;
  /** Threads. */
  readonly threads: number;
  /** Folder for what does not fit in memory; without one such a query fails. */
  readonly tempFolder?: string;
  /** Interrupts the running query when aborted. */
  readonly signal?: AbortSignal;
}

/** How the rows of a query are read. */
export interface QueryOptions {
  /** Columns of texts to materialise, one JavaScript string a row. Others are refused. */
  readonly text?: readonly string[];
}

/** How a query's rows are streamed. */
export interface StreamOptions extends QueryOptions {
  /**
   * Columns of texts to read as categories; the levels are those of the block, in the order in
   * which they appear. Costs little where many neighbours are equal.
   */
  readonly coded?: readonly string[];
}

/** How a parquet file is written from a query. */
export interface CopyOptions {
  /** Rows a row group. */
  readonly rowGroupSize?: number;
  /** Codec of the pages. */
  readonly compression?: "zstd" | "snappy" | "uncompressed";
  /** Key-value metadata of the file. */
  readonly keyValueMetadata?: Readonly<Record<string, string>>;
}

/**
 * An in-memory DuckDB instance, for SQL over parquet and csv files. A damaged file can end it: another
 * takes its place at the next query, unless tables or settings made with `run` went with it.
 */
export interface DuckDb {
  /**
   * Streams the rows of a query as blocks of columns (about 2,000 rows each).
   *
   * @throws {SthelarError} `NotFound`, `CorruptData` for its files, `InvalidArgument` for the query.
   */
  stream(sql: string, options?: StreamOptions): AsyncGenerator<Columns>;
  /** All rows of a query whose result is small. */
  query(sql: string, options?: QueryOptions): Promise<Columns>;
  /** Runs a statement whose result is not needed. */
  run(sql: string): Promise<void>;
  /** Writes the rows of a query as a parquet file at a path of the machine's own disk. */
  copyToParquet(sql: string, localPath: string, options?: CopyOptions): Promise<void>;
  /** Gives its memory back. */
  close(): void;
  /** The same as `close`, for `using`. */
  [Symbol.dispose](): void;
}

type Instance = Awaited<
  ReturnType<typeof import("@duckdb/node-api").DuckDBInstance.create>
>;
type Connection = Awaited<ReturnType<Instance["connect"]>>;

/**
 * Opens an in-memory DuckDB instance. It never reaches the network.
 *
 * @throws {SthelarError} `InvalidArgument` if DuckDB refuses an option.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { openDuckDb } from "@/formats/parquet/mod.ts";
 *
 * using db = await openDuckDb({ memoryBytes: 256e6, threads: 1 });
 * const result = await db.query("select range::int as n from range(3)");
 * assertEquals([...result.numbers("n")], [0, 1, 2]);
 * ```
 */
export async function openDuckDb(options: DuckDbOptions): Promise<DuckDb> {
  options.signal?.throwIfAborted();
  const { DuckDBInstance } = await import("@duckdb/node-api");
  const settings = {
    memory_limit: `${Math.floor(options.memoryBytes)}B`,
    threads: String(options.threads),
    temp_directory: options.tempFolder ?? "",
    autoinstall_known_extensions: "false",
    autoload_known_extensions: "false",
  };
  try {
    const create = () => DuckDBInstance.create(":memory:", settings);
    return new OpenDuckDb(await create(), create, options);
  } catch (error) {
    throw new SthelarError("InvalidArgument", {
      action: `Cannot open DuckDB with ${JSON.stringify(settings)}`,
      found: error instanceof Error ? error.message : String(error),
      cause: error,
    });
  }
}

class OpenDuckDb implements DuckDb {
  #closed = false;

  readonly signal: AbortSignal | undefined;
  /** DuckDB reads ahead this much, and its threads work while the caller does. */
  readonly #streamingBytes: number;

  #instance: Instance;
  readonly #create: () => Promise<Instance>;
  /** A damaged file can make DuckDB fail so that it refuses all later queries. */
  #fatal: SthelarError | undefined;
  #reopening: Promise<void> | undefined;
  /** Whether later queries may need what earlier statements made. */
  #hasState = false;

  constructor(
    instance: Instance,
    create: () => Promise<Instance>,
    { memoryBytes, signal }: DuckDbOptions,
  ) {
    this.#instance = instance;
    this.#create = create;
    this.signal = signal;
    this.#streamingBytes = Math.floor(Math.min(8e6, memoryBytes / 16));
  }

  async *stream(
    sql: string,
    { text = [], coded = [] }: StreamOptions = {},
  ): AsyncGenerator<Columns> {
    const connection = await this.#connect(sql);
    const stop = () => connection.interrupt();
    this.signal?.addEventListener("abort", stop, { once: true });
    try {
      await connection.run(`set streaming_buffer_size = '${this.#streamingBytes}B'`);
      const result = await connection.stream(sql);
      const types = new Map(
        result.columnNames().map((name, i) => [name, baseType(String(result.columnType(i)))]),
      );
      checkColumnTypes(types, new Set([...text, ...coded]));
      for (const name of coded) if (types.get(name) === "VARCHAR") types.set(name, CODED_TEXT);
      for (;;) {
        const chunk = await result.fetchChunk();
        if (chunk === null || chunk.rowCount === 0) return;
        yield toColumns(sql, types, (i) => chunk.getColumnVector(i) as unknown as DuckDbVector);
      }
    } catch (error) {
      throw this.#translate(error, sql);
    } finally {
      this.signal?.removeEventListener("abort", stop);
      connection.closeSync();
    }
  }

  async query(sql: string, { text = [] }: QueryOptions = {}): Promise<Columns> {
    const { concatColumns } = await import("./concat_columns.ts");
    const parts: Columns[] = [];
    for await (const part of this.stream(sql, { text })) parts.push(part);
    return concatColumns(sql, parts);
  }

  async run(sql: string): Promise<void> {
    const connection = await this.#connect(sql);
    this.#hasState ||= !STATELESS.test(sql);
    const stop = () => connection.interrupt();
    this.signal?.addEventListener("abort", stop, { once: true });
    try {
      await connection.run(sql);
    } catch (error) {
      throw this.#translate(error, sql);
    } finally {
      this.signal?.removeEventListener("abort", stop);
      connection.closeSync();
    }
  }

  async copyToParquet(sql: string, localPath: string, options: CopyOptions = {}): Promise<void> {
    const { rowGroupSize = 500_000, compression = "zstd", keyValueMetadata = {} } = options;
    const entries = Object.entries(keyValueMetadata)
      .map(([key, value]) => `${quoteIdentifier(key)}: ${quoteText(value)}`);
    const settings = [
      "format parquet",
      `compression ${compression}`,
      `row_group_size ${rowGroupSize}`,
      ...(entries.length === 0 ? [] : [`kv_metadata {${entries.join(", ")}}`]),
    ];
    await this.run(`copy (${sql}) to ${quoteText(localPath)} (${settings.join(", ")})`);
  }

  close(): void {
    if (!this.#closed) this.#instance.closeSync();
    this.#closed = true;
  }

  [Symbol.dispose](): void {
    this.close();
  }

  async #connect(sql: string): Promise<Connection> {
    if (this.signal?.aborted) throw this.#translate(this.signal.reason, sql);
    if (this.#closed) {
      throw new SthelarError("InvalidArgument", {
        action: `Cannot run the query "${sql.slice(0, 160)}"`,
        found: "a closed DuckDB instance",
      });
    }
    if (this.#fatal !== undefined) await (this.#reopening ??= this.#reopen(this.#fatal, sql));
    return await this.#instance.connect();
  }

  async #reopen(fatal: SthelarError, sql: string): Promise<void> {
    try {
      if (this.#hasState) throw lostState(fatal, sql);
      this.#instance.closeSync();
      this.#instance = await this.#create();
      this.#fatal = undefined;
    } finally {
      this.#reopening = undefined;
    }
  }

  #translate(error: unknown, sql: string): SthelarError {
    const translated = translateDuckDbError(error, sql);
    if (isFatalDuckDbError(error)) this.#fatal = translated;
    if (!this.signal?.aborted || isSthelarError(error)) return translated;
    return new SthelarError("Aborted", { action: `Stopped the query "${sql.slice(0, 160)}"` });
  }
}

function lostState({ path }: SthelarError, sql: string): SthelarError {
  return new SthelarError("CorruptData", {
    action: `Cannot run the query "${sql.slice(0, 160)}"`,
    found: `a DuckDB instance that ${path ? `"${path}"` : "a query"} ended, with its tables`,
    remedy: "the file is damaged: copy or download it again",
    ...(path === undefined ? {} : { path }),
  });
}

/** `DECIMAL(5,2)` and `ENUM('a', 'b')` lose their parentheses. */
function baseType(type: string): string {
  return type.startsWith("ENUM") ? "ENUM" : type;
}

function toColumns(
  source: string,
  types: ReadonlyMap<string, string>,
  vectorOf: (index: number) => DuckDbVector,
): Columns {
  const columns = new Map<string, Column>();
  let index = 0;
  for (const [name, type] of types) columns.set(name, toColumn(vectorOf(index++), type));
  return new Columns(source, columns);
}
