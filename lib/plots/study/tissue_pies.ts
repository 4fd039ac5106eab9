import { svgText, widestText } from "../chapter_2/svg_elements.ts";
import { colourOf, type LevelColours } from "../colours.ts";
import { type Drawing, placeDrawing, roundPx } from "../drawing.ts";
import { definedOf, type Figure, type FigureFrame, framedFigure } from "../figure.ts";
import { formatCount } from "../legend.ts";
import type { StackedCount } from "./twin_stacked_bars.ts";

/** What {@link tissuePies} draws. */
export interface PieOptions extends FigureFrame {
  /** Sizes of the slices: the group is the pie. */
  readonly counts: readonly StackedCount[];
  /** The pies, row by row. */
  readonly groups: readonly string[];
  /** A colour for each slice: slices follow each other in this order. */
  readonly colours: LevelColours;
  /** What is counted, in the plural. */
  readonly unit: string;
  /** Pies in a row; 3 unless told. */
  readonly columns?: number;
}

interface Slice {
  readonly part: string;
  readonly count: number;
  /** Where it starts and ends, of a whole turn counter-clockwise from the top. */
  readonly from: number;
  readonly to: number;
}

interface SliceLabel {
  readonly text: string;
  readonly isRight: boolean;
  /** Where the slice's edge is. */
  readonly edge: readonly [x: number, y: number];
  y: number;
}

/** The least width of a pie with its texts. */
const MIN_WIDTH_PX = 260;
const RADIUS_PX = 62;
const TITLE_PX = 22;
const LINE_PX = 12;
const TEXT_PX = 10;
/** From the edge of the pie to where its texts begin. */
const LEADER_PX = 14;

/**
 * A pie a group, slices counter-clockwise from the top; names and per cent beside it, moved apart where
 * slices are small.
 *
 * @throws {SthelarError} `InvalidArgument`, when it is drawn, if a slice has no colour.
 *
 * @example
 * ```ts
 * import { assert } from "@std/assert";
 * import { pairedColours, tissuePies } from "@/plots/study/mod.ts";
 *
 * const counts = [
 *   { group: "T_NK", part: "heart", count: 1 },
 *   { group: "T_NK", part: "skin", count: 3 },
 * ];
 * const colours = pairedColours(["heart", "skin"]);
 * const svg = await tissuePies({ counts, groups: ["T_NK"], colours, unit: "cells" }).svg();
 * assert(svg.includes(">skin 75.0 %</text>"));
 * ```
 */
export function tissuePies(options: PieOptions): Figure {
  const { counts, groups, colours, unit, columns = 3, ...frame } = options;
  return framedFigure(definedOf(frame), () => {
    const slices = groups.map((group) => slicesOf(counts, group, colours));
    const titles = groups.map((group, i) =>
      `${group} (${formatCount(slices[i].reduce((sum, { count }) => sum + count, 0))} ${unit})`
    );
    const texts = widestText(slices.flat().map((slice) => labelOf(slice).text), TEXT_PX);
    const widthPx = Math.max(
      ...[MIN_WIDTH_PX, 2 * (RADIUS_PX + LEADER_PX + texts) + 12],
      widestText(titles, 11, true) + 12,
    );
    const pies = slices.map((own, i) => drawPie(titles[i], own, colours, widthPx));
    return arrange(pies, Math.min(columns, Math.max(1, pies.length)), widthPx);
  });
}

function slicesOf(
  counts: readonly StackedCount[],
  group: string,
  colours: LevelColours,
): Slice[] {
  const order = [...colours.keys()];
  const own = counts.filter((slice) => slice.group === group && slice.count > 0)
    .sort((a, b) => order.indexOf(a.part) - order.indexOf(b.part));
  const total = own.reduce((sum, { count }) => sum + count, 0);
  let before = 0;
  return own.map(({ part, count }) => {
    const from = before / total;
    before += count;
    return { part, count, from, to: before / total };
  });
}

