import * as Plot from "@observablehq/plot";
import { readableOn, widestText } from "../chapter_2/svg_elements.ts";
import { colourOf, type LevelColours } from "../colours.ts";
import { definedOf, type Figure, figure, type FigureFrame } from "../figure.ts";
import { formatCount } from "../legend.ts";
import { panels } from "../panels.ts";

/** How many rows of a group belong to a part. */
export interface StackedCount {
  /** The bar. */
  readonly group: string;
  /** The piece of the bar. */
  readonly part: string;
  /** Its rows. */
  readonly count: number;
}

/** What {@link twinStackedBars} draws. */
export interface TwinBarsOptions extends FigureFrame {
  /** Sizes of the pieces; what is absent is 0. */
  readonly counts: readonly StackedCount[];
  /** The bars, from top to bottom. */
  readonly groups: readonly string[];
  /** A colour for each part: pieces are stacked in this order. */
  readonly colours: LevelColours;
  /** What is counted, in the plural. */
  readonly unit: string;
}

interface Piece extends StackedCount {
  readonly start: number;
  readonly total: number;
}

const ROW_PX = 21;
const SHARE_PX = 430;
const COUNT_PX = 330;
const BOTTOM_PX = 36;
/** Smaller shares are not printed. */
const PRINTED_SHARE = 0.06;

/**
 * Two rows of stacked bars over the same groups: shares on the left, numbers on the right.
 *
 * @throws {SthelarError} `InvalidArgument`, when it is drawn, if a part has no colour.
 *
 * @example
 * ```ts
 * import { assert } from "@std/assert";
 * import { sampledColours, twinStackedBars } from "@/plots/study/mod.ts";
 *
 * const counts = [{ group: "heart", part: "T_NK", count: 30 }];
 * const bars = { counts, groups: ["heart"], colours: sampledColours(["T_NK"]), unit: "cells" };
 * assert((await twinStackedBars(bars).svg()).includes(">share of cells, %</text>"));
 * ```
 */
export function twinStackedBars(options: TwinBarsOptions): Figure {
  const { counts, groups, colours, unit, ...frame } = options;
  const pieces = piecesOf(counts, groups, colours);
  const present = [...colours].filter(([part]) => pieces.some((piece) => piece.part === part));
  const bars = { pieces, groups, colours, unit };
  return panels([shareBars(bars), countBars(bars)], {
    legend: { items: present.map(([label, color]) => ({ label, color })) },
    ...definedOf(frame),
  });
}

interface Bars {
  readonly pieces: readonly Piece[];
  readonly groups: readonly string[];
  readonly colours: LevelColours;
  readonly unit: string;
}

function shareBars({ pieces, groups, colours, unit }: Bars): Figure {
  const marginLeft = Math.max(60, widestText(groups, 10) + 12);
  const shareOf = (count: number, { total }: Piece) => 100 * count / total;
  const printed = pieces.filter(({ count, total }) => count >= PRINTED_SHARE * total);
  return figure({
    ...frameOf(groups),
    width: marginLeft + SHARE_PX,
    marginLeft,
    marginRight: 12,
    x: axis(`share of ${unit}, %`, [0, 100]),
    marks: [
      Plot.barX(pieces, {
        x1: (piece: Piece) => shareOf(piece.start, piece),
        x2: (piece: Piece) => shareOf(piece.start + piece.count, piece),
        y: "group",
        fill: ({ part }: Piece) => colourOf(colours, part),
        insetTop: 2,
        insetBottom: 2,
      }),
      Plot.text(printed, {
        x: (piece: Piece) => shareOf(piece.start + piece.count / 2, piece),
        y: "group",
        text: (piece: Piece) => shareOf(piece.count, piece).toFixed(0),
        fill: ({ part }: Piece) => readableOn(colourOf(colours, part)),
        fontSize: 9,
      }),
      groupNames(groups),
    ],
  });
}

function countBars({ pieces, groups, colours, unit }: Bars): Figure {
  const totals = groups.map((group) => ({
    group,
    total: pieces.find((piece) => piece.group === group)?.total ?? 0,
  }));
  const most = Math.max(1, ...totals.map(({ total }) => total));
  const marginRight = widestText(totals.map(({ total }) => formatCount(total)), 10) + 12;
  return figure({
    ...frameOf(groups),
    width: COUNT_PX + marginRight,
    marginLeft: 12,
    marginRight,
    x: { ...axis(unit, [0, most]), ticks: 4, tickFormat: shortCount },
    marks: [
      Plot.barX(pieces, {
        x1: "start",
        x2: ({ start, count }: Piece) => start + count,
        y: "group",
        fill: ({ part }: Piece) => colourOf(colours, part),
        insetTop: 2,
        insetBottom: 2,
      }),
      Plot.text(totals, {
        x: "total",
        y: "group",
        text: ({ total }: { total: number }) => formatCount(total),
        textAnchor: "start",
        dx: 4,
        fontSize: 10,
      }),
      Plot.ruleX([0]),
    ],
  });
}

/** `1.5M`, `20k`, `300`. */
function shortCount(value: number): string {
  if (value >= 1e6) return `${value / 1e6}M`;
  return value >= 1e3 ? `${value / 1e3}k` : String(value);
}

function frameOf(groups: readonly string[]) {
  return {
    height: groups.length * ROW_PX + 6 + BOTTOM_PX,
    marginTop: 6,
    marginBottom: BOTTOM_PX,
    y: { axis: null, domain: [...groups], padding: 0, round: false } as const,
  };
}

function axis(label: string, domain: [number, number]) {
  return { label, labelAnchor: "center", labelArrow: "none", domain } as const;
}

function groupNames(groups: readonly string[]) {
  return Plot.text(groups, {
    y: (group: string) => group,
    text: (group: string) => group,
    frameAnchor: "left",
    textAnchor: "end",
    dx: -6,
    fontSize: 10,
  });
}

function piecesOf(
  counts: readonly StackedCount[],
  groups: readonly string[],
  colours: LevelColours,
): Piece[] {
  const order = [...colours.keys()];
  return groups.flatMap((group) => {
    const own = counts.filter((piece) => piece.group === group && piece.count > 0)
      .sort((a, b) => order.indexOf(a.part) - order.indexOf(b.part));
    const total = own.reduce((sum, { count }) => sum + count, 0);
    let start = 0;
    return own.map((piece) => {
      const placed = { ...piece, start, total };
      start += piece.count;
      return placed;
    });
  });
}
