import type { Disk } from "@/core/disk.ts";
import { SthelarError } from "@/core/errors.ts";
import { type Affine, affine, affineFromMatrix, applyAffine, determinant } from "@/geometry/mod.ts";

/** Maps a pixel of the H&E's level 0 to a pixel of the morphology's level 0. */
export type HeToMorphology = Affine<"he_pixel", "morphology_pixel">;

/** How an H&E image lies on the morphology image. */
export interface HeAlignment {
  /** The map. */
  readonly map: HeToMorphology;
  /** `matrix` of Xenium Explorer, fitted to `keypoints`, or `identity` for a registered image. */
  readonly source: "matrix" | "keypoints" | "identity";
  /** Distance of each key point from its place, morphology pixels; empty without key points. */
  readonly residualsPx: readonly number[];
}

/** Scales of real scans, H&E µm a pixel: 100x to 5x. */
const PLAUSIBLE_UM = { min: 0.08, max: 2.2 };

/** The alignment of an H&E that shares the morphology's pixels. */
export const registeredAlignment: HeAlignment = {
  map: affine("he_pixel", "morphology_pixel", [1, 0, 0, 0, 1, 0]),
  source: "identity",
  residualsPx: [],
};

/**
 * Reads an alignment as Xenium Explorer exports it.
 *
 * | file | how it is told |
 * |---|---|
 * | matrix: three lines of three numbers, the last 0,0,1 | its first cell is a number |
 * | key points: `fixedX,fixedY,alignmentX,alignmentY`, at least three | it has that header |
 *
 * @param path The csv file.
 * @throws {SthelarError} `NotFound`, or `CorruptData` for a file that is neither or flattens the plane.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { MemoryDisk } from "@/formats/disk/mod.ts";
 * import { readHeAlignment, umPerHePixel } from "@/formats/xenium/mod.ts";
 *
 * const disk = new MemoryDisk();
 * await disk.write("/a.csv", new TextEncoder().encode("0,2,5\n-2,0,6\n0,0,1\n"));
 * const { map } = await readHeAlignment(disk, "/a.csv");
 * assertEquals(umPerHePixel(map, 0.2125), 0.425);
 * ```
 */
export async function readHeAlignment(disk: Disk, path: string): Promise<HeAlignment> {
  const bytes = await disk.read(path);
  if (bytes === undefined) {
    throw new SthelarError("NotFound", {
      action: `Cannot read the alignment "${path}"`,
      found: "no such file",
      remedy: "name the csv file that Xenium Explorer exported with --he-alignment",
      path,
    });
  }
  const rows = new TextDecoder().decode(bytes).replace(/^\ufeff/, "").split(/\r?\n/)
    .map((line) => line.split(",").map((cell) => cell.trim().replaceAll('"', "")))
    .filter((cells) => cells.some((cell) => cell !== ""));
  try {
    return rows[0]?.[0] !== undefined && isNumber(rows[0][0])
      ? { map: readMatrix(rows), source: "matrix", residualsPx: [] }
      : fitKeypoints(rows);
  } catch (cause) {
    if (!(cause instanceof SthelarError)) throw cause;
    throw new SthelarError("CorruptData", {
      action: `Cannot read the alignment "${path}"`,
      found: cause.found ?? cause.message,
      expected: cause.expected ?? "an alignment",
      remedy: "export it again in Xenium Explorer",
      path,
      cause,
    });
  }
}

/** Micrometres a pixel of the H&E, from the map and the size of a morphology pixel in µm. */
export function umPerHePixel(map: HeToMorphology, morphologyPixelUm: number): number {
  return Math.sqrt(Math.abs(determinant(map))) * morphologyPixelUm;
}

/** Whether the scan is mirrored: real ones are, and are kept as they are. */
export function isMirrored(map: HeToMorphology): boolean {
  return determinant(map) < 0;
}

/**
 * Refuses a map that no scanner could have made.
 *
 * @throws {SthelarError} `CorruptData` if the scale is implausible or differs between the axes.
 */
export function checkPlausible(map: HeToMorphology, morphologyPixelUm: number): void {
  const [a, b, , d, e] = map.coefficients;
  const um = umPerHePixel(map, morphologyPixelUm);
  const ratio = Math.hypot(a, d) / Math.hypot(b, e);
  if (um >= PLAUSIBLE_UM.min && um <= PLAUSIBLE_UM.max && ratio > 0.8 && ratio < 1.25) return;
  throw new SthelarError("CorruptData", {
    action: "Cannot use the alignment of the H&E",
    found: `${um.toPrecision(4)} um a pixel, x and y scaled ${ratio.toPrecision(3)} to 1`,
    expected: `${PLAUSIBLE_UM.min} to ${PLAUSIBLE_UM.max} um a pixel, both axes alike`,
    remedy: "check that the csv maps H&E pixels to morphology pixels, and belongs to this slide",
  });
}

function isNumber(text: string): boolean {
  return text !== "" && Number.isFinite(Number(text));
}

function readMatrix(rows: readonly string[][]): HeToMorphology {
  const numbers = rows.map((row) => row.map((cell) => cell === "" ? NaN : Number(cell)));
  return affineFromMatrix("he_pixel", "morphology_pixel", numbers);
}

/** Least squares over all pairs: two systems of normal equations with the same matrix. */
function fitKeypoints(rows: readonly string[][]): HeAlignment {
  const [header = [], ...body] = rows;
  const columns = ["fixedX", "fixedY", "alignmentX", "alignmentY"].map((name) =>
    header.indexOf(name)
  );
  if (columns.includes(-1) || body.length < 3) {
    throw new SthelarError("CorruptData", {
      action: "Cannot fit an alignment",
      found: columns.includes(-1)
        ? `the columns ${header.join(", ") || "none"}`
        : `${body.length} key points`,
      expected: "a 3 x 3 matrix, or three key points with fixedX, fixedY, alignmentX, alignmentY",
    });
  }
  const points = body.map((row) => columns.map((column) => Number(row[column])));
  const map = fitAffine(points);
  const residualsPx = points.map(([fixedX, fixedY, x, y]) => {
    const [mappedX, mappedY] = applyAffine(map, x, y);
    return Math.hypot(mappedX - fixedX, mappedY - fixedY);
  });
  return { map, source: "keypoints", residualsPx };
}

function fitAffine(points: readonly number[][]): HeToMorphology {
  const mean = [0, 1, 2, 3].map((k) => points.reduce((sum, p) => sum + p[k], 0) / points.length);
  let [xx, xy, yy, ux, uy, vx, vy] = [0, 0, 0, 0, 0, 0, 0];
  for (const point of points) {
    const [u, v, x, y] = point.map((value, k) => value - mean[k]);
    xx += x * x;
    xy += x * y;
    yy += y * y;
    ux += u * x;
    uy += u * y;
    vx += v * x;
    vy += v * y;
  }
  const det = xx * yy - xy * xy;
  if (!(det > 1e-9 * xx * yy)) {
    throw new SthelarError("CorruptData", {
      action: "Cannot fit an alignment",
      found: "key points on one line, or no numbers",
      expected: "three key points that span a triangle",
    });
  }
  const a = (ux * yy - uy * xy) / det, b = (uy * xx - ux * xy) / det;
  const d = (vx * yy - vy * xy) / det, e = (vy * xx - vx * xy) / det;
  const c = mean[0] - a * mean[2] - b * mean[3], f = mean[1] - d * mean[2] - e * mean[3];
  return affine("he_pixel", "morphology_pixel", [a, b, c, d, e, f]);
}
