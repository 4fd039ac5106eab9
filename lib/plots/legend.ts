import type { Categorical } from "@/core/categorical.ts";
import { colourOf, colourRamp, type LevelColours, type RampName } from "./colours.ts";
import { type Drawing, escapeXml, roundPx } from "./drawing.ts";
import { textWidth } from "./text_width.ts";

/** One entry of a legend. */
export interface LegendItem {
  /** Its text. */
  readonly label: string;
  /** Its colour. */
  readonly color: string;
  /** What is drawn in that colour; a square unless told. */
  readonly mark?: "square" | "dot" | "line" | "hatch";
}

/** Entries beside each other, as many rows as they need. */
export interface ItemLegend {
  /** Entries, first to last. */
  readonly items: readonly LegendItem[];
}

/** A bar of colours with numbers below it. */
export interface RampLegend {
  /** The scheme. */
  readonly ramp: RampName;
  /** Quantity and unit. */
  readonly label: string;
  /** Values at the ends of the bar. */
  readonly domain: readonly [low: number, high: number];
  /** Whether the bar is logarithmic. */
  readonly log?: boolean;
}

/** Explains the colours of a figure. */
export type Legend = ItemLegend | RampLegend;

const TEXT_SIZE_PX = 10;
const ROW_HEIGHT_PX = 17;
const SWATCH_PX = 11;

/**
 * The legend of a column: the levels that occur, in the order of `colours`, with their counts.
 *
 * @param column What is coloured.
 * @param colours A colour for each level.
 * @param missingColour The colour of rows without a value; they are listed last.
 * @throws {SthelarError} `InvalidArgument` if a level that occurs has no colour.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { categorical } from "@/core/categorical.ts";
 * import { categoryColours } from "@/plots/colours.ts";
 * import { legendByLevel } from "@/plots/legend.ts";
 *
 * const column = categorical(["T_NK", undefined, "T_NK"]);
 * const { items } = legendByLevel(column, categoryColours("final_label"), "#d9d9d9");
 * assertEquals(items.map((item) => item.label), ["T_NK (2)", "missing (1)"]);
 * ```
 */
export function legendByLevel(
  column: Categorical,
  colours: LevelColours,
  missingColour: string,
): ItemLegend {
  const counts = new Float64Array(column.levels.length);
  let missing = 0;
  for (const code of column.codes) code < 0 ? missing++ : counts[code]++;
  const present = column.levels.filter((_, code) => counts[code] > 0);
  for (const level of present) colourOf(colours, level);
  const items: LegendItem[] = [...colours].filter(([level]) => present.includes(level))
    .map(([level, color]) => ({
      label: `${level} (${formatCount(counts[column.levels.indexOf(level)])})`,
      color,
    }));
  if (missing > 0) items.push({ label: `missing (${formatCount(missing)})`, color: missingColour });
  return { items };
}

/** A whole number with commas between thousands. */
export function formatCount(count: number): string {
  return count.toLocaleString("en-US");
}

/** About five round numbers within a range. */
export function roundTicks(low: number, high: number): number[] {
  const raw = (high - low) / 5;
  const decade = 10 ** Math.floor(Math.log10(raw));
  const step = decade * ([1, 2, 5, 10].find((factor) => factor * decade >= raw) as number);
  const ticks: number[] = [];
  for (let k = Math.ceil(low / step - 1e-9); k * step <= high + step * 1e-9; k++) {
    ticks.push(Number((k * step).toPrecision(6)));
  }
  return ticks;
}

/** A number for an axis: commas between thousands, no digits that only rounding made. */
export function formatNumber(value: number): string {
  return Number.isInteger(value) ? formatCount(value) : String(Number(value.toPrecision(3)));
}

/** Draws a legend in at most `widthPx`. */
export function drawLegend(legend: Legend, widthPx: number): Drawing {
  return "items" in legend ? drawItems(legend.items, widthPx) : drawRamp(legend, widthPx);
}

