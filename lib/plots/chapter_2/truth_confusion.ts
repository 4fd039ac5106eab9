import * as Plot from "@observablehq/plot";
import type { Categorical } from "@/core/categorical.ts";
import { colourRamp, type LevelColours } from "../colours.ts";
import { definedOf, type Figure, figure, type FigureFrame } from "../figure.ts";
import { formatCount } from "../legend.ts";
import { textWidth } from "../text_width.ts";
import { countLevels } from "./count_levels.ts";

/** What {@link truthConfusion} draws. */
export interface TruthConfusionOptions extends FigureFrame {
  /** What each row (a nucleus or a cell) is; those without a value are left out. */
  readonly truth: Categorical;
  /** What each row is labelled. */
  readonly predicted: Categorical;
  /** Colours of the categories: their order is that of rows and columns. */
  readonly colours: LevelColours;
  /** What a row is, in the plural; `nuclei` unless told. */
  readonly unit?: string;
}

interface ConfusionCell {
  readonly truth: string;
  readonly predicted: string;
  readonly share: number;
}

const CELL_WIDTH_PX = 46;
const CELL_HEIGHT_PX = 26;
const TEXT_PX = 10;
/** Column of nuclei that no category was given to. */
const NO_LABEL = "no label";
/** Smaller shares are left blank. */
const SMALLEST_SHARE = 0.005;

/**
 * Which categories are taken for which: rows what nuclei are, columns what they are labelled, in per
 * cent of the row; accuracy and the mean F1 of the categories in the subtitle.
 *
 * @example
 * ```ts
 * import { assert } from "@std/assert";
 * import { categorical } from "@/core/categorical.ts";
 * import { truthConfusion } from "@/plots/chapter_2/mod.ts";
 * import { categoryColours } from "@/plots/mod.ts";
 *
 * const truth = categorical(["T_NK", "T_NK", "Myeloid", "Myeloid"]);
 * const predicted = categorical(["T_NK", "Myeloid", "Myeloid", "Myeloid"]);
 * const colours = categoryColours("final_label");
 * assert((await truthConfusion({ truth, predicted, colours }).svg()).includes("accuracy 75.0 %"));
 * ```
 */
export function truthConfusion(options: TruthConfusionOptions): Figure {
  const { truth, predicted, colours, unit = "nuclei", ...frame } = options;
  const { counts, rows, columns, total } = confusion(truth, predicted, colours);
  const rowTotals = new Map(rows.map((row) => [row, sumOf(columns.map((c) => counts(row, c)))]));
  const cells: ConfusionCell[] = rows.flatMap((row) =>
    columns.map((column) => ({
      truth: row,
      predicted: column,
      share: counts(row, column) / rowTotals.get(row)!,
    }))
  );
  const correct = sumOf(rows.map((row) => counts(row, row)));
  const rowLabel = (row: string) => `${row} (${formatCount(rowTotals.get(row)!)})`;
  const widest = (texts: readonly string[]) =>
    Math.max(0, ...texts.map((text) => textWidth(text, { sizePx: TEXT_PX })));
  const marginLeft = Math.max(120, widest(rows.map(rowLabel)) + 34);
  const marginTop = widest(columns) + 34;
  const marginRight = 12, marginBottom = 8;
  const colour = colourRamp("blues");
  return figure({
    title: "Categories against the truth",
    subtitle: `accuracy ${(100 * correct / total).toFixed(1)} %, macro F1 ` +
      `${macroF1(rows, columns, counts).toFixed(2)}, ${formatCount(total)} ${unit}`,
    legend: { ramp: "blues", label: "share of the row, %", domain: [0, 100] },
    caption: `Rows: what ${unit} are (how many). Columns: what they are labelled. ` +
      "Shares below 0.5 % are left blank.",
    ...definedOf(frame),
    width: Math.max(420, columns.length * CELL_WIDTH_PX + marginLeft + marginRight),
    height: rows.length * CELL_HEIGHT_PX + marginTop + marginBottom,
    marginLeft,
    marginRight,
    marginTop,
    marginBottom,
    x: {
      type: "band",
      axis: "top",
      domain: columns,
      label: "labelled",
      labelAnchor: "center",
      labelArrow: "none",
      tickRotate: -90,
      tickSize: 0,
      padding: 0,
      round: false,
    },
    y: {
      type: "band",
      domain: rows,
      label: "truth",
      labelAnchor: "center",
      labelArrow: "none",
      tickFormat: rowLabel,
      tickSize: 0,
      padding: 0,
      round: false,
    },
    marks: [
      Plot.cell(cells, {
        x: "predicted",
        y: "truth",
        fill: ({ share }: ConfusionCell) => colour(share),
        stroke: "white",
      }),
      Plot.cell(cells.filter((cell) => cell.truth === cell.predicted), {
        x: "predicted",
        y: "truth",
        fill: "none",
        stroke: "#1a1a1a",
        strokeWidth: 1.5,
        inset: 0.5,
      }),
      Plot.text(cells.filter(({ share }) => share >= SMALLEST_SHARE), {
        x: "predicted",
        y: "truth",
        text: ({ share }: ConfusionCell) => (100 * share).toFixed(share < 0.1 ? 1 : 0),
        fill: ({ share }: ConfusionCell) => share > 0.55 ? "white" : "#1a1a1a",
        fontSize: TEXT_PX,
      }),
    ],
  });
}

type CountOf = (truth: string, predicted: string) => number;

function confusion(truth: Categorical, predicted: Categorical, order: LevelColours) {
  const width = predicted.levels.length + 1;
  const table = new Float64Array(truth.levels.length * width);
  let total = 0;
  truth.codes.forEach((code, i) => {
    if (code < 0) return;
    const column = predicted.codes[i] < 0 ? width - 1 : predicted.codes[i];
    table[code * width + column]++;
    total++;
  });
  const place = (levels: readonly string[], level: string) => levels.indexOf(level);
  const counts: CountOf = (row, column) => {
    const at = column === NO_LABEL ? width - 1 : place(predicted.levels, column);
    return at < 0 ? 0 : table[place(truth.levels, row) * width + at];
  };
  const rows = [...countLevels(truth, order).keys()];
  const labelled = new Set(rows);
  for (const [level] of countLevels(predicted, order)) {
    if (rows.some((row) => counts(row, level) > 0)) labelled.add(level);
  }
  const columns = [...order.keys()].filter((level) => labelled.has(level));
  columns.push(...[...labelled].filter((level) => !order.has(level)));
  if (rows.some((row) => counts(row, NO_LABEL) > 0)) columns.push(NO_LABEL);
  return { counts, rows, columns, total };
}

/** Mean over the categories that nuclei are of. */
function macroF1(rows: readonly string[], columns: readonly string[], counts: CountOf): number {
  const scores = rows.map((row) => {
    const given = sumOf(rows.map((other) => counts(other, row)));
    const own = sumOf(columns.map((column) => counts(row, column)));
    return 2 * counts(row, row) / (given + own);
  });
  return sumOf(scores) / rows.length;
}

function sumOf(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
