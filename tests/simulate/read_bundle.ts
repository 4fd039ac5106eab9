import { openOmeTiff } from "@/formats/ome_tiff/mod.ts";
import type { DuckDb } from "@/formats/parquet/mod.ts";
import {
  imageFiles,
  openTranscripts,
  openXeniumBundle,
  readBoundaries,
  readCellFeatureMatrix,
  readCells,
  type XeniumBundle,
} from "@/formats/xenium/mod.ts";

/** All that a bundle says, in a form that can be compared. */
export interface BundleContent {
  readonly cells: Readonly<Record<string, readonly unknown[]>>;
  readonly nuclei: Readonly<Record<string, readonly string[]>>;
  readonly outlines: Readonly<Record<string, readonly string[]>>;
  readonly transcripts: Readonly<Record<string, readonly unknown[]>>;
  /** Counts of each cell by position of the feature: a protein may have the name of a gene. */
  readonly counts: Readonly<Record<string, Readonly<Record<string, number>>>>;
  readonly features: readonly string[];
  readonly channels: readonly string[];
}

/** Reads a bundle with this program's own reader. */
export async function readBundle(folder: string, db: DuckDb): Promise<BundleContent> {
  const bundle = await openXeniumBundle(folder);
  const cells = await readCells(bundle, db);
  const matrix = await readCellFeatureMatrix(bundle);
  const { features, cellIds } = matrix;
  const counts = cellIds.map((id, row) => {
    const { data, indices, indptr } = matrix.matrix;
    const entries: [string, number][] = [];
    for (let k = Number(indptr[row]); k < Number(indptr[row + 1]); k++) {
      entries.push([String(indices[k]), Number(data[k])]);
    }
    return [id, Object.fromEntries(entries)] as const;
  });
  return {
    cells: {
      cell_id: cells.cellIds,
      x: [...cells.xUm],
      y: [...cells.yUm],
      cell_area: [...cells.cellAreaUm2],
      nucleus_area: [...cells.nucleusAreaUm2],
      nucleus_count: [...cells.nucleusCount ?? []],
      ...Object.fromEntries([...cells.counts].map(([name, values]) => [name, [...values]])),
    },
    nuclei: await rings(folder, db, "nucleus"),
    outlines: await rings(folder, db, "cell"),
    transcripts: await transcripts(folder, db),
    counts: Object.fromEntries(counts),
    features: features.names.map((name, f) => `${name}: ${features.types[f]}`),
    channels: await channelNames(bundle),
  };
}

/** Names in the headers of the images; the files' own names are in lower case. */
async function channelNames(bundle: XeniumBundle): Promise<string[]> {
  const names: string[] = [];
  for (const { path } of (await imageFiles(bundle)).channels) {
    await using image = await openOmeTiff(path);
    names.push(...image.channels.map(({ name }) => name ?? ""));
  }
  return names;
}

/** Polygons of each cell, as text. */
async function rings(folder: string, db: DuckDb, kind: "cell" | "nucleus") {
  const { cellIds, polygons } = await readBoundaries(await openXeniumBundle(folder), db, kind, {
    invalid: "drop",
  });
  const { xy, ringStart, polygonStart, geometryStart } = polygons;
  return Object.fromEntries(cellIds.map((id, g) => {
    const parts: string[] = [];
    for (let p = geometryStart[g]; p < geometryStart[g + 1]; p++) {
      const ring = polygonStart[p];
      parts.push(xy.subarray(2 * ringStart[ring], 2 * ringStart[ring + 1]).join(" "));
    }
    return [id, parts.sort()];
  }));
}

/** Columns that every version has, as numbers of 32 bits and texts. */
async function transcripts(folder: string, db: DuckDb) {
  const opened = await openTranscripts(await openXeniumBundle(folder), db);
  const query =
    `select feature_name, cell_id::varchar as cell_id, transcript_id::varchar as transcript_id,
    overlaps_nucleus::integer as overlaps_nucleus, x::float as x, y::float as y, z::float as z,
    qv::float as qv from (${opened.selectSql()})`;
  const text = ["feature_name", "transcript_id", "cell_id"];
  const columns = await db.query(query, { text });
  return Object.fromEntries(
    columns.names.map((name) => [
      name,
      text.includes(name) ? columns.text(name) : [...columns.numbers(name)],
    ]),
  );
}
