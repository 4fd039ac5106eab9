import { SthelarError } from "@/core/errors.ts";
import { type BundlePreset, type PresetName, PRESETS } from "./presets.ts";
import { type SlideProfile, slideProfile } from "./simulation_tables.ts";

/** Formats that the tables of a bundle are stored in. */
export const TABLE_FORMATS = ["parquet", "csv", "both"] as const;
/** A format, or both, that the tables of a bundle are stored in. */
export type TableFormats = typeof TABLE_FORMATS[number];
/** Formats of the count matrix: HDF5, a folder of Matrix Market files, zarr. */
export const MATRIX_FORMATS = ["h5", "mex", "zarr"] as const;
/** A format of the count matrix. */
export type MatrixFormat = typeof MATRIX_FORMATS[number];

/** What to simulate; equal options give equal bytes. */
export interface SimulationOptions {
  /** A slide of the catalogue, as in `heart_s0`. */
  readonly slideId: string;
  /** How many cells; 2,500 by default (the miniature), `published` for the slide's own number. */
  readonly cells?: number | "published";
  /** `all` for a tissue with all ten categories. */
  readonly tissue?: "all";
  /** Any number; 0 by default. */
  readonly seed?: number;
  /** Format of the bundle; `v2.0` by default. */
  readonly preset?: PresetName;
  /** How the morphology image is stored; `deflate` by default, which is quicker than `jpeg2000`, the
   * instrument's own. */
  readonly morphologyCompression?: "jpeg2000" | "deflate";
  /** How the tables are stored: csv beside the images and zarr files, as a version has it (no
   * transcripts from 3.0 on), in place of parquet or next to it; `parquet` by default. */
  readonly tables?: TableFormats;
  /** How the count matrix is stored; `["h5"]` by default. */
  readonly matrix?: readonly MatrixFormat[];
  /** Planes of `morphology.ome.tif`, the stack that the focus image is made from; 0, the default,
   * leaves it out. */
  readonly stackPlanes?: number;
  /** H&E on its own grid with an alignment matrix, or on that of the morphology image. */
  readonly he?: "rotated" | "registered";
  /** Cells of the single-cell reference; 800 by default. */
  readonly referenceCells?: number;
  /** Pixels of the morphology image; by default from the number of cells. */
  readonly morphologySize?: { readonly width: number; readonly height: number };
  /** Pixels of the rotated H&E; by default it covers the tissue. */
  readonly heSize?: { readonly width: number; readonly height: number };
}

/** A 3 x 3 matrix, row by row, that maps H&E pixels to morphology pixels. */
export type AlignmentMatrix = readonly [
  readonly [number, number, number],
  readonly [number, number, number],
  readonly [0, 0, 1],
];

/** Options with all that follows from them. */
export interface SlidePlan {
  readonly profile: SlideProfile;
  readonly preset: BundlePreset;
  readonly seed: number;
  readonly cellCount: number;
  readonly referenceCellCount: number;
  readonly morphologyCompression: "jpeg2000" | "deflate";
  readonly tables: TableFormats;
  readonly matrix: readonly MatrixFormat[];
  readonly stackPlanes: number;
  /** Pixels of the morphology image. */
  readonly width: number;
  readonly height: number;
  readonly he: {
    readonly width: number;
    readonly height: number;
    /** Side of a pixel in µm. */
    readonly pixelSizeUm: number;
    readonly toMorphology: AlignmentMatrix;
    /** Whether it lies on the grid of the morphology image. */
    readonly registered: boolean;
  };
}

/** Side of a pixel of the morphology image, µm. */
export const PIXEL_UM = 0.2125;
/** Distance of the planes of the stack, µm. */
export const Z_STEP_UM = 3;
/** Side of a pixel of the rotated H&E, µm. */
const HE_PIXEL_UM = 0.2738;

