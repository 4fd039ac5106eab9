import type { DenseArray } from "@/core/arrays.ts";
import type { SparseMatrix } from "@/core/sparse.ts";
import { syntheticCounts, writeCounts } from "./synthetic_counts.ts";

const COMPONENTS = 16;

/** A graph that scanpy made. */
export interface ScanpyGraph {
  readonly connectivities: SparseMatrix;
  /** Principal components, `(n_rows, 16)`. */
  readonly points: DenseArray<Float32Array>;
  /** Planted types. */
  readonly labels: Int32Array;
}

/** Writes synthetic counts into a folder and lets scanpy make their graph, the same for both sides. */
export async function writeScanpyGraph(
  python: string,
  folder: string,
  cells: number,
  genes: number,
): Promise<void> {
  await writeCounts(folder, syntheticCounts({ cells, genes }));
  const script = new URL("./scanpy_graph.py", import.meta.url).pathname;
  const args = ["-W", "ignore", script, folder, String(genes)];
  const { success } = await new Deno.Command(python, { args, stderr: "inherit" }).output();
  if (!success) throw new Error(`${python} ${args.join(" ")} failed`);
}

/** Reads what {@link writeScanpyGraph} wrote. */
export async function readScanpyGraph(folder: string): Promise<ScanpyGraph> {
  const [data, indices, indptr, points, labels] = await Promise.all(
    ["weights", "neighbours", "starts", "points", "labels"].map(async (name) =>
      (await Deno.readFile(`${folder}/${name}`)).buffer
    ),
  );
  const rows = labels.byteLength / 4;
  return {
    connectivities: {
      format: "csr",
      shape: [rows, rows],
      data: new Float32Array(data),
      indices: new Int32Array(indices),
      indptr: new Int32Array(indptr),
    },
    points: { data: new Float32Array(points), shape: [rows, COMPONENTS] },
    labels: new Int32Array(labels),
  };
}
