import type { Disk } from "@/core/disk.ts";
import type { MatrixContent } from "./matrix_content.ts";
import type { SlidePlan } from "./slide_plan.ts";
import { writeMatrixH5 } from "./write_matrix_h5.ts";
import { writeMatrixMex } from "./write_matrix_mex.ts";
import { writeMatrixZarr } from "./write_matrix_zarr.ts";

/** Names of the count matrix by format. */
export const MATRIX_FILES = {
  h5: "cell_feature_matrix.h5",
  mex: "cell_feature_matrix",
  zarr: "cell_feature_matrix.zarr.zip",
} as const;

/** Writes the count matrix in each format of the plan. */
export async function writeMatrix(
  disk: Disk,
  folder: string,
  plan: SlidePlan,
  content: MatrixContent,
): Promise<void> {
  for (const format of plan.matrix) {
    const path = `${folder}/${MATRIX_FILES[format]}`;
    if (format === "h5") await writeMatrixH5(disk, path, content);
    else if (format === "mex") await writeMatrixMex(disk, path, content);
    else await writeMatrixZarr(disk, path, plan.preset, content);
  }
}
