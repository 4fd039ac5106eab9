import * as Plot from "@observablehq/plot";
import { widestText } from "../chapter_2/svg_elements.ts";
import { colourRamp } from "../colours.ts";
import { definedOf, type Figure, figure, type FigureFrame } from "../figure.ts";
import { formatCount } from "../legend.ts";

/** What {@link confusionHeatMap} draws. */
export interface ConfusionHeatMapOptions extends FigureFrame {
  /** Labels of the rows. */
  readonly rows: readonly string[];
  /** Labels of the columns. */
  readonly columns: readonly string[];
  /** `counts[i][j]`: how many are `rows[i]` and `columns[j]`. */
  readonly counts: readonly (readonly number[])[];
  /** What gives the rows their labels. */
  readonly rowAxis: string;
  /** What gives the columns their labels. */
  readonly columnAxis: string;
  /** What is counted, in the plural. */
  readonly unit: string;
}

interface Cell {
  readonly row: string;
  readonly column: string;
  readonly count: number;
  readonly share: number;
}

const CELL_HEIGHT_PX = 26;
const MIN_CELL_WIDTH_PX = 44;
const TEXT_PX = 9;

/**
 * How two annotations meet: colour is the share of the row, the number printed is the count.
 *
 * @example
 * ```ts
 * import { assert } from "@std/assert";
 * import { confusionHeatMap } from "@/plots/study/mod.ts";
 *
 * const svg = await confusionHeatMap({
 *   rows: ["T_NK"],
 *   columns: ["T_NK", "Myeloid"],
 *   counts: [[1200, 3]],
 *   rowAxis: "nuclei",
 *   columnAxis: "cells",
 *   unit: "cells",
 * }).svg();
 * assert(svg.includes(">1,200</text>"));
 * ```
 */
export function confusionHeatMap(options: ConfusionHeatMapOptions): Figure {
  const { rows, columns, counts, rowAxis, columnAxis, unit, ...frame } = options;
  const totals = counts.map((row) => row.reduce((sum, count) => sum + count, 0));
  const cells: Cell[] = rows.flatMap((row, i) =>
    columns.map((column, j) => ({
      ...{ row, column, count: counts[i][j] },
      share: counts[i][j] / Math.max(1, totals[i]),
    }))
  );
  const rowLabel = (row: string) => `${row} (${formatCount(totals[rows.indexOf(row)])})`;
  const numbers = cells.map(({ count }) => formatCount(count));
  const cellWidth = Math.max(MIN_CELL_WIDTH_PX, widestText(numbers, TEXT_PX) + 8);
  const marginLeft = Math.max(120, widestText(rows.map(rowLabel), 10) + 34);
  const marginTop = widestText(columns, 10) + 34;
  const marginRight = 12, marginBottom = 8;
  const colour = colourRamp("blues");
  const axis = { type: "band", labelAnchor: "center", labelArrow: "none", tickSize: 0 } as const;
  const noGaps = { padding: 0, round: false };
  return figure({
    legend: { ramp: "blues", label: "share of the row, %", domain: [0, 100] },
    caption: `Rows: ${rowAxis} (how many). Columns: ${columnAxis}. Numbers are ${unit}.`,
    ...definedOf(frame),
    width: Math.max(400, columns.length * cellWidth + marginLeft + marginRight),
    height: rows.length * CELL_HEIGHT_PX + marginTop + marginBottom,
    ...{ marginLeft, marginRight, marginTop, marginBottom },
    x: { ...axis, ...noGaps, axis: "top", domain: columns, label: columnAxis, tickRotate: -90 },
    y: { ...axis, ...noGaps, domain: rows, label: rowAxis, tickFormat: rowLabel },
    marks: [
      Plot.cell(cells, {
        x: "column",
        y: "row",
        fill: ({ share }: Cell) => colour(share),
        stroke: "white",
      }),
      Plot.cell(cells.filter(({ row, column }) => row === column), {
        ...{ x: "column", y: "row", fill: "none", stroke: "#1a1a1a", strokeWidth: 1.5, inset: 0.5 },
      }),
      Plot.text(cells.filter(({ count }) => count > 0), {
        x: "column",
        y: "row",
        text: ({ count }: Cell) => formatCount(count),
        fill: ({ share }: Cell) => share > 0.55 ? "white" : "#1a1a1a",
        fontSize: TEXT_PX,
      }),
    ],
  });
}
