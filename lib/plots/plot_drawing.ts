import { type Markish, plot, type PlotOptions } from "@observablehq/plot";
import { parseHTML } from "linkedom";
import type { Drawing } from "./drawing.ts";

/** What a plot may set: titles and legends are the figure's, the document and the font are ours. */
export type PlotBodyOptions = Omit<
  PlotOptions,
  "document" | "title" | "subtitle" | "caption" | "figure" | "style" | "className"
>;

/** What is used of an element; the browser's types are not loaded. */
interface SvgElement {
  readonly innerHTML: string;
  getAttribute(name: string): string | null;
  querySelectorAll(selector: string): Iterable<SvgElement>;
  remove(): void;
}

/** Draws a plot without a browser. */
export function plotDrawing(options: PlotBodyOptions): Drawing {
  const { document } = parseHTML("<!doctype html><html><body></body></html>") as unknown as {
    document: NonNullable<PlotOptions["document"]>;
  };
  const element = plot({ ...options, document, figure: false, className: "plot" });
  const svg = element as unknown as SvgElement;
  for (const style of [...svg.querySelectorAll("style")]) style.remove();
  const body = svg.innerHTML.replaceAll("var(--plot-background)", "white")
    .replaceAll("\u00a0", " ").replaceAll("&nbsp;", " ");
  return {
    width: Number(svg.getAttribute("width")),
    height: Number(svg.getAttribute("height")),
    body: `<g fill="currentColor" text-anchor="middle">${body}</g>`,
  };
}

/** A mark made of SVG text, in px of the plot. */
export function svgMark(body: string): Markish {
  // linkedom reads it as HTML, where only an end tag closes an element.
  const closed = body.replaceAll(/<(\w+)([^<>]*)\/>/g, "<$1$2></$1>");
  return (_index, _scales, _channels, _dimensions, context) => {
    const group = context.document.createElementNS("http://www.w3.org/2000/svg", "g");
    group.innerHTML = closed;
    return group;
  };
}
