import { SthelarError } from "@/core/errors.ts";
import { isForeign } from "./bundle_files.ts";
import type { XeniumBundle } from "./xenium_bundle.ts";

/** The files of a count matrix in MEX format. */
export interface MexFiles {
  /** Ids of the cells, one a line. */
  readonly barcodes: string;
  /** Id, name and type of the features, tab-separated. */
  readonly features: string;
  /** Counts in the Matrix Market format. */
  readonly matrix: string;
}

/** Whether the matrix at this path is a folder of MEX files. */
export function isMexFolder(path: string): boolean {
  return path.endsWith("cell_feature_matrix");
}

/**
 * Finds the files in the folder `cell_feature_matrix/`, compressed or not.
 *
 * @throws {SthelarError} `NotFound` if one is missing.
 */
export async function mexFiles(bundle: XeniumBundle): Promise<MexFiles> {
  const folder = bundle.pathOf("matrix");
  const names = (await bundle.disk.list(folder)).filter((name) => !isForeign(name));
  const find = (name: string) => {
    const found = [`${name}.gz`, name].find((wanted) => names.includes(wanted));
    if (found !== undefined) return `${folder}/${found}`;
    throw new SthelarError("NotFound", {
      action: `Cannot read the count matrix "${folder}"`,
      found: names.length === 0 ? "an empty folder" : names.join(", "),
      expected: `"${name}.gz" or "${name}"`,
      remedy: "copy the whole folder cell_feature_matrix of the bundle",
      path: folder,
    });
  };
  return {
    barcodes: find("barcodes.tsv"),
    features: find("features.tsv"),
    matrix: find("matrix.mtx"),
  };
}
