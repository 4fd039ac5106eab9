import { definedOf, type Figure, type FigureFrame } from "../figure.ts";
import { type Bar, horizontalBars } from "../horizontal_bars.ts";
import { formatCount } from "../legend.ts";

/** What {@link geneOverlap} draws. */
export interface GeneOverlapOptions extends FigureFrame {
  /** Genes of the panel that the reference has, by how they match. */
  readonly shared: { readonly name: number; readonly case: number; readonly id: number };
  /** Names of those that it lacks. */
  readonly onlyInPanel: readonly string[];
  /** Genes of the reference. */
  readonly atlas: number;
}

const SHARED_COLOUR = "#4c78a8";
const CLOSE_COLOUR = "#9ecae9";
const LACKING_COLOUR = "#d62728";
const NAMES_SHOWN = 40;

/** How many genes of the panel the reference has, and which it lacks. */
export function geneOverlap(options: GeneOverlapOptions): Figure {
  const { shared, onlyInPanel, atlas, ...frame } = options;
  const found = shared.name + shared.case + shared.id;
  const panel = found + onlyInPanel.length;
  const bar = (label: string, value: number, color: string): Bar => ({
    label,
    value,
    color,
    text: `${formatCount(value)} (${(100 * value / panel).toFixed(1)} %)`,
  });
  const names = onlyInPanel.slice(0, NAMES_SHOWN).join(", ");
  const more = onlyInPanel.length - NAMES_SHOWN;
  return horizontalBars({
    title: "Genes of the panel in the reference",
    subtitle: `${formatCount(found)} of ${formatCount(panel)} genes of the panel; ` +
      `the reference has ${formatCount(atlas)}`,
    ...(onlyInPanel.length === 0
      ? {}
      : { caption: `Not in the reference: ${names}${more > 0 ? ` and ${more} more` : ""}` }),
    ...definedOf(frame),
    xLabel: "genes of the panel",
    axisEnd: panel,
    bars: [
      bar("same name", shared.name, SHARED_COLOUR),
      ...(shared.case > 0 ? [bar("other letters", shared.case, CLOSE_COLOUR)] : []),
      ...(shared.id > 0 ? [bar("Ensembl id", shared.id, CLOSE_COLOUR)] : []),
      bar("not in the reference", onlyInPanel.length, LACKING_COLOUR),
    ],
  });
}
