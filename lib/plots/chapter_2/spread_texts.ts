import { widestText, wrapLabel } from "./svg_elements.ts";

/** A text and where its middle lies. */
export interface PlacedText {
  /** The text. */
  readonly text: string;
  /** From left to right. */
  readonly x: number;
  /** From top to bottom. */
  readonly y: number;
}

/** A text in lines that has found its place. */
export interface SpreadText {
  /** The text, a line at a time. */
  readonly lines: readonly string[];
  /** The middle from left to right, px. */
  readonly x: number;
  /** The middle from top to bottom, px. */
  readonly y: number;
}

/** Font size of texts on data, px. */
export const ON_DATA_PX = 11;
/** Height of a line, px. */
export const ON_DATA_LINE_PX = 13;
const MAX_WIDTH_PX = 84;
const GAP_PX = 3;
const ROUNDS = 60;

/**
 * Breaks bold texts into lines and moves them apart where they lie on each other, along the axis that
 * needs less, and into the frame.
 *
 * @param texts Places in px.
 */
export function spreadTexts(
  texts: readonly PlacedText[],
  widthPx: number,
  heightPx: number,
): SpreadText[] {
  const boxes = texts.map(({ text, x, y }) => {
    const lines = wrapLabel(text, MAX_WIDTH_PX, ON_DATA_PX);
    const width = widestText(lines, ON_DATA_PX, true) + GAP_PX;
    return { lines, x, y, width, height: lines.length * ON_DATA_LINE_PX };
  });
  for (let round = 0; round < ROUNDS; round++) {
    let moved = false;
    for (let i = 0; i < boxes.length; i++) {
      for (let j = i + 1; j < boxes.length; j++) moved = separate(boxes[i], boxes[j]) || moved;
    }
    for (const box of boxes) {
      box.x = clamp(box.x, box.width / 2 + 2, widthPx - box.width / 2 - 2);
      box.y = clamp(box.y, box.height / 2 + 2, heightPx - box.height / 2 - 2);
    }
    if (!moved) break;
  }
  return boxes.map(({ lines, x, y }) => ({ lines, x, y }));
}

/** What a text on the data covers, px². */
export function onDataArea(text: string): number {
  const lines = wrapLabel(text, MAX_WIDTH_PX, ON_DATA_PX);
  return widestText(lines, ON_DATA_PX, true) * lines.length * ON_DATA_LINE_PX;
}

interface Box {
  x: number;
  y: number;
  readonly width: number;
  readonly height: number;
}

/** Pushes both half-way out of each other; says whether they overlapped. */
function separate(a: Box, b: Box): boolean {
  const overlapX = (a.width + b.width) / 2 - Math.abs(b.x - a.x);
  const overlapY = (a.height + b.height) / 2 - Math.abs(b.y - a.y);
  if (overlapX <= 0.01 || overlapY <= 0.01) return false;
  if (overlapY <= overlapX) {
    const push = overlapY / 2 * (b.y >= a.y ? 1 : -1);
    a.y -= push;
    b.y += push;
  } else {
    const push = overlapX / 2 * (b.x >= a.x ? 1 : -1);
    a.x -= push;
    b.x += push;
  }
  return true;
}

function clamp(value: number, low: number, high: number): number {
  return low > high ? (low + high) / 2 : Math.min(high, Math.max(low, value));
}
