import { roundPx } from "./drawing.ts";
import { textWidth } from "./text_width.ts";

/** A length on the slide with its text. */
export interface ScaleBarLength {
  /** µm */
  readonly lengthUm: number;
  /** As in `100 µm` or `2 mm`. */
  readonly label: string;
}

/**
 * The round length nearest below a quarter of a picture's width.
 *
 * @param widthUm Width of the picture, µm.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { scaleBarLength } from "@/plots/scale_bar.ts";
 *
 * assertEquals(scaleBarLength(200), { lengthUm: 50, label: "50 µm" });
 * assertEquals(scaleBarLength(9000).label, "2 mm");
 * ```
 */
export function scaleBarLength(widthUm: number): ScaleBarLength {
  const most = widthUm / 4;
  const decade = 10 ** Math.floor(Math.log10(most));
  const factor = [5, 2, 1].find((f) => f * decade <= most * (1 + 1e-9)) as number;
  const lengthUm = factor * decade;
  return { lengthUm, label: lengthUm >= 1000 ? `${lengthUm / 1000} mm` : `${lengthUm} µm` };
}

/** A scale bar in the lower right corner of a picture, readable on light and dark. */
export function drawScaleBar(widthUm: number, widthPx: number, heightPx: number): string {
  const { lengthUm, label } = scaleBarLength(widthUm);
  const length = lengthUm / widthUm * widthPx;
  const box = Math.max(length, textWidth(label, { sizePx: 11 })) + 12;
  const x = widthPx - box - 6;
  const y = heightPx - 30;
  return `<g transform="translate(${roundPx(x)},${roundPx(y)})">` +
    `<rect width="${roundPx(box)}" height="24" rx="3" fill="white" fill-opacity="0.85"/>` +
    `<rect x="${roundPx((box - length) / 2)}" y="17" width="${roundPx(length)}" height="3" ` +
    `fill="black"/>` +
    `<text x="${roundPx(box / 2)}" y="13" font-size="11" text-anchor="middle" fill="black">` +
    `${label}</text></g>`;
}
