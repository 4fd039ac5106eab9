import { SthelarError } from "@/core/errors.ts";

/** Rows and columns of maps that are stored row by row. */
export interface RasterSize {
  /** Columns, px. */
  readonly width: number;
  /** Rows, px. */
  readonly height: number;
}

/**
 * Refuses maps that do not have a value for each pixel.
 *
 * @throws {SthelarError} `InvalidArgument` for another length.
 */
export function requirePixels(
  action: string,
  { width, height }: RasterSize,
  ...maps: readonly { readonly length: number }[]
): void {
  for (const { length } of maps) {
    if (length === width * height) continue;
    throw new SthelarError("InvalidArgument", {
      action,
      found: `a map of ${length} values`,
      expected: `${height} x ${width}`,
    });
  }
}
