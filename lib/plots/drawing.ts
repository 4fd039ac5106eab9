/** Part of a picture: SVG elements in a box whose top left corner is 0, 0. */
export interface Drawing {
  /** Width, px. */
  readonly width: number;
  /** Height, px. */
  readonly height: number;
  /** SVG elements, without an `<svg>` around them. */
  readonly body: string;
}

/** The font that every figure names; fallbacks have nearly the same widths. */
export const FONT_FAMILY = "DejaVu Sans, Verdana, Arial, sans-serif";

/** Makes a text safe between tags and in attributes. */
export function escapeXml(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;");
}

/** The body of `drawing`, moved to `x`, `y` px. */
export function placeDrawing(drawing: Drawing, x: number, y: number): string {
  if (x === 0 && y === 0) return drawing.body;
  return `<g transform="translate(${roundPx(x)},${roundPx(y)})">${drawing.body}</g>`;
}

/** Drawings below each other, left edges aligned; empty ones take no place. */
export function stackDrawings(drawings: readonly Drawing[], gapPx: number): Drawing {
  let height = 0;
  let body = "";
  for (const drawing of drawings.filter((d) => d.height > 0)) {
    const y = height === 0 ? 0 : height + gapPx;
    body += placeDrawing(drawing, 0, y);
    height = y + drawing.height;
  }
  return { width: Math.max(0, ...drawings.map((d) => d.width)), height, body };
}

/** A number as SVG text: two decimals are below what a screen shows. */
export function roundPx(value: number): string {
  return String(Math.round(value * 100) / 100);
}

/**
 * One self-contained SVG file: white background, the font named, ids numbered by appearance so
 * that equal figures give equal bytes.
 *
 * @example
 * ```ts
 * import { assert } from "@std/assert";
 * import { toSvg } from "@/plots/drawing.ts";
 *
 * const svg = toSvg({ width: 10, height: 10, body: '<circle r="5"/>' });
 * assert(svg.startsWith('<svg xmlns="http://www.w3.org/2000/svg" width="10" height="10"'));
 * ```
 */
export function toSvg(drawing: Drawing): string {
  const width = Math.ceil(drawing.width);
  const height = Math.ceil(drawing.height);
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" ` +
    `viewBox="0 0 ${width} ${height}" font-family="${FONT_FAMILY}" font-size="10" ` +
    `color="#1a1a1a" fill="currentColor">` +
    `<rect width="${width}" height="${height}" fill="white"/>${numberIds(drawing.body)}</svg>\n`;
}

/** Plot numbers its ids from the start of the process. */
function numberIds(body: string): string {
  const numbers = new Map<string, number>();
  return body.replaceAll(/plot-clip-\d+/g, (id) => {
    if (!numbers.has(id)) numbers.set(id, numbers.size + 1);
    return `clip-${numbers.get(id)}`;
  });
}
