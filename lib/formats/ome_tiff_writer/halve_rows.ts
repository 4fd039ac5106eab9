/** Samples of an image: 8 or 16 bits, interleaved. */
export type ImageSamples = Uint8Array<ArrayBuffer> | Uint16Array<ArrayBuffer>;

/** Zeroed samples of the same kind as `like`. */
function samplesLike(like: ImageSamples, length: number): ImageSamples {
  return like instanceof Uint8Array ? new Uint8Array(length) : new Uint16Array(length);
}

/**
 * Halves rows of an image by 2 x 2 means (rounded half up); a last odd row or column is averaged
 * with itself, so that sizes are halved upwards.
 *
 * @param rows `height * width * samples` values.
 * @returns `ceil(height / 2) * ceil(width / 2) * samples` values.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { halveRows } from "@/formats/ome_tiff_writer/mod.ts";
 *
 * assertEquals(halveRows(Uint8Array.of(1, 2, 9, 3, 4, 9), 3, 2, 1), Uint8Array.of(3, 9));
 * ```
 */
export function halveRows(
  rows: ImageSamples,
  width: number,
  height: number,
  samples: number,
): ImageSamples {
  const outWidth = Math.ceil(width / 2), outHeight = Math.ceil(height / 2);
  const out = samplesLike(rows, outWidth * outHeight * samples);
  for (let y = 0; y < outHeight; y++) {
    const top = 2 * y * width;
    const bottom = Math.min(2 * y + 1, height - 1) * width;
    for (let x = 0; x < outWidth; x++) {
      const left = 2 * x, right = Math.min(left + 1, width - 1);
      const to = (y * outWidth + x) * samples;
      for (let s = 0; s < samples; s++) {
        const sum = rows[(top + left) * samples + s] + rows[(top + right) * samples + s] +
          rows[(bottom + left) * samples + s] + rows[(bottom + right) * samples + s];
        out[to + s] = (sum + 2) >> 2;
      }
    }
  }
  return out;
}
