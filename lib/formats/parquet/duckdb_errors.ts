import { type ErrorTag, messageOf, SthelarError } from "@/core/errors.ts";

const CSV_FILE = /^\s*file ?= ?(.+)$/m;
const QUOTED_FILE = /(?:file|files|pattern)[^'"]{0,60}['"]([^'"]+)['"]/i;

/** DuckDB has no error codes in its JavaScript API, so its messages are matched. */
const KINDS: readonly { readonly pattern: RegExp; readonly tag: ErrorTag }[] = [
  { pattern: /INTERRUPT|Interrupted/, tag: "Aborted" },
  { pattern: /CSV Error on Line|not a GZIP stream/, tag: "CorruptData" },
  { pattern: /No files found|does not exist!|No such file or directory/, tag: "NotFound" },
  { pattern: /No space left|Failed to offload|Permission denied/i, tag: "DiskFailure" },
  { pattern: /Out of Memory|could not allocate/i, tag: "OverBudget" },
  {
    pattern: new RegExp(
      "magic bytes|not a parquet file|too small to be a [Pp]arquet|footer|TProtocol|thrift|" +
        "[Cc]orrupt|ZSTD|Snappy|snappy|[Dd]ecompress|ran out of data|Out of buffer|" +
        "Failed to read|Could not read enough bytes|mismatch in|Invalid string encoding|" +
        "[Uu]nexpected end|page header|Serialization Error|Don't know how to|inconsistent",
    ),
    tag: "CorruptData",
  },
];

/** What the readers of files throw beside: a query that reads no file does not meet these. */
const READER_ERROR = /^(?:Invalid|Invalid Input|IO|INTERNAL|FATAL|Conversion|Out of Range) Error/;
const READS_FILE = /\bread_(?:parquet|csv)\b/;

const REMEDIES: Partial<Record<ErrorTag, string>> = {
  NotFound: "check the path",
  CorruptData: "the file is cut short or damaged: copy or download it again",
  OverBudget: "give DuckDB more memory, or a temporary folder to spill to",
  DiskFailure: "check that the folder is yours to write and has space",
};

/** Whether an error has made DuckDB refuse all that comes after it. */
export function isFatalDuckDbError(thrown: unknown): boolean {
  return /^(?:INTERNAL|FATAL) Error/.test(messageOf(thrown));
}

/** Translates what DuckDB threw. */
export function translateDuckDbError(thrown: unknown, sql: string): SthelarError {
  if (thrown instanceof SthelarError) return thrown;
  const message = messageOf(thrown).trim();
  const catalog = /^(?:Catalog|Binder|Parser) Error/.test(message);
  const tag = catalog ? "InvalidArgument" : tagOf(message, sql);
  const path = CSV_FILE.exec(message)?.[1] ?? QUOTED_FILE.exec(message)?.[1] ??
    /'([^']+\.(?:parquet|csv(?:\.gz)?))'/.exec(`${message} ${sql}`)?.[1];
  const remedy = REMEDIES[tag];
  return new SthelarError(tag, {
    action: path === undefined ? `Cannot run the query "${head(sql)}"` : `Cannot query "${path}"`,
    found: csvFault(message) ?? head(message, 400),
    ...(remedy === undefined ? {} : { remedy }),
    ...(path === undefined ? {} : { path }),
    cause: thrown,
  });
}

/** What is wrong with a row of a csv file; DuckDB goes on about settings that are not the user's. */
function csvFault(message: string): string | undefined {
  const match = /CSV Error on Line: (\d+)\s+(?:Original Line: ?(.*)\s+)?(.+)/.exec(message);
  if (match === null) return undefined;
  const [, line, text = "", reason] = match;
  return `line ${line} ${JSON.stringify(head(text))}: ${head(reason)}`;
}

function tagOf(message: string, sql: string): ErrorTag {
  const known = KINDS.find(({ pattern }) => pattern.test(message))?.tag;
  if (known !== undefined) return known;
  return READER_ERROR.test(message) && READS_FILE.test(sql) ? "CorruptData" : "InvalidArgument";
}

function head(text: string, length = 160): string {
  const line = text.replaceAll(/\s+/g, " ");
  return line.length <= length ? line : `${line.slice(0, length)}…`;
}
