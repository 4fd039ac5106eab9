import { type Figure, type FigureFrame } from "../figure.ts";
import { type HexGrid, hexRaster, largestCount } from "../hex_grid.ts";
import { horizontalBars } from "../horizontal_bars.ts";
import { imagePanel } from "../image_panel.ts";
import { formatCount } from "../legend.ts";
import { panels } from "../panels.ts";

/** What {@link transcriptDensity} draws. */
export interface TranscriptDensityOptions extends FigureFrame {
  /** Transcripts in hexagons of 20 µm. */
  readonly grid: HexGrid;
  /** All transcripts. */
  readonly transcripts: number;
  /** Those inside of a nucleus. */
  readonly inNuclei: number;
  /** Those with a quality of 20 or more; left out where qualities are unknown. */
  readonly goodQuality?: number;
  /** Width of the map, px; 460 unless told. */
  readonly width?: number;
}

/** Where the transcripts are, and how many lie in nuclei and are of good quality. */
export function transcriptDensity(options: TranscriptDensityOptions): Figure {
  const { grid, transcripts, inNuclei, goodQuality, width = 460, ...frame } = options;
  const map = imagePanel({
    window: grid.window,
    width,
    raster: (px) => hexRaster(grid, px),
    legend: {
      ramp: "viridis",
      label: `transcripts in a hexagon of ${grid.pitchUm} µm (log)`,
      domain: [1, Math.max(2, largestCount(grid))],
      log: true,
    },
  });
  const part = (label: string, count: number) => {
    const share = transcripts === 0 ? 0 : 100 * count / transcripts;
    return { label, value: share, text: `${share.toFixed(1)} %` };
  };
  const bars = horizontalBars({
    bars: [
      part("in a nucleus", inNuclei),
      ...(goodQuality === undefined ? [] : [part("quality 20 or more", goodQuality)]),
    ],
    xLabel: "% of the transcripts",
    axisEnd: 100,
    width,
  });
  return panels([map, bars], {
    title: "Transcript density",
    subtitle: `n = ${formatCount(transcripts)} transcripts`,
    ...frame,
    columns: 1,
  });
}
