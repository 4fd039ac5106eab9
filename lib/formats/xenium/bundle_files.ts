import type { Disk } from "@/core/disk.ts";
import { SthelarError } from "@/core/errors.ts";

/** What a file of a bundle is for. */
export type BundleRole =
  | "manifest"
  | "cells"
  | "cellBoundaries"
  | "nucleusBoundaries"
  | "transcripts"
  | "matrix"
  | "morphologyFocus"
  | "cellsZarr"
  | "genePanel";

/** How a role is detected: names in the order in which they are preferred. */
interface Detection {
  /** What it is, for messages. */
  readonly what: string;
  /** File names; a name may carry a sample's prefix, as in `sample1_cells.parquet`. */
  readonly names: readonly string[];
  /** What to do without it. */
  readonly remedy: string;
}

/** Focus images if the manifest does not name them, in the order in which they are looked for. */
export const FOCUS_NAMES = [
  "morphology_focus",
  "morphology_focus.ome.tif",
  "morphology_mip.ome.tif",
] as const;

/** Holds ids, centroids and polygons of the cells as well; see `cells_zarr.ts`. */
const CELLS_ZARR = "cells.zarr.zip";

/**
 * Files of a bundle by role. A version that names a file otherwise gets a name here.
 *
 * | role | file |
 * |---|---|
 * | cells, boundaries | `.parquet`, else `.csv.gz` or `.csv`, else what `cells.zarr.zip` holds of it |
 * | transcripts | `.parquet`, else `.csv.gz` (written until 2.x) or `.csv` |
 * | matrix | `.h5`, else `.zarr.zip`, else the folder of MEX files |
 * | focus images | see `image_files.ts` |
 */
const DETECTION: Readonly<Record<BundleRole, Detection>> = {
  manifest: {
    what: "the manifest",
    names: ["experiment.xenium"],
    remedy: "download it again, or give the pixel size yourself",
  },
  cells: file("the table of cells", ...table("cells"), CELLS_ZARR),
  cellBoundaries: file("the cell polygons", ...table("cell_boundaries"), CELLS_ZARR),
  nucleusBoundaries: file("the nucleus polygons", ...table("nucleus_boundaries"), CELLS_ZARR),
  transcripts: file("the transcripts", ...table("transcripts")),
  matrix: file(
    "the count matrix",
    "cell_feature_matrix.h5",
    "cell_feature_matrix.zarr.zip",
    "cell_feature_matrix",
  ),
  morphologyFocus: {
    what: "the focus images",
    names: FOCUS_NAMES,
    remedy: "copy the folder morphology_focus of the bundle as well",
  },
  cellsZarr: file("the cell masks", CELLS_ZARR),
  genePanel: file("the gene panel", "gene_panel.json"),
};

function table(name: string): string[] {
  return [`${name}.parquet`, `${name}.csv.gz`, `${name}.csv`];
}

function file(what: string, ...names: readonly string[]): Detection {
  return {
    what,
    names,
    remedy: `copy "${names[0]}" of the bundle into the folder, or download the bundle again`,
  };
}

/** Name under which a role's file is written: that of the format which is preferred. */
export function preferredName(role: BundleRole): string {
  return DETECTION[role].names[0];
}

const BUNDLE_ROLES = Object.keys(DETECTION) as readonly BundleRole[];

/** Files that come from a file manager or a zip program, not from the instrument. */
export function isForeign(name: string): boolean {
  return name.startsWith("._") || name === "__MACOSX" || name === ".DS_Store";
}

/**
 * Finds the folder that holds the bundle's files (the given one, or its only subfolder that has
 * some, as `outs/`) and the path of each role that is there.
 *
 * @throws {SthelarError} `NotFound` if there is no such folder or nothing of a bundle in it.
 */
export async function findBundleFiles(disk: Disk, folder: string): Promise<{
  readonly root: string;
  readonly files: ReadonlyMap<BundleRole, string>;
  readonly names: readonly string[];
}> {
  const root = folder.length > 1 ? folder.replace(/\/+$/, "") : folder;
  const names = await ownNames(disk, root);
  const files = detect(root, names);
  if (files.size > 0) return { root, files, names };
  const nested = [];
  for (const name of names) {
    const inner = `${root}/${name}`;
    if (!(await disk.stat(inner))?.isDirectory) continue;
    const innerNames = await ownNames(disk, inner);
    const innerFiles = detect(inner, innerNames);
    if (innerFiles.size > 0) nested.push({ root: inner, files: innerFiles, names: innerNames });
  }
  if (nested.length === 1) return nested[0];
  throw new SthelarError("NotFound", {
    action: `Cannot open a Xenium bundle in "${root}"`,
    found: nested.length > 1
      ? `several: ${nested.map((bundle) => `"${bundle.root}"`).join(", ")}`
      : (await disk.stat(root)) === undefined
      ? "no such folder"
      : contentOf(names),
    expected: "a folder with experiment.xenium, cells.parquet and the other files of a bundle",
    remedy: nested.length > 1 ? "name one of them" : "name the folder that the instrument wrote",
    path: root,
  });
}

async function ownNames(disk: Disk, folder: string): Promise<string[]> {
  return (await disk.list(folder)).filter((name) => !isForeign(name));
}

function detect(root: string, names: readonly string[]): Map<BundleRole, string> {
  const files = new Map<BundleRole, string>();
  for (const role of BUNDLE_ROLES) {
    const name = DETECTION[role].names
      .map((wanted) => names.includes(wanted) ? wanted : prefixed(names, wanted))
      .find((found) => found !== undefined);
    if (name !== undefined) files.set(role, `${root}/${name}`);
  }
  return files;
}

/** The one name that ends in `_cells.parquet` for `cells.parquet`. */
function prefixed(names: readonly string[], wanted: string): string | undefined {
  const found = names.filter((name) => name.endsWith(`_${wanted}`));
  return found.length === 1 ? found[0] : undefined;
}

/** The error for a role whose file is not there. */
export function missingFile(role: BundleRole, root: string, names: readonly string[]): Error {
  const { what, names: wanted, remedy } = DETECTION[role];
  const samples = names.filter((name) => wanted.some((stem) => name.endsWith(`_${stem}`)));
  const packed = names.find((name) => wanted.some((stem) => name === `${stem}.tar.gz`));
  return new SthelarError("NotFound", {
    action: `Cannot read ${what} of the bundle "${root}"`,
    found: samples.length > 1 ? `several: ${contentOf(samples)}` : contentOf(names),
    expected: wanted.map((name) => `"${name}"`).join(" or "),
    remedy: samples.length > 1
      ? "put the files of each sample into a folder of their own"
      : packed === undefined
      ? remedy
      : `unpack "${packed}" in the folder`,
    path: `${root}/${wanted[0]}`,
  });
}

function contentOf(names: readonly string[]): string {
  if (names.length === 0) return "an empty folder";
  const shown = names.slice(0, 30).join(", ");
  return names.length > 30 ? `${shown} and ${names.length - 30} more` : shown;
}
