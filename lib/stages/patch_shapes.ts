import { SthelarError } from "@/core/errors.ts";
import { decodeCellId } from "@/core/ids.ts";
import type { MultiPolygons } from "@/core/polygons.ts";
import { type ImagePyramid, type Shapes, toMatrix } from "@/formats/spatialdata/mod.ts";
import {
  type Affine,
  affineFromMatrix,
  composeAffine,
  invertAffine,
  type MaskShapes,
  polygonBounds,
  transformPolygons,
} from "@/geometry/mod.ts";
import { takePolygons } from "./take_cells.ts";

/** Nuclei and cells of a slide in px of its H&E. */
export interface PatchShapes {
  /** A row a nucleus, in table order. */
  readonly shapes: MaskShapes;
  /** Ids of the nuclei. */
  readonly ids: readonly string[];
  /** Whether cells are numbered by their ids or by their rows. */
  readonly cellNumbers: "id" | "row";
  /** Nuclei whose id no cell has. */
  readonly withoutCell: readonly string[];
  /** Cells whose id no nucleus has. */
  readonly cellsWithoutNucleus: number;
}

const LARGEST_INT32 = 2 ** 31 - 1;

/** From px of a level of the image to `global`; pixels of levels differ by the ratio of their shapes. */
export function levelToGlobal(image: ImagePyramid, level: number): Affine<"px", "global"> {
  const [, height0, width0] = image.levels[0].shape;
  const [, height, width] = image.levels[level].shape;
  const toFinest = affineFromMatrix("px", "finest px", [
    [width0 / width, 0, 0],
    [0, height0 / height, 0],
    [0, 0, 1],
  ]);
  return composeAffine(toFinest, toGlobal("finest px", image));
}

/** From an element's own coordinates to `global`. */
export function toGlobal<From extends string>(
  from: From,
  { name, transformations }: Pick<ImagePyramid, "name" | "transformations">,
): Affine<From, "global"> {
  const transformation = transformations.get("global");
  if (transformation !== undefined) {
    return affineFromMatrix(from, "global", toMatrix(transformation));
  }
  throw new SthelarError("CorruptData", {
    action: `Cannot lay "${name}" on the slide`,
    found: `the coordinate systems ${[...transformations.keys()].join(", ") || "none"}`,
    expected: '"global"',
  });
}

/**
 * Puts nuclei and cells together by id, in px of a level of the H&E.
 *
 * @param pxToGlobal From px of that level.
 * @throws {SthelarError} `CorruptData` for shapes that are no polygons, or ids that are there twice.
 */
export function patchShapes(
  nuclei: Shapes,
  cells: Shapes,
  pxToGlobal: Affine<"px", "global">,
): PatchShapes {
  const toPx = (shapes: Shapes) =>
    transformPolygons(
      composeAffine(toGlobal("um", shapes), invertAffine(pxToGlobal)),
      polygonsOf(shapes),
    );
  const ids = textsOf(nuclei.ids);
  requireUnique(nuclei.name, ids);
  const cellIds = textsOf(cells.ids);
  const rowOf = requireUnique(cells.name, cellIds);
  const rows = Int32Array.from(ids, (id) => rowOf.get(id) ?? -1);
  const withoutCell = ids.filter((_, nucleus) => rows[nucleus] < 0);
  const numbers = cellNumbers(ids);
  return {
    shapes: { nuclei: toPx(nuclei), cells: takeOrEmpty(toPx(cells), rows), ids: numbers.values },
    ids,
    cellNumbers: numbers.by,
    withoutCell,
    cellsWithoutNucleus: cellIds.length - (ids.length - withoutCell.length),
  };
}

/** Micrometres a pixel. */
export function umPerPixelOf(nuclei: Shapes, pxToGlobal: Affine<"px", "global">): number {
  const [a, b, , d, e] = composeAffine(pxToGlobal, invertAffine(toGlobal("um", nuclei)))
    .coefficients;
  return Math.sqrt(Math.abs(a * e - b * d));
}

/** Share of the nuclei whose middle lies on the image. */
export function shareOnImage(nuclei: MultiPolygons, width: number, height: number): number {
  const bounds = polygonBounds(nuclei);
  let inside = 0;
  for (let at = 0; at < bounds.length; at += 4) {
    const x = (bounds[at] + bounds[at + 2]) / 2, y = (bounds[at + 1] + bounds[at + 3]) / 2;
    if (x >= 0 && y >= 0 && x < width && y < height) inside++;
  }
  return bounds.length === 0 ? 0 : 4 * inside / bounds.length;
}

/** Where the nuclei lie: `minX, minY, maxX, maxY`. */
export function extentOf(nuclei: MultiPolygons): readonly number[] {
  const extent = [Infinity, Infinity, -Infinity, -Infinity];
  const bounds = polygonBounds(nuclei);
  for (let i = 0; i < bounds.length; i++) {
    const k = i % 4;
    extent[k] = k < 2 ? Math.min(extent[k], bounds[i]) : Math.max(extent[k], bounds[i]);
  }
  return extent;
}

/**
 * The numbers of cells in masks, from 1: that of an id and 1, as the published masks have it; where ids are
 * others than 10x's, or too large, the row and 1.
 */
function cellNumbers(
  ids: readonly string[],
): { readonly values: Int32Array; readonly by: "id" | "row" } {
  const values = new Int32Array(ids.length);
  for (let row = 0; row < ids.length; row++) {
    const number = /^[a-p]{8}-1$/.test(ids[row]) ? decodeCellId(ids[row]).prefix + 1 : Infinity;
    if (number > LARGEST_INT32) return { values: values.map((_, i) => i + 1), by: "row" };
    values[row] = number;
  }
  return { values, by: "id" };
}

function textsOf(ids: readonly string[] | BigInt64Array): readonly string[] {
  return ids instanceof BigInt64Array ? Array.from(ids, String) : ids;
}

function polygonsOf({ name, geometries }: Shapes): MultiPolygons {
  if (geometries.kind === "polygons") return geometries.polygons;
  throw new SthelarError("CorruptData", {
    action: `Cannot draw masks of "${name}"`,
    found: "points",
    expected: "polygons",
  });
}

function requireUnique(name: string, ids: readonly string[]): Map<string, number> {
  const rowOf = new Map<string, number>();
  ids.forEach((id, row) => {
    if (rowOf.has(id)) {
      throw new SthelarError("CorruptData", {
        action: `Cannot draw masks of "${name}"`,
        found: `the id "${id}" in rows ${rowOf.get(id)} and ${row}`,
        expected: "an id a row",
      });
    }
    rowOf.set(id, row);
  });
  return rowOf;
}

/** Some geometries; an empty one where the row is -1. */
function takeOrEmpty(polygons: MultiPolygons, rows: Int32Array): MultiPolygons {
  if (!rows.includes(-1)) return takePolygons(polygons, rows);
  const taken = takePolygons(polygons, rows.filter((row) => row >= 0));
  const geometryStart = new Int32Array(rows.length + 1);
  for (let i = 0, at = 0; i < rows.length; i++) {
    if (rows[i] >= 0) at++;
    geometryStart[i + 1] = taken.geometryStart[at];
  }
  return { ...taken, geometryStart };
}
