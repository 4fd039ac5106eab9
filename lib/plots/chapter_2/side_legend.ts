import { colourRamp } from "../colours.ts";
import { type Drawing, roundPx } from "../drawing.ts";
import { formatNumber, type LegendItem, type RampLegend, roundTicks } from "../legend.ts";
import { svgRect, svgText, widestText, wrapLabel } from "./svg_elements.ts";

const TEXT_PX = 10;
const LINE_PX = 12;
const ITEM_GAP_PX = 3;
/** More entries than this are set smaller. */
const MANY_ITEMS = 12;
/** A little higher than it may be is better than a column of one entry. */
const STRETCH = 1.12;
const DOT_PX = 15;
const COLUMN_GAP_PX = 12;
const MAX_TEXT_PX = 132;

/**
 * Entries below each other, long labels on several lines; a second column where they would be higher
 * than `heightPx`.
 */
export function sideLegend(items: readonly LegendItem[], heightPx: number): Drawing {
  let body = "", x = 0, y = 0, columnWidth = 0, height = 0;
  const isDense = items.length > MANY_ITEMS;
  const [sizePx, linePx] = isDense ? [TEXT_PX - 1, LINE_PX - 1] : [TEXT_PX, LINE_PX];
  const gapPx = isDense ? ITEM_GAP_PX - 1 : ITEM_GAP_PX;
  const entries = items.map(({ label, color }) => {
    const lines = wrapLabel(label, MAX_TEXT_PX, sizePx);
    return { lines, color, own: lines.length * linePx + gapPx };
  });
  const total = entries.reduce((sum, { own }) => sum + own, 0);
  const most = total <= STRETCH * heightPx ? total : heightPx;
  for (const { lines, color, own } of entries) {
    if (y > 0 && y + own - gapPx > most) {
      x += columnWidth + COLUMN_GAP_PX;
      y = 0;
      columnWidth = 0;
    }
    body += `<circle cx="${roundPx(x + 5)}" cy="${roundPx(y + 6)}" r="4.5" fill="${color}" ` +
      `stroke="#666" stroke-width="0.4"/>` +
      lines.map((line, i) => svgText(x + DOT_PX, y + 9.5 + i * linePx, line, { sizePx })).join("");
    columnWidth = Math.max(columnWidth, DOT_PX + widestText(lines, sizePx));
    y += own;
    height = Math.max(height, y - gapPx);
  }
  return { width: x + columnWidth, height, body };
}

const STEPS = 48;
const BAR_PX = 12;

/** An upright bar of colours with numbers to its right and its quantity beside them. */
export function sideRamp({ ramp, label, domain }: RampLegend, heightPx: number): Drawing {
  const [low, high] = domain;
  const colour = colourRamp(ramp);
  const step = heightPx / STEPS;
  let body = "";
  for (let i = 0; i < STEPS; i++) {
    body += svgRect(
      0,
      heightPx - (i + 1) * step,
      BAR_PX,
      step + 0.5,
      `fill="${colour((i + 0.5) / STEPS)}"`,
    );
  }
  const ticks = high > low ? roundTicks(low, high) : [low];
  for (const value of ticks) {
    const y = high > low ? heightPx * (1 - (value - low) / (high - low)) : heightPx / 2;
    const baseline = Math.min(heightPx, Math.max(8, y + 3.5));
    body += `<path d="M${BAR_PX},${roundPx(y)}h3" stroke="currentColor"/>` +
      svgText(BAR_PX + 5, baseline, formatNumber(value), { sizePx: 9 });
  }
  const labelX = BAR_PX + 5 + widestText(ticks.map(formatNumber), 9) + 13;
  body += svgText(labelX, heightPx / 2, label, { anchor: "middle", upwards: true });
  return { width: labelX + 4, height: heightPx, body };
}
