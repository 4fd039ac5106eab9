import type { TileEncoding, TileSamples } from "./tile_encoding.ts";

/**
 * Cuts the padding off a tile and puts its channels one after the other.
 *
 * @param values Interleaved samples, (height, width, samples).
 * @returns (samples, clipHeight, clipWidth), in a buffer of its own: `values` itself where nothing
 * moves.
 */
export function arrangeSamples(values: TileSamples, encoding: TileEncoding): TileSamples {
  const { width, clipWidth, clipHeight, samples } = encoding;
  const length = samples * clipWidth * clipHeight;
  if (samples === 1 && width === clipWidth) {
    const whole = values.subarray(0, length);
    return whole.byteLength === values.buffer.byteLength ? whole : whole.slice();
  }
  const out = values instanceof Uint8Array ? new Uint8Array(length) : new Uint16Array(length);
  for (let y = 0; y < clipHeight; y++) {
    const from = y * width * samples;
    if (samples === 1) {
      out.set(values.subarray(from, from + clipWidth), y * clipWidth);
      continue;
    }
    for (let sample = 0; sample < samples; sample++) {
      let to = (sample * clipHeight + y) * clipWidth;
      const end = from + clipWidth * samples;
      for (let i = from + sample; i < end; i += samples) out[to++] = values[i];
    }
  }
  return out;
}
