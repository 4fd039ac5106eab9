import { parseColour } from "../colours.ts";
import type { Figure, FigureFrame } from "../figure.ts";
import { imagePanel } from "../image_panel.ts";
import { panels } from "../panels.ts";
import { patchRaster } from "./patch_raster.ts";

/** A patch with the nuclei of both sides. */
export interface AlignmentExample {
  /** Number of the patch. */
  readonly patch: number;
  /** Why it is shown: `best`, `middle`, `worst`. */
  readonly rank: string;
  /** Side, px. */
  readonly width: number;
  /** `(width, width, 3)`. */
  readonly rgb: Uint8Array;
  /** Nucleus of the Xenium run in each pixel, 0 for none. */
  readonly xenium: Int32Array;
  /** Predicted nucleus in each pixel, 0 for none. */
  readonly predicted: Int32Array;
  /** Scores; NaN for none. */
  readonly jaccard: number;
  readonly bpq: number;
}

/** What {@link alignmentExamples} draws. */
export interface AlignmentExamplesOptions extends FigureFrame {
  /** In the order in which they are shown. */
  readonly examples: readonly AlignmentExample[];
  /** Panels in a row; 3 unless told. */
  readonly columns?: number;
  /** Micrometres a pixel. */
  readonly umPerPixel: number;
  /** Who predicted. */
  readonly source: string;
  /** Width of one panel, px; 250 unless told. */
  readonly panelWidth?: number;
}

const XENIUM = "#ffe600", PREDICTED = "#00e5ff";
/** The wider one shows where the other lies on it. */
const XENIUM_LINE = 5, PREDICTED_LINE = 2;

/** Patches with the outlines of the Xenium nuclei and of the predicted ones over the H&E. */
export function alignmentExamples(options: AlignmentExamplesOptions): Figure {
  const { examples, umPerPixel, source, columns = 3, panelWidth = 250, ...frame } = options;
  const layerOf = (ids: Int32Array, text: string, line: number) => {
    const colour = parseColour(text);
    return { ids, colourOf: () => colour, fill: 0, line };
  };
  const drawn = examples.map((example) => {
    const side = example.width * umPerPixel;
    return imagePanel({
      window: { x: 0, y: 0, width: side, height: side },
      width: panelWidth,
      subtitle: `${example.rank}: patch ${example.patch}, Jaccard ${score(example.jaccard)}, ` +
        `bPQ ${score(example.bpq)}`,
      caption: tellNuclei(countOf(example.xenium), countOf(example.predicted)),
      raster: () =>
        patchRaster(example, [
          layerOf(example.xenium, XENIUM, XENIUM_LINE),
          layerOf(example.predicted, PREDICTED, PREDICTED_LINE),
        ]),
    });
  });
  return panels(drawn, {
    title: "Best, middle and worst patches",
    subtitle: `nuclei predicted by: ${source}`,
    caption:
      "By Jaccard index. Where outlines agree but lie beside the dark nuclei, or are shifted " +
      "against each other alike in all patches, the alignment of the H&E is off.",
    legend: {
      items: [
        { label: "nuclei of the Xenium run", color: XENIUM, mark: "line" },
        { label: "predicted nuclei", color: PREDICTED, mark: "line" },
      ],
    },
    ...frame,
    columns,
  });
}

function tellNuclei(xenium: number, predicted: number): string {
  return `${xenium} ${xenium === 1 ? "nucleus" : "nuclei"} of the run, ${predicted} predicted`;
}

function countOf(ids: Int32Array): number {
  return new Set(ids.filter((id) => id > 0)).size;
}

function score(value: number): string {
  return Number.isNaN(value) ? "none" : value.toFixed(2);
}
