import { type Drawing, escapeXml, placeDrawing, roundPx, stackDrawings, toSvg } from "./drawing.ts";
import { drawLegend, type Legend } from "./legend.ts";
import { type PlotBodyOptions, plotDrawing } from "./plot_drawing.ts";
import { type PngOptions, svgToPng } from "./svg_to_png.ts";
import { textBlock } from "./text_block.ts";
import { textWidth } from "./text_width.ts";

/** The method that Jupyter asks for a value's pictures. */
export const jupyterDisplay: unique symbol = Symbol.for("Jupyter.display") as never;

/** Media types and their contents; binary ones in base64. */
export type MediaBundle = Readonly<Record<string, string>>;

/** A picture that is drawn when it is asked for. */
export interface Figure {
  /** Draws it, without a file around it; a panel of another figure is made of this. */
  draw(): Promise<Drawing>;
  /** One self-contained SVG file with title and legend. */
  svg(): Promise<string>;
  /** The same as PNG; equal figures give equal bytes. */
  png(options?: PngOptions): Promise<Uint8Array<ArrayBuffer>>;
  /** The picture as a notebook shows it. */
  [jupyterDisplay](): Promise<MediaBundle>;
}

/** What a reader must know of the data behind a figure. */
export type FigureNote = "simulated" | "automatic";

/** What stands around a picture. */
export interface FigureFrame {
  /** Bold, above. */
  readonly title?: string;
  /** Below the title. */
  readonly subtitle?: string;
  /** Small, below the picture: n and what is not shown. */
  readonly caption?: string;
  /** Explains the colours. */
  readonly legend?: Legend | readonly Legend[];
  /** Marks simulated data and automatic decisions. */
  readonly notes?: readonly FigureNote[];
}

/** A plot and what stands around it. */
export type FigureOptions = PlotBodyOptions & FigureFrame;

/** Above this many bytes of SVG a notebook is given the PNG. */
const MAX_INLINE_SVG_BYTES = 400_000;
/** A wider figure is shrunk in a notebook, which would cut it off. */
const NOTEBOOK_WIDTH_PX = 860;
const PADDING_PX = 10;
const GAP_PX = 6;

/**
 * A figure made of an Observable Plot.
 *
 * @param options Plot's options (marks, scales, width in px), title, legend, notes; or a function
 * that prepares them when the figure is drawn.
 *
 * @example
 * ```ts
 * import { assert } from "@std/assert";
 * import * as Plot from "@observablehq/plot";
 * import { figure } from "@/plots/figure.ts";
 *
 * const marks = [Plot.barX([{ label: "nuclei", n: 12 }], { x: "n", y: "label" })];
 * const bars = figure({ title: "Nuclei", marks, notes: ["simulated"] });
 * assert((await bars.svg()).includes(">simulated</text>"));
 * ```
 */
export function figure(options: FigureOptions | (() => Promise<FigureOptions>)): Figure {
  return figureOf(async () => {
    const { title, subtitle, caption, legend, notes, ...plotOptions } =
      typeof options === "function" ? await options() : options;
    const frame = definedOf({ title, subtitle, caption, legend, notes });
    return frameDrawing(plotDrawing(plotOptions), frame);
  });
}

/** A figure made of any drawing, with the same frame. */
export function framedFigure(
  frame: FigureFrame,
  drawBody: () => Drawing | Promise<Drawing>,
): Figure {
  return figureOf(async () => frameDrawing(await drawBody(), frame));
}

/** Leaves out what is `undefined`. */
export function definedOf<T extends object>(
  values: T,
): { [K in keyof T]?: Exclude<T[K], undefined> } {
  const kept = Object.entries(values).filter(([, value]) => value !== undefined);
  return Object.fromEntries(kept) as { [K in keyof T]?: Exclude<T[K], undefined> };
}

function figureOf(drawOnce: () => Promise<Drawing>): Figure {
  let drawing: Promise<Drawing> | undefined;
  const draw = () => drawing ??= drawOnce();
  const svg = async () => toSvg(await draw());
  const png = async (options: PngOptions = {}) => await svgToPng(await svg(), options);
  return {
    draw,
    svg,
    png,
    async [jupyterDisplay]() {
      const text = await svg();
      const { width, height } = await draw();
      const plain = `[figure, ${Math.ceil(width)} x ${Math.ceil(height)} px]`;
      return await notebookPicture(text, () => svgToPng(text), plain);
    },
  };
}

/**
 * A picture as a notebook shows it: no wider than it has room for.
 *
 * @param svg An SVG file of ours.
 * @param png The same as PNG, asked for if the SVG is large.
 * @param plain What is shown where there are no pictures.
 */
export async function notebookPicture(
  svg: string,
  png: () => Promise<Uint8Array>,
  plain: string,
): Promise<MediaBundle> {
  if (svg.length >= MAX_INLINE_SVG_BYTES) {
    return { "text/plain": plain, "image/png": (await png()).toBase64() };
  }
  const fitted = svg.replace(
    /^<svg ([^>]*?)width="([^"]*)" height="([^"]*)"/,
    (start, between, width, height) => {
      if (Number(width) <= NOTEBOOK_WIDTH_PX) return start;
      const heightPx = Math.ceil(Number(height) * NOTEBOOK_WIDTH_PX / Number(width));
      return `<svg ${between}width="${NOTEBOOK_WIDTH_PX}" height="${heightPx}"`;
    },
  );
  return { "text/plain": plain, "image/svg+xml": fitted };
}

function frameDrawing(content: Drawing, frame: FigureFrame): Drawing {
  const { width } = content;
  const note = noteTag(frame.notes ?? []);
  const legends = frame.legend === undefined ? [] : [frame.legend].flat();
  const header = stackDrawings(
    [
      textBlock(frame.title ?? "", width - note.width - 8, {
        sizePx: 14,
        bold: true,
        color: "currentColor",
      }),
      textBlock(frame.subtitle ?? "", width - (frame.title === undefined ? note.width + 8 : 0), {
        sizePx: 11,
        color: "#444",
      }),
    ],
    2,
  );
  const headerHeight = Math.max(header.height, note.height);
  const top: Drawing = {
    width,
    height: headerHeight,
    body: header.body + placeDrawing(note, width - note.width, 0),
  };
  const stacked = stackDrawings([
    top,
    content,
    ...legends.map((legend) => drawLegend(legend, width)),
    textBlock(frame.caption ?? "", width, { sizePx: 10, color: "#444" }),
  ], GAP_PX);
  return {
    width: width + 2 * PADDING_PX,
    height: stacked.height + 2 * PADDING_PX,
    body: placeDrawing(stacked, PADDING_PX, PADDING_PX),
  };
}

function noteTag(notes: readonly FigureNote[]): Drawing {
  if (notes.length === 0) return { width: 0, height: 0, body: "" };
  const text = notes.join(" · ");
  const width = textWidth(text, { sizePx: 10 }) + 12;
  const body = `<rect x="0.5" y="0.5" width="${roundPx(width - 1)}" height="16" rx="4" ` +
    `fill="#fff7e0" stroke="#b58900"/>` +
    `<text x="6" y="12" font-size="10" fill="#7a5c00">${escapeXml(text)}</text>`;
  return { width, height: 17, body };
}
