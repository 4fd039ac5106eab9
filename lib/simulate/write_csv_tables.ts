import type { Disk } from "@/core/disk.ts";
import {
  openDuckDb,
  type ParquetColumnType,
  parquetSchema,
  parquetTable,
  quoteIdentifier,
  quoteText,
} from "@/formats/parquet/mod.ts";
import type { SlidePlan } from "./slide_plan.ts";

const MEMORY_BYTES = 512e6;
/** A character that no name or number holds: a line of csv is one text without any quoting. */
const NO_DELIMITER = "\u0001";

/** The tables that a version writes as csv, without their ending. */
function csvTables({ preset }: SlidePlan): string[] {
  const tables = ["cells", "cell_boundaries", "nucleus_boundaries"];
  return preset.transcriptColumns === 13 ? tables : [...tables, "transcripts"];
}

/**
 * Writes `*.csv.gz` from the parquet tables of a bundle, as a stream: names and texts in double
 * quotes, numbers bare. The parquet tables go if only csv is asked for.
 *
 * @param folder The bundle on the machine's own disk.
 */
export async function writeCsvTables(disk: Disk, folder: string, plan: SlidePlan): Promise<void> {
  if (plan.tables === "parquet") return;
  using db = await openDuckDb({ memoryBytes: MEMORY_BYTES, threads: 1 });
  const settings = `format csv, compression gzip, header false, quote '', escape '', ` +
    `delimiter ${quoteText(NO_DELIMITER)}`;
  for (const name of csvTables(plan)) {
    const path = `${folder}/${name}.parquet`;
    const { columns } = await parquetSchema(disk, path);
    const header = columns.map((column) => `"${column.name}"`).join(",");
    const line = columns.map(fieldSql).join(` || ',' || `);
    await disk.writeNative(
      `${folder}/${name}.csv.gz`,
      (localPath) =>
        db.run(
          `copy (select ${quoteText(header)} as line union all ` +
            `select ${line} from ${parquetTable([path])}) to ${quoteText(localPath)} (${settings})`,
        ),
    );
    if (plan.tables === "csv") await disk.remove(path);
  }
}

function fieldSql({ name, kind, dtype }: ParquetColumnType): string {
  const column = quoteIdentifier(name);
  if (kind === "text" || kind === "bytes") {
    const text = kind === "bytes" ? `decode(${column})` : column;
    return `'"' || replace(${text}, '"', '""') || '"'`;
  }
  if (dtype?.startsWith("float")) {
    return `case when isnan(${column}) then 'NaN' else ${column}::varchar end`;
  }
  return `${column}::varchar`;
}
