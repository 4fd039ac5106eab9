import { type ErrorTag, messageOf, SthelarError } from "@/core/errors.ts";

const QUOTED_FILE = /(?:file|files|pattern)[^'"]{0,60}['"]([^'"]+)['"]/i;

/** DuckDB has no error codes in its JavaScript API, so its messages are matched. */
const KINDS: readonly { readonly pattern: RegExp; readonly tag: ErrorTag }[] = [
  { pattern: /INTERRUPT|Interrupted/, tag: "Aborted" },
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

const REMEDIES: Partial<Record<ErrorTag, string>> = {
  NotFound: "check the path",
  CorruptData: "the file is cut short or damaged: copy or download it again",
  OverBudget: "give DuckDB more memory, or a temporary folder to spill to",
  DiskFailure: "check that the folder is yours to write and has space",
};

/** Translates what DuckDB threw. */
export function translateDuckDbError(thrown: unknown, sql: string): SthelarError {
  if (thrown instanceof SthelarError) return thrown;
  const message = messageOf(thrown).trim();
  const catalog = /^(?:Catalog|Binder|Parser) Error/.test(message);
  const tag = catalog ? "InvalidArgument" : tagOf(message);
  const path = QUOTED_FILE.exec(message)?.[1] ??
    /'([^']+\.parquet)'/.exec(`${message} ${sql}`)?.[1];
  const remedy = REMEDIES[tag];
  return new SthelarError(tag, {
    action: path === undefined ? `Cannot run the query "${head(sql)}"` : `Cannot query "${path}"`,
    found: head(message, 400),
    ...(remedy === undefined ? {} : { remedy }),
    ...(path === undefined ? {} : { path }),
    cause: thrown,
  });
}

function tagOf(message: string): ErrorTag {
  return KINDS.find(({ pattern }) => pattern.test(message))?.tag ?? "InvalidArgument";
}

function head(text: string, length = 160): string {
  const line = text.replaceAll(/\s+/g, " ");
  return line.length <= length ? line : `${line.slice(0, length)}…`;
}
