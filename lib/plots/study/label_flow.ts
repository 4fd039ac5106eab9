import { svgRect, svgText, widestText } from "../chapter_2/svg_elements.ts";
import { colourOf, type LevelColours } from "../colours.ts";
import { type Drawing, roundPx } from "../drawing.ts";
import { definedOf, type Figure, type FigureFrame, framedFigure } from "../figure.ts";
import { formatCount } from "../legend.ts";

/** Rows that go from a label of one annotation to a label of the next. */
export interface FlowLink {
  /** Label in the annotation on the left. */
  readonly from: string;
  /** Label in the annotation on its right. */
  readonly to: string;
  /** Rows. */
  readonly count: number;
}

/** What {@link labelFlow} draws. */
export interface LabelFlowOptions extends FigureFrame {
  /** Names of the annotations, from left to right. */
  readonly annotations: readonly string[];
  /** `links[i]`: from annotation `i` to annotation `i + 1`. */
  readonly links: readonly (readonly FlowLink[])[];
  /** A colour for each label: labels are listed in this order. */
  readonly colours: LevelColours;
}

interface Node {
  readonly label: string;
  readonly count: number;
  readonly y: number;
  readonly height: number;
}

type Column = ReadonlyMap<string, Node>;

const HEIGHT_PX = 460;
const GAP_PX = 7;
const NODE_PX = 16;
const STEP_PX = 300;
const TOP_PX = 22;
const LINE_PX = 13;
const TEXT_PX = 10;

/**
 * How labels change from one annotation to the next: bands are as wide as there are rows, and have the
 * colour of the label that they come from.
 *
 * @throws {SthelarError} `InvalidArgument`, when it is drawn, if a label has no colour.
 *
 * @example
 * ```ts
 * import { assert } from "@std/assert";
 * import { categoryColours } from "@/plots/mod.ts";
 * import { labelFlow } from "@/plots/study/mod.ts";
 *
 * const svg = await labelFlow({
 *   annotations: ["nuclei", "cells"],
 *   links: [[{ from: "T_NK", to: "Myeloid", count: 7 }]],
 *   colours: categoryColours("final_label"),
 * }).svg();
 * assert(svg.includes(">T_NK 7</text>"));
 * ```
 */
export function labelFlow(options: LabelFlowOptions): Figure {
  const { annotations, links, colours, ...frame } = options;
  return framedFigure({ ...definedOf(frame) }, () => drawFlow(annotations, links, colours));
}

function drawFlow(
  annotations: readonly string[],
  links: readonly (readonly FlowLink[])[],
  colours: LevelColours,
): Drawing {
  const counts = annotations.map((_, i) => labelCounts(links[i - 1], links[i]));
  const order = [...colours.keys()];
  const pxPerRow = Math.min(...counts.map((labels) => {
    const rows = [...labels.values()].reduce((sum, count) => sum + count, 0);
    return (HEIGHT_PX - GAP_PX * (labels.size - 1)) / Math.max(1, rows);
  }));
  const columns = counts.map((labels) => placeNodes(labels, order, pxPerRow));
  const leftPx = widestText([...columns[0].values()].map(nodeText), TEXT_PX) + 8;
  const rightPx = widestText([...columns.at(-1)!.values()].map(nodeText), TEXT_PX) + 8;
  const xOf = (column: number) => leftPx + column * STEP_PX;
  let body = "";
  for (const [i, list] of links.entries()) {
    const place = { left: columns[i], right: columns[i + 1], x: xOf(i), pxPerRow };
    body += drawBands(list, place, order, colours);
  }
  for (const [i, column] of columns.entries()) {
    const isLast = i === columns.length - 1;
    body += drawColumn(column, { x: xOf(i), isFirst: i === 0, isLast, colours });
    const middle = xOf(i) + NODE_PX / 2;
    const anchor = i === 0 ? "start" : isLast ? "end" : "middle";
    const x = i === 0 ? xOf(i) : isLast ? xOf(i) + NODE_PX : middle;
    body += svgText(x, 12, annotations[i], { anchor, bold: true, sizePx: 11 });
  }
  const width = xOf(annotations.length - 1) + NODE_PX + rightPx;
  return { width, height: TOP_PX + HEIGHT_PX + 4, body };
}

