import { type Drawing, roundPx } from "../drawing.ts";
import { definedOf, type Figure, type FigureFrame, framedFigure } from "../figure.ts";
import { formatCount } from "../legend.ts";
import { svgRect, svgText, widestText } from "./svg_elements.ts";

/** How well the latent space agrees with one kind of labels. */
export interface AgreementRow {
  /** Name of the labels. */
  readonly name: string;
  /** Different labels. */
  readonly labels: number;
  /** Adjusted Rand index; `null` where it tells nothing. */
  readonly ari: number | null;
  /** Normalised mutual information; `null` where it tells nothing. */
  readonly nmi: number | null;
  /** Share of the cells with the label of most of their latent neighbours. */
  readonly knnAccuracy: number | null;
}

/** How well one clustering finds what cells are. */
export interface TruthRow {
  /** Name of the clustering. */
  readonly name: string;
  readonly ari: number | null;
  readonly nmi: number | null;
  /** Share that is right if each cluster has the category of most of its cells. */
  readonly accuracy: number;
}

/** What {@link scviAgreementFigure} draws. */
export interface ScviAgreementOptions extends FigureFrame {
  /** Latent clusters. */
  readonly clusters: number;
  /** The labels that they are compared with. */
  readonly agreement: readonly AgreementRow[];
  /** Clusterings of a simulated slide against the truth. */
  readonly truth?: readonly TruthRow[];
}

/** A block of the table. */
interface Block {
  readonly title: string;
  readonly columns: readonly string[];
  readonly rows: readonly {
    readonly name: string;
    readonly values: readonly (number | null)[];
  }[];
}

const ROW_PX = 21;
const BAR_PX = 130;
const VALUE_PX = 40;
const COLUMN_PX = BAR_PX + VALUE_PX + 14;
const HEAD_PX = 40;
const BLOCK_GAP_PX = 20;
const COLOURS = ["#4c78a8", "#72b7b2", "#f58518"];

/**
 * How well clusters in the latent space agree with the clusters by RNA and with labels: a table of bars
 * from 0 to 1; of a simulated slide also which clusters find what cells are.
 *
 * @example
 * ```ts
 * import { assert } from "@std/assert";
 * import { scviAgreementFigure } from "@/plots/chapter_2/mod.ts";
 *
 * const agreement = [{ name: "label1", labels: 8, ari: 0.61, nmi: 0.7, knnAccuracy: null }];
 * const svg = await scviAgreementFigure({ clusters: 9, agreement }).svg();
 * assert(svg.includes(">0.61<") && svg.includes(">label1 (8)<"));
 * ```
 */
export function scviAgreementFigure(options: ScviAgreementOptions): Figure {
  const { clusters, agreement, truth = [], ...frame } = options;
  const blocks: Block[] = [];
  if (agreement.length > 0) {
    blocks.push({
      title: "Latent clusters against labels of the same cells (how many labels)",
      columns: ["ARI", "NMI", "kNN accuracy"],
      rows: agreement.map(({ name, labels, ari, nmi, knnAccuracy }) => ({
        name: `${name} (${formatCount(labels)})`,
        values: [ari, nmi, knnAccuracy],
      })),
    });
  }
  if (truth.length > 0) {
    blocks.push({
      title: "Clusters against what cells are",
      columns: ["ARI", "NMI", "accuracy"],
      rows: truth.map(({ name, ari, nmi, accuracy }) => ({ name, values: [ari, nmi, accuracy] })),
    });
  }
  return framedFigure({
    title: "Agreement of the latent space",
    subtitle: `${formatCount(clusters)} latent ${clusters === 1 ? "cluster" : "clusters"}`,
    caption: "ARI and NMI compare clusters. kNN accuracy: cells whose label is that of most of " +
      "their neighbours in the latent space." +
      (truth.length > 0 ? " Accuracy: a cluster has the category of most of its cells." : ""),
    ...definedOf(frame),
  }, () => drawBlocks(blocks));
}

function drawBlocks(blocks: readonly Block[]): Drawing {
  const left = 12 + Math.max(
    widestText(blocks.flatMap(({ rows }) => rows.map(({ name }) => name))),
    60,
  );
  let body = "", y = 0;
  for (const block of blocks) {
    if (y > 0) y += BLOCK_GAP_PX;
    body += drawBlock(block, left, y);
    y += HEAD_PX + block.rows.length * ROW_PX + 4;
  }
  if (blocks.length === 0) {
    body = svgText(0, 14, "There is nothing to compare with.", { fill: "#666" });
    y = 22;
  }
  return { width: left + COLUMN_PX * 3, height: y, body };
}

function drawBlock({ title, columns, rows }: Block, left: number, top: number): string {
  const first = top + HEAD_PX;
  const height = rows.length * ROW_PX;
  const columnX = (column: number) => left + column * COLUMN_PX;
  const heads = columns.map((name, column) => {
    const x = columnX(column);
    const axis = [0, 0.5, 1].map((value) =>
      `<path d="M${roundPx(x + value * BAR_PX)},${roundPx(first)}v${height}" ` +
      `stroke="#ddd" stroke-width="0.8"/>`
    ).join("");
    return svgText(x, first - 8, name, { bold: true }) +
      svgText(x + BAR_PX, first - 8, "1", { anchor: "middle", sizePx: 9, fill: "#666" }) + axis;
  });
  const lines = rows.map(({ name, values }, row) => {
    const y = first + row * ROW_PX;
    return svgText(left - 8, y + ROW_PX / 2 + 3.5, name, { anchor: "end" }) +
      values.map((value, column) => drawValue(value, columnX(column), y, COLOURS[column])).join("");
  });
  return [svgText(0, top + 12, title, { fill: "#444", sizePx: 11 }), ...heads, ...lines].join("");
}

/** A bar, and its number behind it. */
function drawValue(value: number | null, x: number, y: number, colour: string): string {
  const middle = y + ROW_PX / 2 + 3.5;
  if (value === null) return svgText(x + 4, middle, "–", { fill: "#666" });
  const length = BAR_PX * Math.min(1, Math.max(0, value));
  return svgRect(x, y + 3, length, ROW_PX - 6, `fill="${colour}"`) +
    svgText(x + length + 4, middle, value.toFixed(2), { halo: true });
}