const MINIATURE_CELLS = 2500;
const REFERENCE_CELLS = 800;
const MOST_PLANES = 100;
/** Share of the morphology image that is tissue. */
const TISSUE_SHARE = 0.84;
const ASPECT = 1.25;
const ROTATION_DEGREES = -89.5;
const HE_COVER = { across: 0.955, down: 0.955 } as const;
/** heart_s0 as it was published: pixels of the DAPI and of the H&E image. */
const PUBLISHED_SIZES = new Map([
  ["heart_s0", {
    morphology: { width: 14326, height: 34050 },
    he: { width: 24544, height: 10645 },
  }],
]);

/**
 * Works out sizes, numbers and the alignment that options ask for.
 *
 * @throws {SthelarError} `InvalidArgument` for an unknown slide or a number that can't be.
 */
export function planSlide(options: SimulationOptions): SlidePlan {
  const { slideId, cells = MINIATURE_CELLS, seed = 0, preset = "v2.0" } = options;
  const profile = slideProfile(slideId, options.tissue);
  const cellCount = cells === "published" ? profile.cells : cells;
  if (!Number.isInteger(cellCount) || cellCount < 50) {
    throw new SthelarError("InvalidArgument", {
      action: `Cannot simulate slide "${slideId}"`,
      found: `${cellCount} cells`,
      expected: "a whole number from 50 on",
    });
  }
  checkFormats(slideId, options);
  const published = cells === "published" ? PUBLISHED_SIZES.get(slideId) : undefined;
  const { width, height } = options.morphologySize ?? published?.morphology ??
    sizeFor(cellCount, profile.design.cellsPerMm2);
  return {
    profile,
    preset: PRESETS[preset],
    seed,
    cellCount,
    referenceCellCount: options.referenceCells ?? REFERENCE_CELLS,
    morphologyCompression: options.morphologyCompression ?? "deflate",
    tables: options.tables ?? "parquet",
    matrix: options.matrix ?? ["h5"],
    stackPlanes: options.stackPlanes ?? 0,
    width,
    height,
    he: options.he === "registered"
      ? {
        width,
        height,
        pixelSizeUm: PIXEL_UM,
        toMorphology: [[1, 0, 0], [0, 1, 0], [0, 0, 1]],
        registered: true,
      }
      : rotatedHe(width, height, options.heSize ?? published?.he),
  };
}

function checkFormats(slideId: string, { matrix, stackPlanes = 0 }: SimulationOptions): void {
  const fault = matrix?.length === 0
    ? "no format of the count matrix"
    : Number.isInteger(stackPlanes) && stackPlanes >= 0 && stackPlanes <= MOST_PLANES
    ? undefined
    : `${stackPlanes} planes`;
  if (fault === undefined) return;
  throw new SthelarError("InvalidArgument", {
    action: `Cannot simulate slide "${slideId}"`,
    found: fault,
    expected: `one format or more, 0 to ${MOST_PLANES} planes`,
  });
}

function sizeFor(cellCount: number, cellsPerMm2: number) {
  const areaUm2 = cellCount / cellsPerMm2 * 1e6 / TISSUE_SHARE;
  const widthUm = Math.sqrt(areaUm2 / ASPECT);
  return {
    width: Math.round(widthUm / PIXEL_UM),
    height: Math.round(widthUm * ASPECT / PIXEL_UM),
  };
}

/** The scan lies on its side: its centre is that of the morphology image. */
function rotatedHe(
  width: number,
  height: number,
  size: { readonly width: number; readonly height: number } | undefined,
): SlidePlan["he"] {
  const scale = HE_PIXEL_UM / PIXEL_UM;
  const heWidth = size?.width ?? Math.round(height / scale * HE_COVER.across);
  const heHeight = size?.height ?? Math.round(width / scale * HE_COVER.down);
  const angle = ROTATION_DEGREES * Math.PI / 180;
  const cos = scale * Math.cos(angle), sin = scale * Math.sin(angle);
  const x0 = width / 2 - (cos * heWidth / 2 - sin * heHeight / 2);
  const y0 = height / 2 - (sin * heWidth / 2 + cos * heHeight / 2);
  return {
    width: heWidth,
    height: heHeight,
    pixelSizeUm: HE_PIXEL_UM,
    toMorphology: [[cos, -sin, x0], [sin, cos, y0], [0, 0, 1]],
    registered: false,
  };
}
