import type { Columns } from "@/formats/parquet/mod.ts";
import { encodeCellId } from "@/core/ids.ts";
import { type BundleParts, namesIn } from "./bundle_parts.ts";

const TRANSCRIPTS = [
  "transcript_id",
  "cell_id",
  "overlaps_nucleus",
  "feature_name",
  "x_location",
  "y_location",
  "z_location",
  "qv",
  "fov_name",
  "nucleus_distance",
  "codeword_index",
  "codeword_category",
  "is_gene",
];
const CELLS = [
  "cell_id",
  "x_centroid",
  "y_centroid",
  "transcript_counts",
  "control_probe_counts",
  "genomic_control_counts",
  "control_codeword_counts",
  "unassigned_codeword_counts",
  "deprecated_codeword_counts",
  "total_counts",
  "cell_area",
  "nucleus_area",
  "nucleus_count",
  "segmentation_method",
];
const OPTIONAL = new Set([
  "genomic_control_counts",
  "unassigned_codeword_counts",
  "deprecated_codeword_counts",
  "nucleus_count",
  "segmentation_method",
]);

/** Columns are those of the version, in their order, ids and texts of its types. */
export function columnFaults(parts: BundleParts): string[] {
  const { preset, cells, transcripts, nucleusRings, cellRings } = parts;
  const optional = new Set<string>(preset.cellColumns);
  const rings = ["cell_id", "vertex_x", "vertex_y", ...(preset.labelIds ? ["label_id"] : [])];
  const expected: readonly (readonly [string, Columns, readonly string[]])[] = [
    ["transcripts", transcripts, TRANSCRIPTS.slice(0, preset.transcriptColumns)],
    ["cells", cells, CELLS.filter((name) => !OPTIONAL.has(name) || optional.has(name))],
    ["nucleus_boundaries", nucleusRings, rings],
    ["cell_boundaries", cellRings, rings],
  ];
  return expected.flatMap(([table, columns, names]) => [
    ...(String(columns.names) === String(names) ? [] : [`${table}: columns ${columns.names}`]),
    ...kindFaults(table, columns, parts),
  ]);
}

function kindFaults(table: string, columns: Columns, { preset }: BundleParts): string[] {
  const isCsv = columns.source.endsWith(".csv.gz");
  const ids = preset.ids === "integer" ? "numbers" : preset.ids === "text" ? "text" : "bytes";
  const expected = new Map<string, string>([["cell_id", ids]]);
  for (const name of ["feature_name", "fov_name", "codeword_category"]) {
    expected.set(name, preset.binaryTexts ? "bytes" : "text");
  }
  return [...expected].flatMap(([name, kind]) => {
    if (!columns.has(name)) return [];
    const found = columns.column(name).kind;
    return found === (isCsv && kind === "bytes" ? "text" : kind)
      ? []
      : [`${table}: ${name} is ${found}`];
  });
}

/** Cells, barcodes and the zarr file list the same cells in the same order. */
export async function idFaults({ manifest, cells, matrices, zarr, preset }: BundleParts) {
  const faults: string[] = [];
  const ids = namesIn(cells, "cell_id");
  if (manifest["num_cells"] !== ids.length) {
    faults.push(`num_cells is ${manifest["num_cells"]}, cells has ${ids.length} rows`);
  }
  if (new Set(ids).size !== ids.length) faults.push("ids that occur twice");
  for (const { format, barcodes } of matrices) {
    if (!equal(ids, barcodes)) faults.push(`cells and barcodes differ (${format})`);
  }
  const { data, shape } = await (await zarr.array("cell_id")).read();
  const isPairs = preset.cellsZarr !== "integer-id";
  if (shape.length !== (isPairs ? 2 : 1)) return [...faults, `cell_id of ${shape.length} axes`];
  const stored = isPairs
    ? ids.map((_, i) => encodeCellId(Number(data[2 * i]), Number(data[2 * i + 1])))
    : Array.from(data as ArrayLike<number>, String);
  if (!equal(ids, stored) || shape[0] !== ids.length) faults.push("cells and zarr ids differ");
  return faults;
}

function equal(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((value, i) => value === b[i]);
}
