import { type Drawing, escapeXml } from "../drawing.ts";
import { type Figure, type FigureFrame, framedFigure } from "../figure.ts";
import { formatCount } from "../legend.ts";
import { textWidth, wrapText } from "../text_width.ts";

/** How large a study is; what is not known yet is left out. */
export interface StudyCounts {
  /** Slides. */
  readonly slides: number;
  /** Tissues. */
  readonly tissues: number;
  /** Cells of all slides. */
  readonly cells: number;
  /** Cell labels. */
  readonly labels?: number;
  /** Patches of the data set. */
  readonly patchesKept?: number;
  /** Patches before the alignment check. */
  readonly patches?: number;
}

/** What {@link pipelineRecap} draws. */
export interface PipelineRecapOptions extends FigureFrame {
  /** The counts in the boxes. */
  readonly study: StudyCounts;
}

/** One step: a box with a name and lines below it. */
interface Box {
  readonly name: string;
  readonly lines: readonly string[];
  readonly color: string;
}

const BOX = { width: 220, height: 84, gap: 44, top: 24 } as const;
const ROW_HEIGHT = BOX.top + BOX.height + 34;
const BUILDING = "#4c78a8";
const USE = "#b279a2";

/** The whole analysis as six boxes in two rows: how the data set is built, and what it is for. */
export function pipelineRecap({ study, ...frame }: PipelineRecapOptions): Figure {
  const title = "From slide to data set";
  return framedFigure({ title, ...frame }, () => drawRows(study));
}

function buildingBoxes(study: StudyCounts): Box[] {
  const { slides, tissues, cells, labels, patchesKept, patches } = study;
  const one = (count: number, noun: string) =>
    `${formatCount(count)} ${noun}${count === 1 ? "" : "s"}`;
  return [
    {
      name: "Acquisition and alignment",
      lines: [
        `${one(slides, "slide")}, ${one(tissues, "tissue")}`,
        "Xenium, DAPI and H&E on one grid",
      ],
      color: BUILDING,
    },
    {
      name: "Annotation",
      lines: [
        `${formatCount(cells)} cells`,
        ...(labels === undefined ? [] : [`${labels} labels from RNA`]),
      ],
      color: BUILDING,
    },
    {
      name: "Patches and masks",
      lines: [
        "256 px, 64 px overlap, 40x",
        ...(patchesKept === undefined || patches === undefined
          ? []
          : [`${formatCount(patchesKept)} of ${formatCount(patches)} patches kept`]),
      ],
      color: BUILDING,
    },
  ];
}

const USE_BOXES: readonly Box[] = [
  {
    name: "Pretrained evaluation",
    lines: ["CellViT on H&E against labels from RNA"],
    color: USE,
  },
  { name: "Fine-tuning", lines: ["CellViT with detailed or grouped labels"], color: USE },
  { name: "Cell features", lines: ["of four encoders, beside the labels"], color: USE },
];

function drawRows(study: StudyCounts): Drawing {
  const width = 3 * BOX.width + 2 * BOX.gap;
  const rows = [
    drawRow("Dataset building", buildingBoxes(study), true),
    drawRow("Dataset use", USE_BOXES, false),
  ];
  const below = BOX.top + BOX.height + 8;
  const down = `<path d="M0,${below}H${width}" stroke="#666" stroke-width="1.5"/>` +
    arrow(width / 2, below, width / 2, ROW_HEIGHT + 10);
  const body = `${rows[0]}<g transform="translate(0,${ROW_HEIGHT})">${rows[1]}</g>${down}`;
  return { width, height: ROW_HEIGHT + BOX.top + BOX.height, body };
}

function drawRow(name: string, boxes: readonly Box[], chained: boolean): string {
  const left = (i: number) => i * (BOX.width + BOX.gap);
  const middle = BOX.top + BOX.height / 2;
  const arrows = boxes.slice(1).map((_, i) =>
    arrow(left(i) + BOX.width + 4, middle, left(i + 1) - 4, middle)
  );
  return `<text y="14" font-size="12" fill="#444">${escapeXml(name)}</text>` +
    boxes.map((box, i) => drawBox(box, left(i))).join("") + (chained ? arrows.join("") : "");
}

function drawBox({ name, lines, color }: Box, x: number): string {
  const style = { sizePx: 11 };
  const wrapped = lines.flatMap((line) => wrapText(line, BOX.width - 20, style));
  const text = wrapped.map((line, i) =>
    `<text x="10" y="${46 + i * 16}" font-size="11">${escapeXml(line)}</text>`
  ).join("");
  const bar = Math.min(BOX.width - 20, textWidth(name, { sizePx: 12, bold: true }));
  return `<g transform="translate(${x},${BOX.top})">` +
    `<rect width="${BOX.width}" height="${BOX.height}" rx="6" fill="white" stroke="${color}" ` +
    `stroke-width="1.5"/><rect x="10" y="27" width="${
      bar.toFixed(1)
    }" height="2" fill="${color}"/>` +
    `<text x="10" y="21" font-size="12" font-weight="bold">${escapeXml(name)}</text>${text}</g>`;
}

function arrow(x0: number, y0: number, x1: number, y1: number): string {
  const angle = Math.atan2(y1 - y0, x1 - x0) * 180 / Math.PI;
  return `<path d="M${x0},${y0}L${x1},${y1}" stroke="#666" stroke-width="1.5"/>` +
    `<path d="M-7,-4L0,0L-7,4Z" fill="#666" transform="translate(${x1},${y1})rotate(${angle})"/>`;
}
