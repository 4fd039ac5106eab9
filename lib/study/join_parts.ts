import { openDuckDb, parquetTable, quoteIdentifier, quoteText } from "@/formats/parquet/mod.ts";
import type { StudyContext } from "./study_step.ts";

/** A file made of parts. */
export interface JoinedFile {
  /** Where it goes. */
  readonly path: string;
  /** How it is written (default parquet). */
  readonly format?: "parquet" | "csv";
  /** Its columns, in order (default all). */
  readonly columns?: readonly string[];
}

/** Writes parquet files of the same columns as one, without holding them in memory. */
export async function joinParts(
  parts: readonly string[],
  { path, format = "parquet", columns }: JoinedFile,
  { files: { disk }, limits, signal, scratch }: StudyContext,
): Promise<void> {
  using db = await openDuckDb({
    memoryBytes: Math.min(2e9, limits.memoryBytes / 2),
    threads: limits.threads,
    tempFolder: scratch,
    signal,
  });
  const shown = columns?.map(quoteIdentifier).join(", ") ?? "*";
  const query = `select ${shown} from ${parquetTable(parts)}`;
  await disk.makeDirectory(path.slice(0, path.lastIndexOf("/")));
  await disk.writeNative(
    path,
    (local) =>
      format === "csv"
        ? db.run(`copy (${query}) to ${quoteText(local)} (format csv, header)`)
        : db.copyToParquet(query, local),
  );
}
