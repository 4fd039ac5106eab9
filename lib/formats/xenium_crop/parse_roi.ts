import { SthelarError } from "@/core/errors.ts";
import { checkRoi, type Roi } from "./snap_roi.ts";

/**
 * Reads a region as a user writes it: `x,y,width,height` in µm.
 *
 * @throws {SthelarError} `InvalidArgument` if these are no four numbers or no rectangle.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { parseRoi } from "@/formats/xenium_crop/mod.ts";
 *
 * assertEquals(parseRoi("1000, 2500, 500, 400.5"), { x: 1000, y: 2500, width: 500, height: 400.5 });
 * ```
 */
export function parseRoi(text: string): Roi {
  const numbers = text.split(",").map((part) => part.trim() === "" ? NaN : Number(part));
  if (numbers.length !== 4 || numbers.some((number) => !Number.isFinite(number))) {
    throw new SthelarError("InvalidArgument", {
      action: "Cannot read the region",
      found: `"${text}"`,
      expected: "four numbers: x,y,width,height in um",
      remedy: "write it as in 1000,2500,500,400",
    });
  }
  const [x, y, width, height] = numbers;
  const roi = { x, y, width, height };
  checkRoi(roi);
  return roi;
}
