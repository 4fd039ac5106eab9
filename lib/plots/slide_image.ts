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
/** Pixels that the range of brightness is found from. */
const QUANTILE_SAMPLE = 50_000;

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
  const request = JSON.stringify([window, widthPx, channels]);
  const last = lastSamples.get(image);
  if (last?.request === request) return last.samples;
  const umPerPx = window.width / widthPx;
  const width = widthPx;
  const height = Math.max(1, Math.round(window.height / umPerPx));
  const toPixel = invertAffine(image.toMicron).coefficients;
  const samples = new RowSamples(toPixel, [rows, columns], window, { width, umPerPx });
  const planes = channels.map((channel) =>
    image.pixels.data.subarray(channel * rows * columns, (channel + 1) * rows * columns)
  );
  const values = new Float32Array(channels.length * width * height);
  const inside = new Uint8Array(width * height);
  for (let row = 0; row < height; row++) {
    samples.place(row);
    samples.markInside(inside.subarray(row * width, (row + 1) * width));
    for (const [k, plane] of planes.entries()) {
      const start = (k * height + row) * width;
      samples.average(plane, values.subarray(start, start + width));
    }
  }
  const result = { width, height, values, inside };
  lastSamples.set(image, { request, samples: result });
  return result;
}

/** What was last made of an image: the panels of a figure ask for the same grid. */
const lastSamples = new WeakMap<SlideImage, { request: string; samples: WindowSamples }>();

/** Where the samples of one row of the grid lie in an image: found once, used for every channel. */
class RowSamples {
  readonly #perSide: number;
  /** The pixel to the upper left of each sample, -1 beyond the edge. */
  readonly #upperLeft: Int32Array;
  /** How far each sample lies from that pixel's centre towards the next, 0 to 1. */
  readonly #shareX: Float64Array;
  readonly #shareY: Float64Array;
  readonly #hits: Uint16Array;

  constructor(
    readonly toPixel: readonly number[],
    readonly extent: readonly [rows: number, columns: number],
    readonly window: SlideWindow,
    readonly grid: { readonly width: number; readonly umPerPx: number },
  ) {
    const [a, b, , d, e] = toPixel;
    const coarseness = grid.umPerPx * Math.sqrt(Math.abs(a * e - b * d));
    this.#perSide = Math.min(MAX_SUBSAMPLES, Math.max(1, Math.ceil(coarseness - 1e-6)));
    const samples = grid.width * this.#perSide ** 2;
    this.#upperLeft = new Int32Array(samples);
    this.#shareX = new Float64Array(samples);
    this.#shareY = new Float64Array(samples);
    this.#hits = new Uint16Array(grid.width);
  }

  /** Finds the samples of a row. */
  place(row: number): void {
    const [a, b, c, d, e, f] = this.toPixel;
    const [rows, columns] = this.extent;
    const { width, umPerPx } = this.grid;
    const perSide = this.#perSide;
    const [upperLeft, shareX, shareY] = [this.#upperLeft, this.#shareX, this.#shareY];
    const [lastX, lastY] = [Math.max(0, columns - 2), Math.max(0, rows - 2)];
    const step = umPerPx / perSide;
    let i = 0;
    for (let column = 0; column < width; column++) {
      let hits = 0;
      for (let s = 0; s < perSide * perSide; s++, i++) {
        const down = (s / perSide) | 0;
        const ux = this.window.x + (column * perSide + s - down * perSide + 0.5) * step;
        const uy = this.window.y + (row * perSide + down + 0.5) * step;
        const px = a * ux + b * uy + c;
        const py = d * ux + e * uy + f;
        upperLeft[i] = -1;
        if (!(px >= 0 && py >= 0 && px < columns && py < rows)) continue;
        hits++;
        const x0 = px < 1 ? 0 : Math.min(lastX, (px - 0.5) | 0);
        const y0 = py < 1 ? 0 : Math.min(lastY, (py - 0.5) | 0);
        upperLeft[i] = y0 * columns + x0;
        shareX[i] = Math.min(1, Math.max(0, px - 0.5 - x0));
        shareY[i] = Math.min(1, Math.max(0, py - 0.5 - y0));
      }
      this.#hits[column] = hits;
    }
  }

  /** Sets 1 where at least one sample lies in the image. */
  markInside(inside: Uint8Array): void {
    for (let column = 0; column < inside.length; column++) {
      inside[column] = this.#hits[column] > 0 ? 1 : 0;
    }
  }

  /** The mean of the samples of each column, interpolated between pixels. */
  average(plane: Uint8Array | Uint16Array, means: Float32Array): void {
    const [rows, columns] = this.extent;
    const right = columns > 1 ? 1 : 0;
    const below = rows > 1 ? columns : 0;
    const perPixel = this.#perSide ** 2;
    const [upperLeft, shareX, shareY] = [this.#upperLeft, this.#shareX, this.#shareY];
    for (let column = 0; column < means.length; column++) {
      let sum = 0;
      for (let i = column * perPixel; i < (column + 1) * perPixel; i++) {
        const at = upperLeft[i];
        if (at < 0) continue;
        const x = shareX[i];
        const upper = plane[at] + (plane[at + right] - plane[at]) * x;
        const lower = plane[at + below] + (plane[at + below + right] - plane[at + below]) * x;
        sum += upper + (lower - upper) * shareY[i];
      }
      means[column] = sum / Math.max(1, this.#hits[column]);
    }
  }
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
  const data = new Uint8Array(n * 3);
  for (let i = 0; i < n; i++) {
    for (let k = 0; k < 3; k++) {
      data[i * 3 + k] = inside[i] === 0 ? OUTSIDE : values[k * n + i] + 0.5;
    }
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
  const step = Math.ceil(values.length / QUANTILE_SAMPLE);
  const some = new Float32Array(Math.ceil(values.length / step));
  let n = 0;
  for (let i = 0; i < values.length; i += step) if (inside[i] === 1) some[n++] = values[i];
  const sorted = some.subarray(0, n).sort();
  const quantile = (share: number) => sorted[Math.floor(share * (sorted.length - 1))] ?? 0;
  const [low, high] = [quantile(0.01), quantile(0.997)];
  const range = Math.max(1, high - low);
  const shares = new Float32Array(values.length);
  for (let i = 0; i < shares.length; i++) {
    if (inside[i] === 1) shares[i] = Math.min(1, Math.max(0, (values[i] - low) / range));
  }
  return { width, height, shares };
}

/** Grey of a share of the brightness, with dark parts lifted. */
const GREYS = Uint8Array.from({ length: 1024 }, (_, i) => Math.round(255 * (i / 1023) ** 0.8));

/** A fluorescence channel as a grey picture. */
export function greyRaster(
  image: SlideImage,
  window: SlideWindow,
  widthPx: number,
  channel = 0,
): Raster {
  const { width, height, shares } = brightness(image, window, widthPx, channel);
  const data = new Uint8Array(width * height * 3);
  for (let i = 0; i < shares.length; i++) {
    const grey = GREYS[Math.round(shares[i] * (GREYS.length - 1))];
    data[i * 3] = data[i * 3 + 1] = data[i * 3 + 2] = grey;
  }
  return { data, width, height, channels: 3 };
}