function drawItems(items: readonly LegendItem[], widthPx: number): Drawing {
  const longest = Math.max(
    0,
    ...items.map((item) => textWidth(item.label, { sizePx: TEXT_SIZE_PX })),
  );
  const aligned = items.length > 4 && longest < widthPx / 2 - 40;
  const column = aligned ? SWATCH_PX + 6 + longest + 16 : 0;
  let x = 0, row = 0;
  let body = "";
  for (const item of items) {
    const own = SWATCH_PX + 6 + textWidth(item.label, { sizePx: TEXT_SIZE_PX }) + 16;
    const width = aligned ? column : own;
    if (x > 0 && x + own - 16 > widthPx) {
      x = 0;
      row++;
    }
    const y = row * ROW_HEIGHT_PX;
    body += `<g transform="translate(${roundPx(x)},${y})">${swatch(item)}` +
      `<text x="${SWATCH_PX + 5}" y="11" font-size="${TEXT_SIZE_PX}">` +
      `${escapeXml(item.label)}</text></g>`;
    x += width;
  }
  return { width: widthPx, height: items.length === 0 ? 0 : (row + 1) * ROW_HEIGHT_PX, body };
}

function swatch({ mark = "square", color }: LegendItem): string {
  const size = SWATCH_PX;
  switch (mark) {
    case "dot":
      return `<circle cx="${size / 2}" cy="7.5" r="4.5" fill="${color}"/>`;
    case "line":
      return `<path d="M0,7.5H${size}" stroke="${color}" stroke-width="2"/>`;
    case "hatch":
      return `${hatchPattern(color)}<rect y="2" width="${size}" height="${size}" ` +
        `fill="${hatchFill(color)}" stroke="${color}"/>`;
    case "square":
      return `<rect y="2" width="${size}" height="${size}" fill="${color}" stroke="#666" ` +
        `stroke-width="0.5"/>`;
  }
}

/** A pattern of diagonal lines; its id says its colour, so that copies do not disagree. */
export function hatchPattern(color: string): string {
  return `<pattern id="${hatchId(color)}" width="5" height="5" patternUnits="userSpaceOnUse" ` +
    `patternTransform="rotate(45)"><rect width="5" height="5" fill="white"/>` +
    `<rect width="2" height="5" fill="${color}"/></pattern>`;
}

/** The fill that uses {@link hatchPattern}. */
export function hatchFill(color: string): string {
  return `url(#${hatchId(color)})`;
}

function hatchId(color: string): string {
  return `hatch-${color.replaceAll(/[^0-9a-z]/gi, "")}`;
}

const RAMP_STEPS = 64;

function drawRamp(legend: RampLegend, widthPx: number): Drawing {
  const colour = colourRamp(legend.ramp);
  const width = Math.min(200, widthPx - 20);
  const step = width / RAMP_STEPS;
  let body = `<text x="0" y="10" font-size="${TEXT_SIZE_PX}">${escapeXml(legend.label)}</text>`;
  for (let i = 0; i < RAMP_STEPS; i++) {
    body += `<rect x="${roundPx(i * step)}" y="15" width="${roundPx(step + 0.5)}" height="9" ` +
      `fill="${colour(i / (RAMP_STEPS - 1))}"/>`;
  }
  for (const value of rampTicks(legend)) {
    const x = shareOf(value, legend) * width;
    body += `<path d="M${roundPx(x)},24v4" stroke="currentColor"/>` +
      `<text x="${roundPx(x)}" y="38" font-size="9" text-anchor="${x < 8 ? "start" : "middle"}">` +
      `${formatNumber(value)}</text>`;
  }
  return { width: widthPx, height: 40, body };
}

function shareOf(value: number, { domain: [low, high], log }: RampLegend): number {
  if (log) return Math.log(value / low) / Math.log(high / low);
  return (value - low) / (high - low);
}

function rampTicks({ domain: [low, high], log }: RampLegend): number[] {
  if (!(high > low)) return [low];
  if (!log) return roundTicks(low, high);
  const first = Math.ceil(Math.log10(low) - 1e-9);
  const last = Math.floor(Math.log10(high) + 1e-9);
  const decades = Array.from({ length: last - first + 1 }, (_, i) => 10 ** (first + i));
  return decades.length >= 2 ? decades : [low, high];
}
