import * as Plot from "@observablehq/plot";
import { widestText } from "../chapter_2/svg_elements.ts";
import { colourOf, type LevelColours } from "../colours.ts";
import { definedOf, type Figure, figure, type FigureFrame } from "../figure.ts";
import type { StackedCount } from "./twin_stacked_bars.ts";

/** Where the axis begins: below 1, so that a bar of one can be seen. */
const LOWEST = 0.7;

/** What {@link logStackedBars} draws. */
export interface LogBarsOptions extends FigureFrame {
  /** Sizes of the pieces. */
  readonly counts: readonly StackedCount[];
  /** A colour for each part: pieces are stacked in this order. */
  readonly colours: LevelColours;
  /** What is counted, in the plural. */
  readonly unit: string;
}

interface Piece {
  readonly group: string;
  readonly part: string;
  readonly start: number;
  readonly end: number;
}

const BAR_PX = 19;
const PLOT_PX = 240;
/** Bars of few groups are no wider. */
const WIDEST_BAR_PX = 44;

/**
 * Stacked bars over a logarithmic axis, groups in alphabetical order, as matplotlib draws them: a
 * piece begins at the sum of those below it.
 *
 * @throws {SthelarError} `InvalidArgument`, when it is drawn, if a part has no colour.
 *
 * @example
 * ```ts
 * import { assert } from "@std/assert";
 * import { categoryColours } from "@/plots/mod.ts";
 * import { logStackedBars } from "@/plots/study/mod.ts";
 *
 * const counts = [{ group: "B", part: "normal_cell", count: 30 }];
 * const bars = logStackedBars({ counts, colours: categoryColours("label3"), unit: "cells" });
 * assert((await bars.svg()).includes("cells (log scale)"));
 * ```
 */
export function logStackedBars(options: LogBarsOptions): Figure {
  const { counts, colours, unit, ...frame } = options;
  const groups = [...new Set(counts.map(({ group }) => group))].sort();
  const pieces = piecesOf(counts, groups, [...colours.keys()]);
  const most = Math.max(10, ...pieces.map(({ end }) => end));
  const present = [...colours].filter(([part]) => pieces.some((piece) => piece.part === part));
  const marginBottom = Math.max(40, widestText(groups, 10) + 14);
  const marginLeft = 56, marginRight = 12, marginTop = 10;
  const width = Math.max(420, groups.length * BAR_PX + marginLeft + marginRight);
  const band = 0.82 * (width - marginLeft - marginRight) / Math.max(1, groups.length);
  const inset = Math.max(0, (band - WIDEST_BAR_PX) / 2);
  return figure({
    legend: { items: present.map(([label, color]) => ({ label, color })) },
    ...definedOf(frame),
    width,
    height: PLOT_PX + marginTop + marginBottom,
    ...{ marginTop, marginBottom, marginLeft, marginRight },
    x: {
      domain: groups,
      label: null,
      tickRotate: -90,
      tickSize: 3,
      padding: 0.18,
    },
    y: {
      type: "log",
      domain: [LOWEST, most * 1.15],
      label: `${unit} (log scale)`,
      labelAnchor: "center",
      labelArrow: "none",
      ticks: Array.from({ length: Math.ceil(Math.log10(most)) + 1 }, (_, i) => 10 ** i),
      tickFormat: "~s",
      grid: true,
    },
    marks: [
      Plot.rectY(pieces, {
        x: "group",
        y1: ({ start }: Piece) => Math.max(LOWEST, start),
        y2: "end",
        insetLeft: inset,
        insetRight: inset,
        fill: ({ part }: Piece) => colourOf(colours, part),
      }),
      Plot.ruleY([LOWEST]),
    ],
  });
}

function piecesOf(
  counts: readonly StackedCount[],
  groups: readonly string[],
  order: readonly string[],
): Piece[] {
  return groups.flatMap((group) => {
    let start = 0;
    return order.flatMap((part) => {
      const count = counts.filter((piece) => piece.group === group && piece.part === part)
        .reduce((sum, piece) => sum + piece.count, 0);
      if (count === 0) return [];
      const piece = { group, part, start, end: start + count };
      start = piece.end;
      return [piece];
    });
  });
}
