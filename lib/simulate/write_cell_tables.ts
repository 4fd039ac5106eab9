import type { Disk } from "@/core/disk.ts";
import { type Column, writeParquet } from "@/formats/parquet/mod.ts";
import { closedRing } from "./cell_rings.ts";
import { type CellShapes, outlineAreaUm2, type Outlines } from "./cell_shapes.ts";
import type { RingStyle } from "./presets.ts";
import { segmentationMethods } from "./segmentation_methods.ts";
import type { SlidePlan } from "./slide_plan.ts";
import type { CellNames } from "./write_transcripts.ts";

const COUNT_COLUMNS = [
  "transcript_counts",
  "control_probe_counts",
  "genomic_control_counts",
  "control_codeword_counts",
  "unassigned_codeword_counts",
  "deprecated_codeword_counts",
];
const ALWAYS = new Set(["transcript_counts", "control_probe_counts", "control_codeword_counts"]);

/** Areas and numbers of nuclei, cell by cell. */
export interface CellSizes {
  readonly cellAreaUm2: Float64Array;
  /** NaN for a cell without nucleus. */
  readonly nucleusAreaUm2: Float64Array;
  readonly nucleusCount: Int32Array;
}

/** Measures the outlines of cells. */
export function measureCells({ cells, nuclei, nucleusStart }: CellShapes): CellSizes {
  const count = cells.x.length;
  const nucleusCount = Int32Array.from(
    { length: count },
    (_, i) => nucleusStart[i + 1] - nucleusStart[i],
  );
  return {
    cellAreaUm2: Float64Array.from({ length: count }, (_, i) => outlineAreaUm2(cells, i)),
    nucleusAreaUm2: Float64Array.from({ length: count }, (_, i) => {
      let sum = nucleusCount[i] === 0 ? NaN : 0;
      for (let p = nucleusStart[i]; p < nucleusStart[i + 1]; p++) sum += outlineAreaUm2(nuclei, p);
      return sum;
    }),
    nucleusCount,
  };
}

/** Writes `cells.parquet`. */
export async function writeCells(
  disk: Disk,
  path: string,
  plan: SlidePlan,
  shapes: CellShapes,
  names: CellNames,
  counts: ReadonlyMap<string, Int32Array>,
): Promise<void> {
  const { preset, cellCount } = plan;
  const sizes = measureCells(shapes);
  const optional = new Set<string>(preset.cellColumns);
  const zeros = new Int32Array(cellCount);
  const total = new Int32Array(cellCount);
  const columns = new Map<string, Column>([
    ["cell_id", idColumn(preset.ids, names, Int32Array.from({ length: cellCount }, (_, i) => i))],
    ["x_centroid", { kind: "numbers", values: shapes.cells.x }],
    ["y_centroid", { kind: "numbers", values: shapes.cells.y }],
  ]);
  for (const name of COUNT_COLUMNS) {
    const values = counts.get(name) ?? zeros;
    for (let i = 0; i < cellCount; i++) total[i] += values[i];
    if (ALWAYS.has(name) || optional.has(name)) columns.set(name, { kind: "numbers", values });
  }
  columns.set("total_counts", { kind: "numbers", values: total });
  columns.set("cell_area", { kind: "numbers", values: sizes.cellAreaUm2 });
  columns.set("nucleus_area", { kind: "numbers", values: sizes.nucleusAreaUm2 });
  if (optional.has("nucleus_count")) {
    columns.set("nucleus_count", { kind: "numbers", values: sizes.nucleusCount });
  }
  if (optional.has("segmentation_method")) {
    const { names: methods, codes } = segmentationMethods(plan, sizes.nucleusCount);
    const values = Array.from(codes, (code) => methods[code]);
    columns.set("segmentation_method", { kind: "text", values });
  }
  await writeParquet(disk, path, columns);
}

/** Writes `cell_boundaries.parquet` or `nucleus_boundaries.parquet`. */
export async function writeBoundaries(
  disk: Disk,
  path: string,
  { preset }: SlidePlan,
  outlines: Outlines,
  style: RingStyle,
  owner: Int32Array,
  names: CellNames,
): Promise<void> {
  const rows: number[] = [], x: number[] = [], y: number[] = [], labels: number[] = [];
  for (let p = 0; p < owner.length; p++) {
    const ring = closedRing(outlines, p, style);
    for (let v = 0; v < ring.length; v += 2) {
      rows.push(owner[p]);
      x.push(ring[v]);
      y.push(ring[v + 1]);
      labels.push(p + 1);
    }
  }
  await writeParquet(
    disk,
    path,
    new Map<string, Column>([
      ["cell_id", idColumn(preset.ids, names, Int32Array.from(rows))],
      ["vertex_x", { kind: "numbers", values: Float32Array.from(x) }],
      ["vertex_y", { kind: "numbers", values: Float32Array.from(y) }],
      ...(preset.labelIds
        ? [["label_id", { kind: "numbers", values: Uint32Array.from(labels) }] as const]
        : []),
    ]),
  );
}

function idColumn(kind: "integer" | "binary" | "text", names: CellNames, rows: Int32Array): Column {
  if (kind === "integer") return { kind: "numbers", values: rows.map((row) => row + 1) };
  if (kind === "text") {
    return { kind: "text", values: Array.from(rows, (row) => names.texts[row]) };
  }
  const encoded = names.texts.map((text) => new TextEncoder().encode(text));
  return { kind: "bytes", values: Array.from(rows, (row) => encoded[row]) };
}
