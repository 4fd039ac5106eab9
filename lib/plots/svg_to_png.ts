/** Options of {@link svgToPng}. */
export interface PngOptions {
  /** Pixels of the picture for one px of the figure; 2 unless told. */
  readonly scale?: number;
}

/**
 * Draws an SVG as a PNG with the bundled font alone, so that the same figure gives the same bytes
 * on every machine.
 *
 * @param svg A whole SVG file.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { svgToPng } from "@/plots/svg_to_png.ts";
 *
 * const svg = '<svg xmlns="http://www.w3.org/2000/svg" width="8" height="4"></svg>';
 * const png = await svgToPng(svg, { scale: 3 });
 * assertEquals(new DataView(png.buffer).getUint32(16), 24);
 * ```
 */
export async function svgToPng(
  svg: string,
  options: PngOptions = {},
): Promise<Uint8Array<ArrayBuffer>> {
  const { Resvg } = await import("@resvg/resvg-js");
  const resvg = new Resvg(svg, {
    background: "white",
    fitTo: { mode: "zoom", value: options.scale ?? 2 },
    font: {
      loadSystemFonts: false,
      fontFiles: await fontFiles(),
      defaultFontFamily: "DejaVu Sans",
      sansSerifFamily: "DejaVu Sans",
    },
  });
  return new Uint8Array(resvg.render().asPng());
}

/** `import.meta.resolve` gives the path of a package's file only once the package is loaded. */
async function fontFiles(): Promise<string[]> {
  await import("dejavu-fonts-ttf/package.json", { with: { type: "json" } });
  return [
    import.meta.resolve("dejavu-fonts-ttf/ttf/DejaVuSans.ttf"),
    import.meta.resolve("dejavu-fonts-ttf/ttf/DejaVuSans-Bold.ttf"),
  ].map((url) => decodeURIComponent(new URL(url).pathname));
}
