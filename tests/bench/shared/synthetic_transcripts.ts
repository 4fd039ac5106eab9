import { openDuckDb } from "@/formats/parquet/mod.ts";

/** How much is written. */
export interface SyntheticSize {
  readonly transcripts: number;
  readonly nuclei: number;
  /** Fields of view, ten a row. */
  readonly fovs: number;
}

/** Transcripts and nuclei of a published slide of middle size. */
export const HEART: SyntheticSize = { transcripts: 5_000_000, nuclei: 26_000, fovs: 50 };
/** As many transcripts and nuclei as the largest slides have. */
export const LARGE: SyntheticSize = { transcripts: 42_000_000, nuclei: 500_000, fovs: 500 };
/** Size of a field of view in µm. */
export const FOV_UM = { width: 740, height: 620 };
const GENES = 480;
const SEED = 17;

/** Nuclei lie by field of view, transcripts follow the fields as in real files; 40 % lie at nuclei. */
export async function writeInput(folder: string, size: SyntheticSize): Promise<void> {
  const { transcripts, nuclei, fovs } = size;
  const { width, height } = FOV_UM;
  using db = await openDuckDb({ memoryBytes: 2e9, threads: 2 });
  const u = (i: string, k: number) => `(hash(${i} * 16 + ${k}, ${SEED}) / 18446744073709551616.0)`;
  const perFov = nuclei / fovs;
  const cx = (i: string) => `((${i} // ${perFov}) % 10 * ${width} + ${width} * ${u(i, 1)})`;
  const cy = (i: string) => `((${i} // ${perFov}) // 10 * ${height} + ${height} * ${u(i, 2)})`;
  const onLattice = (sql: string) => `(round((${sql}) / 0.2125) * 0.2125)::float`;
  const angle = "(pi() * (k % 24) / 12)";
  const radius = `(4 + 3 * ${u("cell", 3)}) * (1 + 0.2 * cos(2 * ${angle} + 6 * ${u("cell", 4)})
    + 0.05 * cos(3 * ${angle} + 6 * ${u("cell", 12)}))`;
  await db.copyToParquet(
    `select lpad(cell::varchar, 8, '0') || '-1' as cell_id,
       ${onLattice(`${cx("cell")} + ${radius} * cos${angle}`)} as vertex_x,
       ${onLattice(`${cy("cell")} + ${radius} * sin${angle}`)} as vertex_y,
       (cell + 1)::uinteger as label_id
     from range(${nuclei}) a(cell), range(25) b(k) order by cell, k`,
    `${folder}/nucleus_boundaries.parquet`,
  );
  const fov = `(t // ${transcripts / fovs})`;
  const nucleus = `(${fov} * ${perFov} + floor(${perFov} * ${u("t", 5)})::bigint)`;
  const place = (centre: string, origin: string, extent: number, k: number) =>
    `(round(64 * if(${u("t", 6)} < 0.4, ${centre} + 14 * (${u("t", k)} - 0.5),
       ${origin} + ${extent} * ${u("t", k)})) / 64)::float`;
  await db.copyToParquet(
    `select t::ubigint as transcript_id, ${
      place(cx(nucleus), `${fov} % 10 * ${width}`, width, 7)
    } as x_location,
       ${place(cy(nucleus), `${fov} // 10 * ${height}`, height, 8)} as y_location,
       'Gene' || lpad(floor(${GENES} * ${u("t", 9)} * ${
      u("t", 10)
    })::integer::varchar, 3, '0') as feature_name,
       (40 * ${u("t", 11)})::float as qv, 'UNASSIGNED' as cell_id
     from range(${transcripts}) rows(t)`,
    `${folder}/transcripts.parquet`,
  );
}
