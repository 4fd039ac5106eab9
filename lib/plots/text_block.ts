import { type Drawing, escapeXml, roundPx } from "./drawing.ts";
import { type TextStyle, wrapText } from "./text_width.ts";

/** How a block of text is set. */
export interface TextBlockStyle extends TextStyle {
  /** Colour of the letters. */
  readonly color: string;
}

/** A text broken into lines that fit `widthPx`. */
export function textBlock(text: string, widthPx: number, style: TextBlockStyle): Drawing {
  const lines = wrapText(text, widthPx, style);
  const leading = style.sizePx * 1.3;
  const weight = style.bold ? ' font-weight="bold"' : "";
  const body = lines.map((line, i) =>
    `<text x="0" y="${roundPx(style.sizePx + i * leading)}" font-size="${style.sizePx}"${weight} ` +
    `fill="${style.color}">${escapeXml(line)}</text>`
  ).join("");
  return { width: widthPx, height: lines.length * leading, body };
}
