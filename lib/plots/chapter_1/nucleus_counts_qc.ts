import { type Figure, type FigureFrame } from "../figure.ts";
import { histogram } from "../histogram.ts";
import { formatCount } from "../legend.ts";
import { panels } from "../panels.ts";
import { rasterScatter } from "../raster_scatter.ts";

/** A nucleus with at most so many transcripts is not annotated. */
export const FEW_TRANSCRIPTS = 10;

/** What {@link transcriptsPerNucleus} draws. */
export interface TranscriptsPerNucleusOptions extends FigureFrame {
  /** Transcripts of each nucleus. */
  readonly counts: ArrayLike<number>;
  /** What is counted in, in the plural; nuclei unless told. */
  readonly unit?: string;
  /** Width, px; 420 unless told. */
  readonly width?: number;
}

/** Histogram of transcripts per nucleus, logarithmic, with the line at 10 and the share above. */
export function transcriptsPerNucleus(options: TranscriptsPerNucleusOptions): Figure {
  const { counts, unit = "nuclei", width = 420, ...frame } = options;
  let above = 0;
  for (let i = 0; i < counts.length; i++) if (counts[i] > FEW_TRANSCRIPTS) above++;
  const share = counts.length === 0 ? 0 : 100 * above / counts.length;
  return histogram({
    title: `Transcripts per ${unit === "nuclei" ? "nucleus" : "cell"}`,
    subtitle: `${formatCount(above)} of ${formatCount(counts.length)} ${unit} ` +
      `(${share.toFixed(1)} %) with more than ${FEW_TRANSCRIPTS}`,
    ...frame,
    values: counts,
    xLabel: "transcripts",
    unit,
    log: true,
    integers: true,
    lines: [{ at: FEW_TRANSCRIPTS + 0.5, label: `> ${FEW_TRANSCRIPTS}` }],
    width,
  });
}

/** What {@link nucleusCountsQc} draws. */
export interface NucleusCountsQcOptions extends FigureFrame {
  /** Transcripts of each nucleus. */
  readonly counts: ArrayLike<number>;
  /** Area of each nucleus, µm². */
  readonly areasUm2: ArrayLike<number>;
  /** Width of one panel, px; 330 unless told. */
  readonly panelWidth?: number;
}

/** Counts per nucleus, areas, and counts against areas. */
export function nucleusCountsQc(options: NucleusCountsQcOptions): Figure {
  const { counts, areasUm2, panelWidth = 330, ...frame } = options;
  const height = 260;
  return panels([
    transcriptsPerNucleus({ counts, width: panelWidth }),
    histogram({
      title: "Nucleus area",
      subtitle: `median ${median(areasUm2).toFixed(1)} µm²`,
      values: areasUm2,
      xLabel: "area, µm²",
      unit: "nuclei",
      width: panelWidth,
      height,
    }),
    rasterScatter({
      title: "Transcripts and area",
      subtitle: `${formatCount(counts.length)} nuclei`,
      caption: "nuclei without transcripts are not shown",
      x: areasUm2,
      y: counts,
      log: true,
      xLabel: "area, µm² (log)",
      yLabel: "transcripts (log)",
      width: panelWidth,
      height,
    }),
  ], { title: "Nuclei", ...frame });
}

function median(values: ArrayLike<number>): number {
  const sorted = Float64Array.from(values).sort();
  return sorted.length === 0 ? NaN : sorted[sorted.length >> 1];
}
