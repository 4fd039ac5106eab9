import { SthelarError } from "@/core/errors.ts";

/** A rectangle of a slide in µm, from the top left corner of the morphology image. */
export interface Roi {
  /** Left edge, µm. */
  readonly x: number;
  /** Top edge, µm. */
  readonly y: number;
  /** Extent to the right, µm. */
  readonly width: number;
  /** Extent downwards, µm. */
  readonly height: number;
}

/** A rectangle of whole pixels of an image's level 0. */
export interface PixelRectangle {
  /** First column. */
  readonly x: number;
  /** First row. */
  readonly y: number;
  /** Columns. */
  readonly width: number;
  /** Rows. */
  readonly height: number;
}

/** Pixels by which an edge may miss the lattice and still lie on it: 100 px are 21.25 µm. */
const LATTICE_TOLERANCE = 1e-6;
const DIGITS = 12;

/**
 * The whole pixels that a rectangle touches, as far as the image reaches.
 *
 * @param roi The rectangle in µm.
 * @param image Pixels of the morphology image across and down.
 * @param pixelUm Side of a pixel in µm.
 * @throws {SthelarError} `InvalidArgument` if it is no rectangle or lies outside the image.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { snapRoi } from "@/formats/xenium_crop/mod.ts";
 *
 * const pixels = snapRoi({ x: 1, y: 2, width: 3, height: 99 }, { width: 20, height: 30 }, 0.4);
 * assertEquals(pixels, { x: 2, y: 5, width: 8, height: 25 });
 * ```
 */
export function snapRoi(
  roi: Roi,
  image: { readonly width: number; readonly height: number },
  pixelUm: number,
): PixelRectangle {
  checkRoi(roi);
  const [x, right] = snapAxis(roi.x, roi.width, image.width, pixelUm);
  const [y, bottom] = snapAxis(roi.y, roi.height, image.height, pixelUm);
  if (x < right && y < bottom) return { x, y, width: right - x, height: bottom - y };
  throw new SthelarError("InvalidArgument", {
    action: "Cannot crop the bundle",
    found: `a region that starts at x = ${roi.x}, y = ${roi.y} um`,
    expected: `a region on the morphology image, which is ${umOfPixels(image.width, pixelUm)} x ${
      umOfPixels(image.height, pixelUm)
    } um`,
    remedy: "give x, y, width, height in um from the image's top left corner",
  });
}

/**
 * Refuses what is no rectangle.
 *
 * @throws {SthelarError} `InvalidArgument` for NaN, negative edges and extents that are not positive.
 */
export function checkRoi({ x, y, width, height }: Roi): void {
  const isRectangle = [x, y, width, height].every(Number.isFinite) && x >= 0 && y >= 0 &&
    width > 0 && height > 0;
  if (isRectangle) return;
  throw new SthelarError("InvalidArgument", {
    action: "Cannot crop the bundle",
    found: `the region x = ${x}, y = ${y}, width = ${width}, height = ${height}`,
    expected: "x and y of at least 0, width and height above 0, in um",
    remedy: "give x,y,width,height in um, as in 1000,2500,500,400",
  });
}

/** The rectangle in µm that whole pixels cover. */
export function roiOfPixels({ x, y, width, height }: PixelRectangle, pixelUm: number): Roi {
  const [left, top, across, down] = [x, y, width, height].map((n) => umOfPixels(n, pixelUm));
  return { x: left, y: top, width: across, height: down };
}

/** Pixels in µm, without noise in the last digits: 94 x 0.2125 is 19.975, not 19.974999999999998. */
export function umOfPixels(pixels: number, pixelUm: number): number {
  return Number((pixels * pixelUm).toPrecision(DIGITS));
}

function snapAxis(
  startUm: number,
  lengthUm: number,
  pixels: number,
  pixelUm: number,
): [start: number, end: number] {
  const start = Math.floor(startUm / pixelUm + LATTICE_TOLERANCE);
  const end = Math.ceil((startUm + lengthUm) / pixelUm - LATTICE_TOLERANCE);
  return [start, Math.min(pixels, Math.max(end, start + 1))];
}
