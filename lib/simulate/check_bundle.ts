import type { Disk } from "@/core/disk.ts";
import { openHdf5 } from "@/formats/hdf5/mod.ts";
import { type Columns, readParquetColumns } from "@/formats/parquet/mod.ts";
import { openZip, type ZipArchive } from "@/formats/zip/mod.ts";
import { inflateSync } from "node:zlib";
import { type PresetName, PRESETS } from "./presets.ts";

const MIN_QV = 20;

interface ZarrArray {
  readonly shape: readonly number[];
  readonly chunks: readonly number[];
  readonly dtype: string;
}

/** The parts of a bundle that are compared with one another. */
interface Bundle {
  readonly manifest: { readonly num_cells: number };
  readonly cells: Columns;
  readonly transcripts: Columns;
  readonly nuclei: Columns;
  readonly zip: ZipArchive;
  readonly barcodes: readonly string[];
  readonly matrix: {
    readonly data: Int32Array;
    readonly indices: BigInt64Array;
    readonly indptr: BigInt64Array;
    readonly types: readonly string[];
    readonly names: readonly string[];
  };
}

/**
 * Checks what must hold in every bundle, whatever its version: tables, matrix, masks, polygons and
 * transcripts tell the same story.
 *
 * @param folder Absolute path of a bundle on the machine's disk.
 * @returns What is wrong, in words; empty for a sound bundle.
 */
export async function bundleFaults(
  disk: Disk,
  folder: string,
  presetName: PresetName,
): Promise<string[]> {
  const bundle = await openBundle(disk, folder);
  const preset = PRESETS[presetName];
  const isInteger = preset.ids === "integer";
  return [
    ...idFaults(bundle),
    ...countFaults(bundle, isInteger),
    ...transcriptFaults(bundle, isInteger),
    ...(preset.labelIds ? await maskFaults(bundle) : []),
  ];
}

async function openBundle(disk: Disk, folder: string): Promise<Bundle> {
  const text = new TextDecoder().decode(await disk.read(`${folder}/experiment.xenium`));
  const zip = await openZip(disk, `${folder}/cells.zarr.zip`);
  using file = await openHdf5(`${folder}/cell_feature_matrix.h5`);
  const texts = (name: string) => file.readStrings(`matrix/${name}`);
  return {
    manifest: JSON.parse(text),
    cells: await readParquetColumns(disk, `${folder}/cells.parquet`),
    transcripts: await readParquetColumns(disk, `${folder}/transcripts.parquet`),
    nuclei: await readParquetColumns(disk, `${folder}/nucleus_boundaries.parquet`),
    zip,
    barcodes: texts("barcodes"),
    matrix: {
      data: file.read("matrix/data").data as Int32Array,
      indices: file.read("matrix/indices").data as BigInt64Array,
      indptr: file.read("matrix/indptr").data as BigInt64Array,
      types: texts("features/feature_type"),
      names: texts("features/name"),
    },
  };
}

/** Values of a column of names, whichever way they are stored. */
function names(columns: Columns, name: string): string[] {
  const column = columns.column(name);
  if (column.kind === "text") return column.values.map((value) => value ?? "");
  if (column.kind === "bytes") return column.values.map((value) => new TextDecoder().decode(value));
  return Array.from(columns.numbers(name) as Int32Array, String);
}

function idFaults({ manifest, cells, barcodes }: Bundle): string[] {
  const ids = names(cells, "cell_id");
  return [
    ...(manifest.num_cells === ids.length
      ? []
      : [`num_cells is ${manifest.num_cells}, cells has ${ids.length} rows`]),
    ...(ids.length === barcodes.length && ids.every((id, i) => id === barcodes[i])
      ? []
      : ["cells and barcodes differ"]),
    ...(new Set(ids).size === ids.length ? [] : ["ids that occur twice"]),
  ];
}

const TYPE_COLUMNS = new Map([
  ["Gene Expression", "transcript_counts"],
  ["Negative Control Probe", "control_probe_counts"],
  ["Negative Control Codeword", "control_codeword_counts"],
  ["Unassigned Codeword", "unassigned_codeword_counts"],
]);

function countFaults({ cells, matrix, transcripts, barcodes }: Bundle, isInteger: boolean) {
  const faults: string[] = [];
  const rowOf = new Map(barcodes.map((id, i) => [id, i]));
  const featureOf = new Map(matrix.names.map((name, f) => [name, f]));
  const tally = new Map<number, number>();
  const qv = transcripts.numbers("qv");
  const cellIds = names(transcripts, "cell_id"), features = names(transcripts, "feature_name");
  for (let i = 0; i < transcripts.rowCount; i++) {
    if (qv[i] < MIN_QV || cellIds[i] === (isInteger ? "-1" : "UNASSIGNED")) continue;
    const cell = rowOf.get(cellIds[i]), feature = featureOf.get(features[i]);
    if (cell === undefined || feature === undefined) return [`a transcript of "${cellIds[i]}"`];
    const key = cell * matrix.names.length + feature;
    tally.set(key, (tally.get(key) ?? 0) + 1);
  }
  if (tally.size !== matrix.data.length) {
    faults.push(`${tally.size} pairs counted, ${matrix.data.length} in the matrix`);
  }
  const total = new Int32Array(barcodes.length), byType = new Map<string, Int32Array>();
  for (let cell = 0; cell < barcodes.length; cell++) {
    for (let k = Number(matrix.indptr[cell]); k < Number(matrix.indptr[cell + 1]); k++) {
      const feature = Number(matrix.indices[k]), type = matrix.types[feature];
      if (tally.get(cell * matrix.names.length + feature) !== matrix.data[k]) {
        return [
          ...faults,
          `cell ${cell}, ${matrix.names[feature]}: the matrix and the tally differ`,
        ];
      }
      total[cell] += matrix.data[k];
      if (!byType.has(type)) byType.set(type, new Int32Array(barcodes.length));
      byType.get(type)![cell] += matrix.data[k];
    }
  }
  for (const [type, column] of [...TYPE_COLUMNS, ["all types", "total_counts"]]) {
    if (!cells.has(column)) continue;
    const wanted = column === "total_counts" ? total : byType.get(type);
    const found = cells.numbers(column);
    if (wanted?.some((count, i) => count !== Number(found[i]))) {
      faults.push(`${column} differs from the matrix`);
    }
  }
  return faults;
}

