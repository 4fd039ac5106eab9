/**
 * Figures: pure functions from arrays and tables to pictures that are SVG, PNG and what a notebook
 * shows.
 * @module
 */
export * from "./colours.ts";
export { type Drawing, FONT_FAMILY } from "./drawing.ts";
export {
  type Figure,
  figure,
  type FigureFrame,
  type FigureNote,
  type FigureOptions,
  jupyterDisplay,
  type MediaBundle,
  notebookPicture,
} from "./figure.ts";
export * from "./hex_grid.ts";
export { histogram, type HistogramOptions, type ValueLine } from "./histogram.ts";
export { type Bar, type BarOptions, horizontalBars } from "./horizontal_bars.ts";
export { imagePanel, type ImagePanelOptions } from "./image_panel.ts";
export {
  formatCount,
  type ItemLegend,
  type Legend,
  legendByLevel,
  type LegendItem,
  type RampLegend,
} from "./legend.ts";
export { type Outlines } from "./outlines.ts";
export { type PanelOptions, panels } from "./panels.ts";
export { type Raster } from "./raster.ts";
export {
  type ByLevel,
  type ByValue,
  rasterScatter,
  type ScatterOptions,
} from "./raster_scatter.ts";
export {
  brightness,
  greyRaster,
  rgbRaster,
  sampleWindow,
  type SlideImage,
  type SlideWindow,
} from "./slide_image.ts";
export { type PngOptions, svgToPng } from "./svg_to_png.ts";
