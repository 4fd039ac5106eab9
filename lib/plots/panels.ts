import { type Drawing, placeDrawing } from "./drawing.ts";
import { type Figure, type FigureFrame, framedFigure } from "./figure.ts";

/** How panels are arranged, and what stands around all of them. */
export interface PanelOptions extends FigureFrame {
  /** Panels in a row; all of them in one row unless told. */
  readonly columns?: number;
}

/**
 * Figures beside and below each other as one figure.
 *
 * @param figures The panels, row by row.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { histogram } from "@/plots/histogram.ts";
 * import { panels } from "@/plots/panels.ts";
 *
 * const one = histogram({ values: [1, 2, 3], xLabel: "count", unit: "nuclei", width: 200 });
 * const both = await panels([one, one], { columns: 2 }).draw();
 * assertEquals(both.width, 2 * (await one.draw()).width + 20);
 * ```
 */
export function panels(figures: readonly Figure[], options: PanelOptions = {}): Figure {
  const { columns = figures.length, ...frame } = options;
  return framedFigure(frame, async () => {
    const drawings = await Promise.all(figures.map((figure) => figure.draw()));
    return arrange(drawings, columns);
  });
}

function arrange(drawings: readonly Drawing[], columns: number): Drawing {
  const columnOf = (i: number) => i % columns;
  const rowOf = (i: number) => Math.floor(i / columns);
  const widths: number[] = [];
  const heights: number[] = [];
  drawings.forEach(({ width, height }, i) => {
    widths[columnOf(i)] = Math.max(widths[columnOf(i)] ?? 0, width);
    heights[rowOf(i)] = Math.max(heights[rowOf(i)] ?? 0, height);
  });
  const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);
  const body = drawings.map((drawing, i) =>
    placeDrawing(drawing, sum(widths.slice(0, columnOf(i))), sum(heights.slice(0, rowOf(i))))
  ).join("");
  return { width: sum(widths), height: sum(heights), body };
}
