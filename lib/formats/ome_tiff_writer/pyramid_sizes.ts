import type { PyramidTiff } from "./pyramid_tiff.ts";

const LARGEST_LAST_LEVEL = 1024;
const BIG_TIFF_FROM_BYTES = 3.5e9;

/** The sizes of the levels of a pyramid, each half the one before, rounded up. */
export function pyramidSizes(
  width: number,
  height: number,
  levels?: number,
): { readonly width: number; readonly height: number }[] {
  const sizes = [{ width, height }];
  for (;;) {
    const last = sizes[sizes.length - 1];
    const enough = levels === undefined
      ? Math.max(last.width, last.height) <= LARGEST_LAST_LEVEL
      : sizes.length >= levels;
    if (enough) return sizes;
    sizes.push({ width: Math.ceil(last.width / 2), height: Math.ceil(last.height / 2) });
  }
}

/**
 * Whether an image may outgrow the 4 GiB of a classic TIFF, known before a tile is written: if the
 * padded tiles of all planes and levels come near that uncompressed. The margin is larger than what
 * a codec adds to noise.
 *
 * @example
 * ```ts
 * import { assert } from "@std/assert";
 * import { needsBigTiff } from "@/formats/ome_tiff_writer/mod.ts";
 *
 * assert(needsBigTiff({ width: 75_000, height: 51_000, samples: 1, dtype: "uint16" }));
 * assert(!needsBigTiff({ width: 14_326, height: 34_050, samples: 1, dtype: "uint16" }));
 * ```
 */
export function needsBigTiff(
  image: Pick<
    PyramidTiff,
    "width" | "height" | "samples" | "dtype" | "planes" | "levels" | "tileSize"
  >,
): boolean {
  const { width, height, samples, dtype, planes = 1, levels, tileSize = 1024 } = image;
  const tileBytes = tileSize * tileSize * samples * (dtype === "uint8" ? 1 : 2);
  const across = (pixels: number) => Math.ceil(pixels / tileSize);
  const tiles = pyramidSizes(width, height, levels)
    .reduce((total, size) => total + across(size.width) * across(size.height), 0);
  return planes * tiles * tileBytes > BIG_TIFF_FROM_BYTES;
}
