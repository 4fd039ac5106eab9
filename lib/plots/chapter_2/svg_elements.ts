import { parseColour } from "../colours.ts";
import { escapeXml, roundPx } from "../drawing.ts";
import { textWidth } from "../text_width.ts";

/** How a line of text is drawn. */
export interface SvgTextStyle {
  /** Font size, px; 10 unless told. */
  readonly sizePx?: number;
  /** Which part of the text lies at the place; its start unless told. */
  readonly anchor?: "start" | "middle" | "end";
  /** Bold or not. */
  readonly bold?: boolean;
  /** Colour; that of the figure unless told. */
  readonly fill?: string;
  /** Whether it is set in a white halo. */
  readonly halo?: boolean;
  /** Whether it is turned to read upwards. */
  readonly upwards?: boolean;
}

/** A line of text, its baseline at `y`. */
export function svgText(x: number, y: number, text: string, style: SvgTextStyle = {}): string {
  const { sizePx = 10, anchor = "start", bold, fill, halo, upwards } = style;
  const place = upwards
    ? `transform="translate(${roundPx(x)},${roundPx(y)}) rotate(-90)"`
    : `x="${roundPx(x)}" y="${roundPx(y)}"`;
  const attributes = [
    place,
    `font-size="${sizePx}"`,
    ...(anchor === "start" ? [] : [`text-anchor="${anchor}"`]),
    ...(bold ? ['font-weight="bold"'] : []),
    ...(fill === undefined ? [] : [`fill="${fill}"`]),
    ...(halo
      ? ['stroke="white" stroke-width="3" stroke-linejoin="round" paint-order="stroke"']
      : []),
  ];
  return `<text ${attributes.join(" ")}>${escapeXml(text)}</text>`;
}

/** A rectangle. */
export function svgRect(
  x: number,
  y: number,
  width: number,
  height: number,
  attributes: string,
): string {
  return `<rect x="${roundPx(x)}" y="${roundPx(y)}" width="${roundPx(Math.max(0, width))}" ` +
    `height="${roundPx(Math.max(0, height))}" ${attributes}/>`;
}

/**
 * Black or white, whichever has more contrast on a colour.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { readableOn } from "@/plots/chapter_2/svg_elements.ts";
 *
 * assertEquals(["#ffd30f", "#468000", "#d62728"].map(readableOn), ["#1a1a1a", "white", "white"]);
 * ```
 */
export function readableOn(colour: string): string {
  const [red, green, blue] = parseColour(colour).map((part) => (part / 255) ** 2.2);
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue > 0.2 ? "#1a1a1a" : "white";
}

/**
 * Breaks a label into lines of at most `widthPx`, after a space, slash, hyphen or underscore; a longer
 * part has a line of its own.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { wrapLabel } from "@/plots/chapter_2/svg_elements.ts";
 *
 * assertEquals(wrapLabel("Monocyte/Macrophage", 80, 10), ["Monocyte/", "Macrophage"]);
 * ```
 */
export function wrapLabel(label: string, widthPx: number, sizePx: number): string[] {
  const lines: string[] = [];
  for (const part of label.match(/[^\s/_-]*[\s/_-]*/g) ?? []) {
    if (part === "") continue;
    const longer = `${lines.at(-1) ?? ""}${part}`;
    const fits = textWidth(longer.trimEnd(), { sizePx }) <= widthPx;
    if (lines.length > 0 && fits) lines[lines.length - 1] = longer;
    else lines.push(part);
  }
  return lines.map((line) => line.trimEnd());
}

/** Width of the widest of some texts, px. */
export function widestText(texts: readonly string[], sizePx = 10, bold = false): number {
  return Math.max(0, ...texts.map((text) => textWidth(text, { sizePx, bold })));
}