/** Rows of each label: those that come in or those that go out, whichever are more. */
function labelCounts(
  incoming: readonly FlowLink[] = [],
  outgoing: readonly FlowLink[] = [],
): Map<string, number> {
  const sums = [new Map<string, number>(), new Map<string, number>()];
  const add = (sum: Map<string, number>, label: string, count: number) =>
    count > 0 && sum.set(label, (sum.get(label) ?? 0) + count);
  for (const { to, count } of incoming) add(sums[0], to, count);
  for (const { from, count } of outgoing) add(sums[1], from, count);
  const labels = new Set([...sums[0].keys(), ...sums[1].keys()]);
  return new Map(
    [...labels].map((label) => [label, Math.max(sums[0].get(label) ?? 0, sums[1].get(label) ?? 0)]),
  );
}

function placeNodes(
  counts: ReadonlyMap<string, number>,
  order: readonly string[],
  pxPerRow: number,
): Column {
  let y = TOP_PX;
  const labels = [...counts.keys()].sort((a, b) => order.indexOf(a) - order.indexOf(b));
  return new Map(labels.map((label) => {
    const count = counts.get(label)!;
    const node = { label, count, y, height: count * pxPerRow };
    y += node.height + GAP_PX;
    return [label, node];
  }));
}

function drawBands(
  links: readonly FlowLink[],
  place: { left: Column; right: Column; x: number; pxPerRow: number },
  order: readonly string[],
  colours: LevelColours,
): string {
  const by = (a: string, b: string) => order.indexOf(a) - order.indexOf(b);
  const sorted = links.filter(({ count }) => count > 0)
    .toSorted((a, b) => by(a.from, b.from) || by(a.to, b.to));
  const used = { left: new Map<string, number>(), right: new Map<string, number>() };
  const take = (side: "left" | "right", label: string, height: number) => {
    const before = used[side].get(label) ?? 0;
    used[side].set(label, before + height);
    return place[side].get(label)!.y + before;
  };
  const x1 = place.x + NODE_PX, x2 = place.x + STEP_PX, middle = (x1 + x2) / 2;
  return sorted.map(({ from, to, count }) => {
    const height = count * place.pxPerRow;
    const [y1, y2] = [take("left", from, height), take("right", to, height)].map(roundPx);
    const [end1, end2] = [Number(y1) + height, Number(y2) + height].map(roundPx);
    const [left, right, bend] = [x1, x2, middle].map(roundPx);
    return `<path d="M${left},${y1}C${bend},${y1} ${bend},${y2} ${right},${y2}V${end2}` +
      `C${bend},${end2} ${bend},${end1} ${left},${end1}Z" fill="${colourOf(colours, from)}" ` +
      `fill-opacity="0.45"/>`;
  }).join("");
}

function drawColumn(
  column: Column,
  { x, isFirst, isLast, colours }: {
    x: number;
    isFirst: boolean;
    isLast: boolean;
    colours: LevelColours;
  },
): string {
  const nodes = [...column.values()];
  const middles = spreadMiddles(nodes.map(({ y, height }) => y + height / 2));
  return nodes.map((node, i) => {
    const fill = `fill="${colourOf(colours, node.label)}" stroke="#555" stroke-width="0.4"`;
    const textX = isFirst ? x - 5 : x + NODE_PX + 5;
    const text = svgText(textX, middles[i] + 3.5, nodeText(node), {
      ...(isFirst ? { anchor: "end" as const } : {}),
      ...(isFirst || isLast ? {} : { halo: true }),
      sizePx: TEXT_PX,
    });
    return svgRect(x, node.y, NODE_PX, Math.max(0.8, node.height), fill) + text;
  }).join("");
}

function nodeText({ label, count }: Node): string {
  return `${label} ${formatCount(count)}`;
}

/** Keeps texts a line apart, within the figure. */
function spreadMiddles(middles: readonly number[]): number[] {
  const result = [...middles];
  let lowest = TOP_PX + LINE_PX / 2 - 6;
  for (let i = 0; i < result.length; i++) {
    result[i] = Math.max(result[i], lowest);
    lowest = result[i] + LINE_PX;
  }
  let highest = TOP_PX + HEIGHT_PX - LINE_PX / 2 + 6;
  for (let i = result.length - 1; i >= 0; i--) {
    result[i] = Math.min(result[i], highest);
    highest = result[i] - LINE_PX;
  }
  return result;
}