function drawPie(
  title: string,
  slices: readonly Slice[],
  colours: LevelColours,
  widthPx: number,
): Drawing {
  const labels = slices.map(labelOf);
  const lines = Math.max(
    ...[true, false].map((side) => labels.filter(({ isRight }) => isRight === side).length),
  );
  const height = Math.max(2 * RADIUS_PX + 16, lines * LINE_PX) + TITLE_PX;
  const centre = { x: widthPx / 2, y: TITLE_PX + (height - TITLE_PX) / 2 };
  for (const side of [true, false]) {
    spread(labels.filter(({ isRight }) => isRight === side), (height - TITLE_PX) / 2 - LINE_PX / 2);
  }
  const body = svgText(centre.x, 12, title, { anchor: "middle", bold: true, sizePx: 11 }) +
    `<g transform="translate(${roundPx(centre.x)},${roundPx(centre.y)})">` +
    slices.map((slice) => sliceShape(slice, colourOf(colours, slice.part))).join("") +
    labels.map(drawLabel).join("") + "</g>";
  return { width: widthPx, height, body };
}

/** Where a share of a turn is on a circle: counter-clockwise from the top, y downwards. */
function pointAt(turn: number, radius: number): readonly [x: number, y: number] {
  return [-radius * Math.sin(2 * Math.PI * turn), -radius * Math.cos(2 * Math.PI * turn)];
}

function sliceShape({ from, to }: Slice, fill: string): string {
  const style = `fill="${fill}" stroke="white" stroke-width="0.8"`;
  if (to - from > 1 - 1e-9) return `<circle r="${RADIUS_PX}" ${style}/>`;
  const [[x1, y1], [x2, y2]] = [pointAt(from, RADIUS_PX), pointAt(to, RADIUS_PX)];
  const isLarge = to - from > 0.5 ? 1 : 0;
  return `<path d="M0,0L${roundPx(x1)},${roundPx(y1)}A${RADIUS_PX},${RADIUS_PX} 0 ${isLarge} 0 ` +
    `${roundPx(x2)},${roundPx(y2)}Z" ${style}/>`;
}

function labelOf({ part, from, to }: Slice): SliceLabel {
  const edge = pointAt((from + to) / 2, RADIUS_PX);
  const percent = 100 * (to - from);
  const text = `${part} ${percent < 0.05 ? "< 0.1" : percent.toFixed(1)} %`;
  return { text, isRight: edge[0] >= 0, edge, y: 1.12 * edge[1] };
}

/** Moves the labels of one side apart, at most `reach` px up and down from the middle. */
function spread(labels: readonly SliceLabel[], reach: number): void {
  const sorted = [...labels].sort((a, b) => a.y - b.y);
  let lowest = -reach;
  for (const label of sorted) {
    label.y = Math.max(label.y, lowest);
    lowest = label.y + LINE_PX;
  }
  let highest = reach;
  for (const label of sorted.toReversed()) {
    label.y = Math.min(label.y, highest);
    highest = label.y - LINE_PX;
  }
}

function drawLabel({ text, isRight, edge: [x, y], y: textY }: SliceLabel): string {
  const side = isRight ? 1 : -1;
  const textX = side * (RADIUS_PX + LEADER_PX);
  const points = [[x, y], [1.07 * x, 1.07 * y], [textX - side * 3, textY]]
    .map(([px, py]) => `${roundPx(px)},${roundPx(py)}`).join(" ");
  return `<polyline points="${points}" fill="none" stroke="#888" stroke-width="0.6"/>` +
    svgText(textX, textY + 3.5, text, { anchor: isRight ? "start" : "end", sizePx: TEXT_PX });
}

function arrange(pies: readonly Drawing[], columns: number, widthPx: number): Drawing {
  let y = 0, body = "";
  for (let first = 0; first < pies.length; first += columns) {
    const row = pies.slice(first, first + columns);
    const height = Math.max(...row.map((pie) => pie.height));
    body += row.map((pie, i) => placeDrawing(pie, i * widthPx, y + (height - pie.height) / 2))
      .join("");
    y += height + 10;
  }
  return { width: columns * widthPx, height: Math.max(0, y - 10), body };
}
