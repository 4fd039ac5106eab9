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

/** What of the bundle is different: a query instead of another, `null` for no such file. */
export type Changes = Readonly<Record<string, string | null>>;

/** Runs `use` with a bundle of three cells in a temporary folder. */
export async function withBundle(
  changes: Changes,
  use: (bundle: XeniumBundle, db: DuckDb, folder: string) => Promise<void>,
): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    using db = await openDuckDb({ memoryBytes: 256e6, threads: 2 });
    await Deno.writeTextFile(`${folder}/experiment.xenium`, '{"pixel_size": 0.2125}');
    await Deno.copyFile(matrixFixture("matrix.h5"), `${folder}/cell_feature_matrix.h5`);
    for (const [name, query] of Object.entries({ ...TABLES, ...changes })) {
      if (query === null) await Deno.remove(`${folder}/${name}`).catch(() => {});
      else if (name.endsWith(".h5")) await Deno.copyFile(matrixFixture(query), `${folder}/${name}`);
      else await db.copyToParquet(query, `${folder}/${name}`);
    }
    await use(await openXeniumBundle(folder), db, folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

function matrixFixture(name: string): string {
  return new URL(`../../fixtures/xenium/${name}`, import.meta.url).pathname;
}
