import * as Plot from "@observablehq/plot";
import { definedOf, type Figure, figure, type FigureFrame } from "../figure.ts";
import { formatCount } from "../legend.ts";
import { widestText } from "./svg_elements.ts";

/** How well labels agree with the truth. */
export interface LabelsAgainstTruth {
  /** Whose labels they are. */
  readonly name: string;
  /** Share of the rows that are right. */
  readonly accuracy: number;
  /** Mean over categories of the share that is found. */
  readonly balancedAccuracy: number;
  /** Share of each category that is found. */
  readonly recall: Readonly<Record<string, number>>;
}

/** What {@link threeLabelsFigure} draws. */
export interface ThreeLabelsOptions extends FigureFrame {
  /** Labels of the same rows. */
  readonly labels: readonly LabelsAgainstTruth[];
  /** How many rows. */
  readonly cells: number;
}

interface Dot {
  readonly row: string;
  readonly name: string;
  readonly percent: number;
}

const COLOURS = ["#f28e2b", "#4e79a7", "#b3261e", "#59a14f"];
const ROW_PX = 30;
const OVERALL = ["accuracy", "balanced accuracy"];

/**
 * Several labels of the same cells against what these are: accuracy, balanced accuracy, and the share of each
 * category that is found.
 *
 * @example
 * ```ts
 * import { assert } from "@std/assert";
 * import { threeLabelsFigure } from "@/plots/chapter_2/mod.ts";
 *
 * const of = (name: string) => ({ name, accuracy: 0.5, balancedAccuracy: 0.5, recall: { T_NK: 0.5 } });
 * const svg = await threeLabelsFigure({ cells: 2, labels: [of("nuclei"), of("cells")] }).svg();
 * assert(svg.includes(">T_NK<") && svg.includes("nuclei 50.0 %"));
 * ```
 */
export function threeLabelsFigure({ labels, cells, ...frame }: ThreeLabelsOptions): Figure {
  const categories = [...new Set(labels.flatMap(({ recall }) => Object.keys(recall)))].sort();
  const rows = [...OVERALL, ...categories];
  const dots = labels.flatMap(({ name, accuracy, balancedAccuracy, recall }): Dot[] => [
    { row: OVERALL[0], name, percent: 100 * accuracy },
    { row: OVERALL[1], name, percent: 100 * balancedAccuracy },
    ...Object.entries(recall).map(([row, share]) => ({ row, name, percent: 100 * share })),
  ]);
  const names = labels.map(({ name }) => name);
  const colourOf = (name: string) => COLOURS[names.indexOf(name) % COLOURS.length];
  const lane = (name: string) => (names.indexOf(name) - (names.length - 1) / 2) * 7;
  const marginLeft = widestText(rows) + 20;
  return figure({
    title: "Labels against the truth",
    subtitle: `${formatCount(cells)} cells; accuracy: ` +
      labels.map(({ name, accuracy }) => `${name} ${(100 * accuracy).toFixed(1)} %`).join(", "),
    legend: { items: names.map((label) => ({ label, color: colourOf(label) })) },
    caption: "Of a category: the share of its cells that is called so.",
    ...definedOf(frame),
    width: marginLeft + 480,
    height: rows.length * ROW_PX + 46,
    ...{ marginLeft, marginTop: 6, marginBottom: 40, marginRight: 20 },
    x: {
      domain: [0, 100],
      grid: true,
      label: "% right",
      labelAnchor: "center",
      labelArrow: "none",
    },
    y: { type: "band", domain: rows, label: null, tickSize: 0, padding: 0 },
    marks: [
      Plot.ruleY([categories[0] ?? OVERALL[0]], { dy: -ROW_PX / 2, stroke: "#888" }),
      ...names.map((name) =>
        Plot.dot(dots.filter((dot) => dot.name === name), {
          ...{ x: "percent", y: "row", r: 4, dy: lane(name) },
          ...{ fill: colourOf(name), stroke: "white", strokeWidth: 0.5 },
        })
      ),
    ],
  });
}
