import type { Disk } from "@/core/disk.ts";
import { SthelarError } from "@/core/errors.ts";
import {
  type Column,
  type Columns,
  readParquetColumns,
  writeParquet,
} from "@/formats/parquet/mod.ts";
import type { PredictionSource } from "./prediction_description.ts";

/** How well predicted nuclei agree with those of the masks: a row a patch of the set, ascending. */
export interface AlignmentTable {
  /** Numbers of the patches in the grid. */
  readonly patchIds: Int32Array;
  /** Nuclei of the masks. */
  readonly nuclei: Int32Array;
  /** Predicted nuclei; 0 where nothing was predicted. */
  readonly predicted: Int32Array;
  /** Pairs of nuclei whose centroids are near each other. */
  readonly truePositives: Int32Array;
  /** Predicted nuclei without a pair. */
  readonly falsePositives: Int32Array;
  /** Nuclei of the masks without a pair. */
  readonly falseNegatives: Int32Array;
  /** Whether there is a prediction of the patch: where there is none, counts are 0 and scores NaN. */
  readonly isEvaluated: Uint8Array;
  /** NaN: no value. */
  readonly dice: Float64Array;
  /** NaN: no value. */
  readonly jaccard: Float64Array;
  /** Panoptic quality of nuclei of any class. NaN: no value. */
  readonly bpq: Float64Array;
  /** Its detection quality. NaN: no value. */
  readonly bdq: Float64Array;
  /** Its segmentation quality. NaN: no value. */
  readonly bsq: Float64Array;
  /** Of detection. NaN: no value. */
  readonly precision: Float64Array;
  /** Of detection. NaN: no value. */
  readonly recall: Float64Array;
  /** Of detection. NaN: no value. */
  readonly f1: Float64Array;
}

type Field = Exclude<keyof AlignmentTable, "patchIds" | "isEvaluated">;

/** Columns of the file, in their order. */
const COUNTS: readonly (readonly [name: string, field: Field])[] = [
  ["nuclei", "nuclei"],
  ["predicted", "predicted"],
];
const QUALITIES: typeof COUNTS = [
  ["Dice", "dice"],
  ["Jaccard", "jaccard"],
  ["bPQ", "bpq"],
  ["bDQ", "bdq"],
  ["bSQ", "bsq"],
];
const DETECTIONS: typeof COUNTS = [
  ["tp", "truePositives"],
  ["fp", "falsePositives"],
  ["fn", "falseNegatives"],
];
const SCORES: typeof COUNTS = [["precision", "precision"], ["recall", "recall"], ["f1", "f1"]];
const ALL = [...COUNTS, ...QUALITIES, ...DETECTIONS, ...SCORES];

/** A table of rows in which nothing is known. */
export function emptyAlignment(patchIds: Int32Array): AlignmentTable {
  const rows = patchIds.length;
  const counts = () => new Int32Array(rows), scores = () => new Float64Array(rows).fill(NaN);
  return {
    ...{ patchIds, nuclei: counts(), predicted: counts(), isEvaluated: new Uint8Array(rows) },
    ...{ truePositives: counts(), falsePositives: counts(), falseNegatives: counts() },
    ...{ dice: scores(), jaccard: scores(), bpq: scores(), bdq: scores(), bsq: scores() },
    ...{ precision: scores(), recall: scores(), f1: scores() },
  };
}

/** Writes `alignment_<slide>.parquet`; what has no value is missing in it. */
export async function writeAlignment(
  disk: Disk,
  path: string,
  table: AlignmentTable,
  source: PredictionSource,
): Promise<void> {
  const isUnknown = table.isEvaluated.map((flag) => 1 - flag);
  const column = (field: Field): Column => {
    const values = table[field];
    const missing = values instanceof Float64Array
      ? Uint8Array.from(values, (value) => +Number.isNaN(value))
      : field === "nuclei"
      ? undefined
      : isUnknown;
    return { kind: "numbers", values, ...missing?.includes(1) ? { missing } : {} };
  };
  await writeParquet(
    disk,
    path,
    new Map<string, Column>([
      ["patch_id", { kind: "numbers", values: table.patchIds }],
      ...ALL.map(([name, field]): [string, Column] => [name, column(field)]),
      ["source", { kind: "text", values: Array.from(table.patchIds, () => source) }],
    ]),
  );
}

/**
 * Reads `alignment_<slide>.parquet`.
 *
 * @throws {SthelarError} `NotFound`, or `CorruptData` also for columns of other types.
 */
export async function readAlignment(disk: Disk, path: string): Promise<AlignmentTable> {
  const columns = await readParquetColumns(disk, path);
  const patchIds = wholeNumbers(columns, "patch_id").values;
  if (patchIds.some((id, i) => id <= (patchIds[i - 1] ?? -1))) {
    throw corrupt(path, "patch_id", "numbers that do not ascend", "a row a patch, ascending");
  }
  const { missing } = wholeNumbers(columns, "predicted");
  const table: Record<string, Int32Array | Float64Array | Uint8Array> = {
    patchIds,
    isEvaluated: Uint8Array.from(patchIds, (_, i) => 1 - (missing?.[i] ?? 0)),
  };
  for (const [name, field] of [...COUNTS, ...DETECTIONS]) {
    table[field] = wholeNumbers(columns, name).values;
  }
  for (const [name, field] of [...QUALITIES, ...SCORES]) table[field] = scores(columns, name);
  return table as unknown as AlignmentTable;
}

function wholeNumbers(columns: Columns, name: string) {
  const column = columns.column(name);
  if (column.kind !== "numbers" || !(column.values instanceof Int32Array)) {
    throw corrupt(columns.source, name, "another type", "int32");
  }
  const { values, missing } = column;
  return {
    values: missing === undefined ? values : values.map((v, i) => missing[i] ? 0 : v),
    missing,
  };
}

function scores(columns: Columns, name: string): Float64Array {
  const column = columns.column(name);
  if (column.kind !== "numbers" || !(column.values instanceof Float64Array)) {
    throw corrupt(columns.source, name, "another type", "float64");
  }
  const { values, missing } = column;
  return missing === undefined ? values : values.map((value, i) => missing[i] ? NaN : value);
}

function corrupt(path: string, name: string, found: string, expected: string): SthelarError {
  const action = `Cannot read the column "${name}" of "${path}"`;
  return new SthelarError("CorruptData", { action, found, expected, path });
}
