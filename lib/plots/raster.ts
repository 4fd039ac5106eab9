/** Pixels of a picture, row by row, 8 bits a channel. */
export interface Raster {
  /** `height * width * channels` values. */
  readonly data: Uint8Array;
  /** Width, px. */
  readonly width: number;
  /** Height, px. */
  readonly height: number;
  /** 3: red, green, blue; 4: with opacity. */
  readonly channels: 3 | 4;
}

/** A raster as a PNG in a `data:` address, as an SVG holds it. */
export async function rasterToDataUrl(raster: Raster): Promise<string> {
  const { default: sharp } = await import("sharp");
  const { width, height, channels } = raster;
  const png = await sharp(raster.data, { raw: { width, height, channels } })
    .png({ compressionLevel: 6, adaptiveFiltering: true }).toBuffer();
  return `data:image/png;base64,${new Uint8Array(png).toBase64()}`;
}
