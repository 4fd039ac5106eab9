import type { Disk } from "@/core/disk.ts";
import type { SparseMatrix } from "@/core/sparse.ts";
import { appendRows } from "./append_rows.ts";
import type { Feature } from "./feature_list.ts";
import type { BundlePreset } from "./presets.ts";
import type { MatrixContent } from "./matrix_content.ts";
import { cellIdArray } from "./write_cells_zarr.ts";
import { writeZarrV2Zip, type ZarrV2Zip } from "./zarr_v2_zip.ts";

/** Types of features as this file names them. */
export const ZARR_FEATURE_TYPES: ReadonlyMap<string, string> = new Map([
  ["Gene Expression", "gene"],
  ["Negative Control Probe", "negative_control_probe"],
  ["Negative Control Codeword", "negative_control_codeword"],
  ["Blank Codeword", "unassigned_codeword"],
  ["Unassigned Codeword", "unassigned_codeword"],
  ["Deprecated Codeword", "deprecated_codeword"],
  ["Genomic Control", "genomic_control"],
  ["Protein Expression", "protein"],
]);
/** A row of sums that follows the features from 3.0 on. */
const TOTAL = { name: "Total transcripts", type: "aggregate_gene" } as const;

/**
 * Writes `cell_feature_matrix.zarr.zip`: compressed by features, the other way round than the h5;
 * from 3.0 on by cells as well, and with a row of sums.
 */
export async function writeMatrixZarr(
  disk: Disk,
  path: string,
  preset: BundlePreset,
  content: MatrixContent,
): Promise<void> {
  const isNew = preset.transcriptColumns === 13;
  const counts = isNew ? withTotals(content.counts, content.features) : content.counts;
  const names = content.features.map(({ name, type }) => ({
    name,
    type: ZARR_FEATURE_TYPES.get(type) ?? type,
  }));
  const features = isNew ? [...names, TOTAL] : names;
  await writeZarrV2Zip(disk, path, async (store) => {
    await store.group("");
    await store.group("cell_features", {
      major_version: isNew ? 4 : 3,
      minor_version: isNew ? 1 : 0,
      number_cells: counts.shape[1],
      number_features: features.length,
      feature_keys: features.map(({ name }) => name),
      feature_ids: features.map(({ name }) => name),
      feature_types: features.map(({ type }) => type),
    });
    const { ids, shape } = cellIdArray(preset, content.cells);
    await store.array("cell_features/cell_id", ids, shape);
    await writeCompressed(store, "cell_features", byFeatures(counts));
    if (isNew) {
      await store.group("cell_features/csc");
      await writeCompressed(store, "cell_features/csc", counts);
    }
  });
}

async function writeCompressed(
  store: ZarrV2Zip,
  path: string,
  { data, indices, indptr }: Pick<SparseMatrix, "data" | "indices" | "indptr">,
): Promise<void> {
  const arrays = { data, indices, indptr };
  for (const [name, values] of Object.entries(arrays)) {
    await store.vector(`${path}/${name}`, Uint32Array.from(values, Number));
  }
}

/** The same counts, compressed by rows. */
function byFeatures({ shape, data, indices, indptr }: SparseMatrix) {
  const start = new Uint32Array(shape[0] + 1);
  for (let k = 0; k < indices.length; k++) start[Number(indices[k]) + 1]++;
  for (let f = 0; f < shape[0]; f++) start[f + 1] += start[f];
  const next = start.slice();
  const values = new Int32Array(data.length), cells = new Int32Array(data.length);
  for (let cell = 0; cell < shape[1]; cell++) {
    for (let k = Number(indptr[cell]); k < Number(indptr[cell + 1]); k++) {
      const at = next[Number(indices[k])]++;
      values[at] = Number(data[k]);
      cells[at] = cell;
    }
  }
  return { data: values, indices: cells, indptr: Int32Array.from(start) };
}

/** Adds a row with the sum of each cell's genes. */
function withTotals(counts: SparseMatrix, features: readonly Feature[]): SparseMatrix {
  const { shape: [, cells], data, indices, indptr } = counts;
  const totals = new Int32Array(cells);
  for (let cell = 0; cell < cells; cell++) {
    for (let k = Number(indptr[cell]); k < Number(indptr[cell + 1]); k++) {
      if (features[Number(indices[k])].type === "Gene Expression") totals[cell] += Number(data[k]);
    }
  }
  return appendRows(counts, totals);
}
