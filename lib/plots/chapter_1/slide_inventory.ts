import * as Plot from "@observablehq/plot";
import { type Figure, figure, type FigureFrame } from "../figure.ts";
import { BAR_HEIGHT_PX, horizontalBars } from "../horizontal_bars.ts";
import { formatCount } from "../legend.ts";
import { panels } from "../panels.ts";
import { FEW_TRANSCRIPTS } from "./nucleus_counts_qc.ts";

/** One slide of a study. */
export interface SlideInventoryRow {
  /** Its id. */
  readonly slide: string;
  /** Its tissue. */
  readonly tissue: string;
  /** Whether the tissue is cancerous. */
  readonly cancer: boolean;
  /** All cells. */
  readonly cells: number;
  /** Cells with more than 10 transcripts. */
  readonly cellsOverTen: number;
  /** Genes of the panel. */
  readonly genes: number;
  /** Size of an H&E pixel, µm; left out without H&E. */
  readonly umPerHePixel?: number;
  /** Whether the published alignment was redone. */
  readonly alignmentRedone: boolean;
}

/** What {@link slideInventory} draws. */
export interface SlideInventoryOptions extends FigureFrame {
  /** The slides, in any order. */
  readonly slides: readonly SlideInventoryRow[];
}

const BAR_COLOUR = "#4c78a8";

/** Cells and panel of each slide, grouped by tissue. */
export function slideInventory(options: SlideInventoryOptions): Figure {
  const slides = [...options.slides].sort((a, b) =>
    compare(a.tissue, b.tissue) || compare(a.slide, b.slide)
  );
  const cells = horizontalBars({
    subtitle: "Cells",
    xLabel: "cells",
    width: 560,
    bars: slides.map((slide) => ({
      label: `${slide.tissue} · ${slide.slide}`,
      value: slide.cells,
      color: BAR_COLOUR,
      hatched: slide.cells - slide.cellsOverTen,
      text: [
        formatCount(slide.cells),
        slide.umPerHePixel === undefined ? "no H&E" : `${slide.umPerHePixel} µm/px`,
        ...(slide.alignmentRedone ? ["realigned"] : []),
      ].join(" · "),
    })),
    legend: {
      items: [
        { label: `at most ${FEW_TRANSCRIPTS} transcripts`, color: BAR_COLOUR, mark: "hatch" },
        { label: "more", color: BAR_COLOUR },
      ],
    },
  });
  const { slides: _, ...frame } = options;
  return panels([cells, panelSizes(slides)], {
    title: "Slides",
    subtitle: `${slides.length} slides, ${formatCount(sum(slides.map((s) => s.cells)))} cells`,
    ...frame,
  });
}

function panelSizes(slides: readonly SlideInventoryRow[]): Figure {
  const kind = (slide: SlideInventoryRow) => slide.cancer ? "cancer" : "no cancer";
  const colour = (slide: SlideInventoryRow) => slide.cancer ? "#d62728" : "#2ca02c";
  return figure({
    subtitle: "Panel",
    width: 300,
    height: slides.length * BAR_HEIGHT_PX + 8 + 36,
    marginLeft: 12,
    marginRight: 64,
    marginTop: 8,
    marginBottom: 36,
    x: {
      type: "log",
      label: "genes (log)",
      labelAnchor: "center",
      labelArrow: "none",
      ticks: [100, 300, 1000, 3000].filter((tick) => tick < 2 * maximum(slides)),
      tickFormat: (value: number) => formatCount(value),
      grid: true,
      nice: true,
    },
    y: {
      type: "band",
      axis: null,
      domain: slides.map((slide) => slide.slide),
      padding: 0,
      round: false,
    },
    marks: [
      Plot.dot(slides, {
        x: "genes",
        y: "slide",
        symbol: (slide: SlideInventoryRow) => slide.cancer ? "triangle" : "circle",
        fill: colour,
        r: 4,
      }),
      Plot.text(slides, { x: "genes", y: "slide", text: kind, textAnchor: "start", dx: 8 }),
    ],
  });
}

function maximum(slides: readonly SlideInventoryRow[]): number {
  return Math.max(100, ...slides.map((slide) => slide.genes));
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
