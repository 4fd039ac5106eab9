import { type DuckDb, openDuckDb } from "@/formats/parquet/mod.ts";
import { openXeniumBundle, type XeniumBundle } from "@/formats/xenium/mod.ts";

/** Queries for the parquet files of a bundle of three cells; the second has two nuclei. */
export const TABLES = {
  "cells.parquet": `select * from (values
      ('aaaaaaaa-1', 1.0::double, 1.0::double, 2, 3, 4.0::double, 1.0::double, 1),
      ('aaaaaaab-1', 6.0::double, 1.0::double, 0, 0, 4.0::double, 2.0::double, 2),
      ('aaaaaaac-1', 9.0::double, 1.0::double, 6, 36, 4.0::double, 'nan'::double, 0))
    rows(cell_id, x_centroid, y_centroid, transcript_counts, total_counts, cell_area, nucleus_area,
      nucleus_count)`,
  "cell_boundaries.parquet": squares([
    ["aaaaaaaa-1", 1, 0, 2],
    ["aaaaaaab-1", 2, 5, 2],
    ["aaaaaaac-1", 3, 8, 2],
  ]),
  "nucleus_boundaries.parquet": squares([
    ["aaaaaaaa-1", 1, 0, 1],
    ["aaaaaaab-1", 2, 5, 1],
    ["aaaaaaab-1", 3, 6, 1],
  ]),
  "transcripts.parquet": `select * from (values
      (1::ubigint, 'aaaaaaaa-1', 1::utinyint, 'CD3E', 0.5::float, 0.5::float, 12::float, 40::float, true),
      (2::ubigint, 'aaaaaaaa-1', 1::utinyint, 'CD3E', 0.75::float, 0.5::float, 12::float, 20::float, true),
      (3::ubigint, 'aaaaaaac-1', 0::utinyint, 'ACTB', 9::float, 1::float, 12::float, 19.5::float, true),
      (4::ubigint, 'UNASSIGNED', 0::utinyint, 'NegControlProbe_00001', 20::float, 1::float, 12::float, 30::float, false))
    rows(transcript_id, cell_id, overlaps_nucleus, feature_name, x_location, y_location, z_location, qv, is_gene)`,
} as const;

/** A query of closed squares: cell, label, left side, length of a side. */
export function squares(rows: readonly (readonly [string, number, number, number])[]): string {
  return polygons(
    rows.map(([cell, label, x, size]) =>
      [cell, label, [[x, 0], [x + size, 0], [x + size, size], [x, size], [x, 0]]] as const
    ),
  );
}

/** A query of the vertices of polygons: cell, label, vertices. */
export function polygons(
  rows: readonly (readonly [string, number, readonly (readonly [number, number])[]])[],
): string {
  const values = rows.flatMap(([cell, label, vertices]) =>
    vertices.map(([x, y]) => `('${cell}', '${x}'::float, '${y}'::float, ${label}::uinteger)`)
  );
  return `select * from (values ${values.join(", ")}) rows(cell_id, vertex_x, vertex_y, label_id)`;
}

/**
 * What of the bundle is different: a query (of a csv or parquet file), the name of a fixture (of
 * another file), bytes as they are, or `null` for no such file.
 */
export type Changes = Readonly<Record<string, string | Uint8Array | null>>;

/** Runs `use` with a bundle of three cells in a temporary folder. */
export async function withBundle(
  changes: Changes,
  use: (bundle: XeniumBundle, db: DuckDb, folder: string) => Promise<void>,
): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    using db = await openDuckDb({ memoryBytes: 256e6, threads: 2 });
    await Deno.writeTextFile(`${folder}/experiment.xenium`, '{"pixel_size": 0.2125}');
    await Deno.copyFile(fixture("matrix.h5"), `${folder}/cell_feature_matrix.h5`);
    for (const [name, content] of Object.entries({ ...TABLES, ...changes })) {
      const path = `${folder}/${name}`;
      if (content === null) await Deno.remove(path).catch(() => {});
      else if (typeof content !== "string") await writeFile(path, content);
      else if (name.endsWith(".parquet")) await db.copyToParquet(content, path);
      else if (/\.csv(\.gz)?$/.test(name)) await copyToCsv(db, content, path);
      else await writeFile(path, await Deno.readFile(fixture(content)));
    }
    await use(await openXeniumBundle(folder), db, folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** Writes a query as the instrument writes csv: texts in quotes, numbers bare, NaN as a word. */
async function copyToCsv(db: DuckDb, query: string, path: string): Promise<void> {
  const columns = await db.query(
    `select column_name as name from (describe ${query}) where column_type = 'VARCHAR'`,
    { text: ["name"] },
  );
  const texts = columns.rowCount === 0 ? [] : columns.text("name");
  const quoted = texts.length === 0 ? "" : `, force_quote (${texts.join(", ")})`;
  const packed = path.endsWith(".gz") ? ", compression gzip" : "";
  await db.run(`copy (${query}) to '${path}' (format csv, header${quoted}${packed})`);
}

async function writeFile(path: string, bytes: Uint8Array): Promise<void> {
  await Deno.mkdir(path.slice(0, path.lastIndexOf("/")), { recursive: true });
  await Deno.writeFile(path, bytes);
}

function fixture(name: string): string {
  return new URL(`../../fixtures/xenium/${name}`, import.meta.url).pathname;
}