function transcriptFaults({ transcripts }: Bundle, isInteger: boolean): string[] {
  const faults: string[] = [];
  const inside = transcripts.numbers("overlaps_nucleus");
  const ids = names(transcripts, "cell_id");
  const distance = transcripts.has("nucleus_distance")
    ? transcripts.numbers("nucleus_distance")
    : undefined;
  const lost = isInteger ? "-1" : "UNASSIGNED";
  for (let i = 0; i < transcripts.rowCount; i++) {
    if (inside[i] === 0) continue;
    if (ids[i] === lost || (distance !== undefined && distance[i] !== 0)) {
      faults.push(`transcript ${i} is in a nucleus but not in a cell, or away from it`);
      break;
    }
  }
  if (transcripts.has("fov_name")) {
    const fieldOf = new Map<string, bigint>();
    const fields = names(transcripts, "fov_name");
    const numbers = transcripts.numbers("transcript_id") as BigUint64Array;
    fields.forEach((field, i) => {
      const high = numbers[i] >> 32n;
      if ((fieldOf.get(field) ?? high) !== high) faults.push(`field ${field} has two numbers`);
      fieldOf.set(field, high);
    });
    if (new Set(fieldOf.values()).size !== fieldOf.size) faults.push("fields share a number");
  }
  return faults;
}

/** Masks hold exactly the labels 1 to P, each within a pixel of its polygon's bounding box. */
async function maskFaults(bundle: Bundle): Promise<string[]> {
  const { meta, labels } = await readMask(bundle.zip, "masks/0");
  const [, width] = meta.shape;
  const boxes = new Map<number, [number, number, number, number]>();
  const ids = bundle.nuclei.numbers("label_id");
  const x = bundle.nuclei.numbers("vertex_x"), y = bundle.nuclei.numbers("vertex_y");
  const pixel = 0.2125;
  for (let v = 0; v < ids.length; v++) {
    const label = Number(ids[v]);
    const px = Number(x[v]) / pixel, py = Number(y[v]) / pixel;
    const box = boxes.get(label) ?? [px, py, px, py];
    boxes.set(label, [
      Math.min(box[0], px),
      Math.min(box[1], py),
      Math.max(box[2], px),
      Math.max(box[3], py),
    ]);
  }
  const seen = new Set<number>();
  for (let n = 0; n < labels.length; n++) {
    const label = labels[n];
    if (label === 0) continue;
    seen.add(label);
    const box = boxes.get(label);
    const px = n % width + 0.5, py = Math.floor(n / width) + 0.5;
    const isNear = box !== undefined && px > box[0] - 1 && px < box[2] + 1 && py > box[1] - 1 &&
      py < box[3] + 1;
    if (!isNear) return [`pixel (${px}, ${py}) of label ${label} lies outside its polygon`];
  }
  const owners = await readArray(bundle.zip, "polygon_sets/0/cell_index");
  const isComplete = seen.size === boxes.size && owners.length === boxes.size;
  return [
    ...(isComplete ? [] : [
      `${seen.size} labels in the mask, ${boxes.size} polygons, ${owners.length} owners`,
    ]),
    ...(owners.every((row) => row < bundle.barcodes.length) ? [] : ["an owner that is no cell"]),
  ];
}

async function metadata(zip: ZipArchive, path: string): Promise<ZarrArray> {
  return JSON.parse(new TextDecoder().decode(await zip.read(`${path}/.zarray`)));
}

async function readArray(zip: ZipArchive, path: string): Promise<Uint32Array> {
  const bytes = new Uint8Array(inflateSync(await zip.read(`${path}/0`)));
  return new Uint32Array(bytes.buffer);
}

async function readMask(zip: ZipArchive, path: string) {
  const meta = await metadata(zip, path);
  const [height, width] = meta.shape, [rows, columns] = meta.chunks;
  const labels = new Uint32Array(width * height);
  for (let j = 0; j * rows < height; j++) {
    for (let i = 0; i * columns < width; i++) {
      const name = `${path}/${j}.${i}`;
      if (!zip.entries.has(name)) continue;
      const chunk = new Uint32Array(new Uint8Array(inflateSync(await zip.read(name))).buffer);
      const right = Math.min(columns, width - i * columns);
      for (let y = 0; y < rows && j * rows + y < height; y++) {
        const from = chunk.subarray(y * columns, y * columns + right);
        labels.set(from, (j * rows + y) * width + i * columns);
      }
    }
  }
  return { meta, labels };
}
