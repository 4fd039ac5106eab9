import type { DenseArray } from "@/core/arrays.ts";
import { SthelarError } from "@/core/errors.ts";
import { type Affine, invertAffine } from "@/geometry/affine.ts";
import type { Raster } from "./raster.ts";

/** Pixels of one image and where they lie on the slide. */
export interface SlideImage {
  /** Shape (c, y, x), as a SpatialData image holds them. */
  readonly pixels: DenseArray<Uint8Array | Uint16Array>;
  /** From pixel (its centre is + 0.5) to micrometre. */
  readonly toMicron: Affine<string, "micron">;
}

/** A rectangle of the slide in µm, y down. */
export interface SlideWindow {
  /** Left edge. */
  readonly x: number;
  /** Upper edge. */
  readonly y: number;
  /** Width. */
  readonly width: number;
  /** Height. */
  readonly height: number;
}

/** Channels of an image on the pixel grid of a window. */
export interface WindowSamples {
  /** Columns of the grid. */
  readonly width: number;
  /** Rows of the grid. */
  readonly height: number;
  /** Shape (c, y, x). */
  readonly values: Float32Array;
  /** 1 where the image has pixels, 0 beyond its edge; shape (y, x). */
  readonly inside: Uint8Array;
}

const MAX_SUBSAMPLES = 6;

/**
 * Reads an image on the grid of a window, whatever its rotation and scale: bilinear, averaged
 * where the image is finer than the grid.
 *
 * @param widthPx Columns of the grid; the rows follow from the window's shape.
 * @param channels Which channels to read.
 * @throws {SthelarError} `InvalidArgument` if a channel does not exist.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { scaling } from "@/geometry/affine.ts";
 * import { sampleWindow } from "@/plots/slide_image.ts";
 *
 * const pixels = { data: Uint8Array.of(10, 20, 30, 40), shape: [1, 2, 2] };
 * const image = { pixels, toMicron: scaling("pixel", "micron", 0.5) };
 * const { values } = sampleWindow(image, { x: 0, y: 0, width: 1, height: 1 }, 2, [0]);
 * assertEquals([...values], [10, 20, 30, 40]);
 * ```
 */
export function sampleWindow(
  image: SlideImage,
  window: SlideWindow,
  widthPx: number,
  channels: readonly number[],
): WindowSamples {
  const [channelCount, rows, columns] = image.pixels.shape;
  checkChannels(channels, channelCount);
  const { data } = image.pixels;
  const umPerPx = window.width / widthPx;
  const width = widthPx;
  const height = Math.max(1, Math.round(window.height / umPerPx));
  const [a, b, c, d, e, f] = invertAffine(image.toMicron).coefficients;
  const coarseness = umPerPx * Math.sqrt(Math.abs(a * e - b * d));
  const subsamples = Math.min(MAX_SUBSAMPLES, Math.max(1, Math.ceil(coarseness - 1e-6)));
  const values = new Float32Array(channels.length * width * height);
  const inside = new Uint8Array(width * height);
  const plane = rows * columns;
  for (let row = 0; row < height; row++) {
    for (let column = 0; column < width; column++) {
      const at = row * width + column;
      let hits = 0;
      for (let s = 0; s < subsamples * subsamples; s++) {
        const ux = window.x + (column + ((s % subsamples) + 0.5) / subsamples) * umPerPx;
        const uy = window.y + (row + (((s / subsamples) | 0) + 0.5) / subsamples) * umPerPx;
        const px = a * ux + b * uy + c;
        const py = d * ux + e * uy + f;
        if (px < 0 || py < 0 || px >= columns || py >= rows) continue;
        hits++;
        const x0 = Math.min(columns - 1, Math.max(0, Math.floor(px - 0.5)));
        const y0 = Math.min(rows - 1, Math.max(0, Math.floor(py - 0.5)));
        const x1 = Math.min(columns - 1, x0 + 1);
        const y1 = Math.min(rows - 1, y0 + 1);
        const wx = Math.min(1, Math.max(0, px - 0.5 - x0));
        const wy = Math.min(1, Math.max(0, py - 0.5 - y0));
        for (let k = 0; k < channels.length; k++) {
          const base = channels[k] * plane;
          const upper = data[base + y0 * columns + x0] * (1 - wx) +
            data[base + y0 * columns + x1] * wx;
          const lower = data[base + y1 * columns + x0] * (1 - wx) +
            data[base + y1 * columns + x1] * wx;
          values[k * width * height + at] += upper * (1 - wy) + lower * wy;
        }
      }
      if (hits === 0) continue;
      inside[at] = 1;
      for (let k = 0; k < channels.length; k++) values[k * width * height + at] /= hits;
    }
  }
  return { width, height, values, inside };
}

function checkChannels(channels: readonly number[], channelCount: number): void {
  const absent = channels.find((channel) => channel < 0 || channel >= channelCount);
  if (absent === undefined) return;
  throw new SthelarError("InvalidArgument", {
    action: `Cannot draw channel ${absent} of an image`,
    found: `${channelCount} ${channelCount === 1 ? "channel" : "channels"}`,
    expected: `a channel from 0 to ${channelCount - 1}`,
  });
}

/** What is drawn beyond the edge of an image. */
const OUTSIDE = 235;

/** A colour image (channels 0, 1, 2) in a window; grey beyond its edge. */
export function rgbRaster(image: SlideImage, window: SlideWindow, widthPx: number): Raster {
  const { width, height, values, inside } = sampleWindow(image, window, widthPx, [0, 1, 2]);
  const n = width * height;
  const data = new Uint8Array(n * 3).fill(OUTSIDE);
  for (let i = 0; i < n; i++) {
    if (inside[i] === 0) continue;
    for (let k = 0; k < 3; k++) data[i * 3 + k] = Math.round(values[k * n + i]);
  }
  return { data, width, height, channels: 3 };
}

/** A fluorescence channel in a window as shares of its range: 0 dark, 1 bright. */
export interface Brightness {
  /** Columns. */
  readonly width: number;
  /** Rows. */
  readonly height: number;
  /** 0 to 1; 0 beyond the edge; shape (y, x). */
  readonly shares: Float32Array;
}

/**
 * Reads one fluorescence channel, stretched between its 1 % and 99.7 % quantiles in the window.
 *
 * @param channel Which channel; 0 is DAPI.
 */
export function brightness(
  image: SlideImage,
  window: SlideWindow,
  widthPx: number,
  channel = 0,
): Brightness {
  const { width, height, values, inside } = sampleWindow(image, window, widthPx, [channel]);
  const sorted = values.filter((_, i) => inside[i] === 1).sort();
  const quantile = (share: number) => sorted[Math.floor(share * (sorted.length - 1))] ?? 0;
  const [low, high] = [quantile(0.01), quantile(0.997)];
  const range = Math.max(1, high - low);
  const shares = values.map((value, i) =>
    inside[i] === 0 ? 0 : Math.min(1, Math.max(0, (value - low) / range))
  );
  return { width, height, shares };
}

/** A fluorescence channel as a grey picture. */
export function greyRaster(
  image: SlideImage,
  window: SlideWindow,
  widthPx: number,
  channel = 0,
): Raster {
  const { width, height, shares } = brightness(image, window, widthPx, channel);
  const data = new Uint8Array(width * height * 3);
  shares.forEach((share, i) => data.fill(Math.round(255 * share ** 0.8), i * 3, i * 3 + 3));
  return { data, width, height, channels: 3 };
}
