import { definedOf, type Figure, type FigureFrame } from "../figure.ts";
import { horizontalBars } from "../horizontal_bars.ts";

/** One source of an image's pixel size. */
export interface PixelSize {
  /** The image, as in `DAPI` or `H&E`. */
  readonly image: string;
  /** Where the size is from, as in `experiment.xenium`. */
  readonly source: string;
  /** µm a pixel; left out if the source does not say. */
  readonly umPerPixel?: number;
}

/** What {@link resolutionTable} draws. */
export interface ResolutionTableOptions extends FigureFrame {
  /** The sources, top to bottom. */
  readonly sizes: readonly PixelSize[];
  /** Width, px; 520 unless told. */
  readonly width?: number;
}

/** What microscopists call 40x and 20x. */
const MAGNIFICATIONS = [{ at: 0.25, label: "40x" }, { at: 0.5, label: "20x" }] as const;

/** The pixel sizes of the images by source, with the usual sizes of 40x and 20x as lines. */
export function resolutionTable(options: ResolutionTableOptions): Figure {
  const { sizes, width = 520, ...frame } = options;
  const colours = new Map(
    [...new Set(sizes.map((size) => size.image))].map((
      image,
      i,
    ) => [image, ["#4c78a8", "#b279a2", "#54a24b"][i % 3]]),
  );
  return horizontalBars({
    title: "Pixel size",
    ...definedOf(frame),
    width,
    xLabel: "µm a pixel",
    lines: MAGNIFICATIONS,
    bars: sizes.map(({ image, source, umPerPixel }) => ({
      label: `${image} · ${source}`,
      value: umPerPixel ?? 0,
      text: umPerPixel === undefined ? "not given" : `${Number(umPerPixel.toPrecision(4))}`,
      color: colours.get(image) as string,
    })),
  });
}
