/** Advance widths of the characters 32 to 126 in DejaVu Sans, thousandths of the font size. */
// deno-fmt-ignore
const REGULAR = [318, 401, 460, 838, 636, 950, 780, 275, 390, 390, 500, 838, 318, 361, 318, 337, 636, 636, 636, 636, 636, 636, 636, 636, 636, 636, 337, 337, 838, 838, 838, 531, 1000, 684, 686, 698, 770, 632, 575, 775, 752, 295, 295, 656, 557, 863, 748, 787, 603, 787, 695, 635, 611, 732, 684, 989, 685, 611, 685, 390, 337, 390, 838, 500, 500, 613, 635, 550, 635, 615, 352, 635, 634, 278, 278, 579, 278, 974, 634, 612, 635, 635, 411, 521, 392, 634, 592, 818, 592, 592, 525, 636, 337, 636, 838];
/** The same for DejaVu Sans Bold. */
// deno-fmt-ignore
const BOLD = [348, 456, 521, 838, 696, 1002, 872, 306, 457, 457, 523, 838, 380, 415, 380, 365, 696, 696, 696, 696, 696, 696, 696, 696, 696, 696, 400, 400, 838, 838, 838, 580, 1000, 774, 762, 734, 830, 683, 683, 821, 837, 372, 372, 775, 637, 995, 837, 850, 733, 850, 770, 720, 682, 812, 774, 1103, 771, 724, 725, 457, 365, 457, 838, 500, 500, 675, 716, 593, 716, 678, 435, 716, 712, 343, 343, 665, 343, 1042, 712, 687, 716, 716, 493, 595, 478, 712, 652, 924, 645, 652, 582, 712, 365, 712, 838];

/** Width of a character that is not in the tables (µ, ·, ≥), thousandths of the font size. */
const OTHER_WIDTH = 720;

/** How a text is set. */
export interface TextStyle {
  /** Font size, px. */
  readonly sizePx: number;
  /** Bold or not. */
  readonly bold?: boolean;
}

/**
 * Width of a line of text in the figures' font.
 *
 * @returns px
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { textWidth } from "@/plots/text_width.ts";
 *
 * assertEquals(textWidth("10", { sizePx: 1000 }), 1272);
 * ```
 */
export function textWidth(text: string, style: TextStyle): number {
  const widths = style.bold ? BOLD : REGULAR;
  let sum = 0;
  for (const character of text) {
    sum += widths[(character.codePointAt(0) as number) - 32] ?? OTHER_WIDTH;
  }
  return sum * style.sizePx / 1000;
}

/**
 * Breaks a text into lines of at most `widthPx`; a word that is longer has a line of its own.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { wrapText } from "@/plots/text_width.ts";
 *
 * assertEquals(wrapText("nuclei and cells", 60, { sizePx: 10 }), ["nuclei and", "cells"]);
 * ```
 */
export function wrapText(text: string, widthPx: number, style: TextStyle): string[] {
  const lines: string[] = [];
  let line = "";
  for (const word of text.split(/\s+/)) {
    const longer = line === "" ? word : `${line} ${word}`;
    if (line === "" || textWidth(longer, style) <= widthPx) {
      line = longer;
    } else {
      lines.push(line);
      line = word;
    }
  }
  return line === "" ? lines : [...lines, line];
}
