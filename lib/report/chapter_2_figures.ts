import { type Categorical, categorical } from "@/core/categorical.ts";
import { SthelarError } from "@/core/errors.ts";
import { didYouMean } from "@/core/nearest.ts";
import { reportInput } from "@/formats/spatialdata/stage_elements.ts";
import { labelOfType } from "@/labels/mod.ts";
import type { Slide } from "@/pipeline/slide.ts";
import {
  geneOverlap,
  labelComposition,
  labelMap,
  refCellTypes,
  scoreMap,
  tangramLoss,
  truthConfusion,
  type TypeCount,
  type TypeScores,
  typeScores,
} from "@/plots/chapter_2/mod.ts";
import { categoryColours, type Figure, type FigureNote } from "@/plots/mod.ts";
import type { RefCellTypesReport } from "@/stages/2_01_ref_cell_types.ts";
import type { ScoredType, TangramData } from "./open_tangram.ts";

export { openTangram, type TangramData } from "./open_tangram.ts";

/** What stage 2-01 found. */
export interface ReferenceData {
  /** Types, counts and genes of the reference. */
  readonly reference: RefCellTypesReport;
  /** Marks that the figures carry. */
  readonly notes: readonly FigureNote[];
}

/** Types whose scores are drawn beside each other. */
const SCORE_MAPS = 9;
/** What a simulated nucleus is whose type the reference lacks. */
const NOT_IN_REFERENCE = "not in the reference";

/** Opens what stage 2-01 found for a slide. */
export async function openReference(slide: Slide): Promise<ReferenceData> {
  return {
    reference: await slide.open(reportInput<RefCellTypesReport>("ref_cell_types")),
    notes: slide.manifest.simulated ? ["simulated"] : [],
  };
}

/** Cells of each type of the reference. */
export function refCellTypesFigure({ reference, notes }: ReferenceData): Figure {
  const { types, atlas, unlabelledCells } = reference;
  return refCellTypes({
    types: types.map(({ name, cells, finalLabel, by }) => ({
      name,
      cells,
      ...(by === "none" ? {} : { category: finalLabel }),
    })),
    colours: categoryColours("final_label"),
    caption: `${atlas.name}, column "${reference.labelKey}"` +
      (unlabelledCells > 0 ? `; ${unlabelledCells} cells have no type` : ""),
    notes,
  });
}

/** Genes that reference and panel share. */
export function geneOverlapFigure({ reference: { genes }, notes }: ReferenceData): Figure {
  const { shared, onlyInPanel, atlas } = genes;
  return geneOverlap({ shared, onlyInPanel, atlas, notes });
}

/** How the mapping was learned; `undefined` where that is not known. */
export function tangramLossFigure({ report, notes }: TangramData): Figure | undefined {
  if (report === undefined) return undefined;
  const bags = report.bags.map(({ nuclei, geneScore, kl }) => ({
    nuclei,
    geneScore,
    ...(kl.length === 0 ? {} : { kl }),
  }));
  return tangramLoss({ bags, notes });
}

/** Every nucleus at its place, by the category of its type. */
export function labelMapFigure(data: TangramData): Figure {
  const { x, y } = data.places;
  return labelMap({
    x,
    y,
    labels: categoriesOf(data),
    colours: categoryColours("final_label"),
    caption: describeMapping(data),
    notes: data.notes,
  });
}

/** Nuclei of each type, by category; of a simulated slide beside the truth. */
export function labelCompositionFigure(data: TangramData): Figure {
  return labelComposition({
    types: typeCounts(data),
    colours: categoryColours("final_label"),
    caption: describeMapping(data),
    notes: data.notes,
  });
}

/**
 * The score of a type in every nucleus.
 *
 * @param type Its name; the most frequent one unless told.
 * @throws {SthelarError} `InvalidArgument` with the nearest names if there is none of that name.
 */
export async function typeScoresFigure(data: TangramData, type?: string): Promise<Figure> {
  const types = byFrequency(data);
  const chosen = type === undefined ? types[0] : types.find(({ name }) => name === type);
  if (chosen === undefined) {
    throw new SthelarError("InvalidArgument", {
      action: "Cannot draw the scores of a type",
      found: `"${type}"`,
      expected: "a type of the reference",
      remedy: didYouMean(type ?? "", types.map(({ name }) => name)),
    });
  }
  return typeScores({ ...data.places, type: await scoresOf(data, chosen), notes: data.notes });
}

/** The scores of the most frequent types, a small map each. */
export async function scoreMapFigure(data: TangramData): Promise<Figure> {
  const types: TypeScores[] = [];
  for (const type of byFrequency(data).slice(0, SCORE_MAPS)) types.push(await scoresOf(data, type));
  return scoreMap({ ...data.places, types, notes: data.notes });
}

/** Which categories are taken for which; `undefined` where the truth is not known. */
export function truthConfusionFigure(data: TangramData): Figure | undefined {
  if (data.truth === undefined) return undefined;
  return truthConfusion({
    truth: categorical(data.truth.finalLabel),
    predicted: categoriesOf(data),
    colours: categoryColours("final_label"),
    notes: data.notes,
  });
}

function byFrequency({ types }: TangramData): ScoredType[] {
  return [...types].sort((a, b) => b.nuclei - a.nuclei || (a.name < b.name ? -1 : 1));
}

async function scoresOf(data: TangramData, type: ScoredType): Promise<TypeScores> {
  return { name: type.name, nuclei: type.nuclei, scores: await data.scores(type.column) };
}

function categoriesByType({ tissue }: TangramData, types: Iterable<string>): Map<string, string> {
  return new Map([...types].map((type) => [type, labelOfType(type, tissue).finalLabel]));
}

/** Nuclei that are labelled as each type, and those that are of it. */
function typeCounts({ labels, truth, tissue }: TangramData): TypeCount[] {
  const labelled = countTexts(Array.from(labels.codes, (code) => labels.levels[code]));
  if (truth === undefined) {
    return [...labelled].map(([name, nuclei]) => ({
      name,
      category: labelOfType(name, tissue).finalLabel,
      nuclei,
    }));
  }
  const { referenceType, finalLabel } = truth;
  const types = countTexts(referenceType.map((type) => type || undefined));
  const others = countTexts(finalLabel.filter((_, nucleus) => referenceType[nucleus] === ""));
  return [
    ...[...new Set([...labelled.keys(), ...types.keys()])].map((name) => ({
      name,
      category: labelOfType(name, tissue).finalLabel,
      nuclei: labelled.get(name) ?? 0,
      truth: types.get(name) ?? 0,
    })),
    ...[...others].map(([category, count]) => ({
      name: NOT_IN_REFERENCE,
      category,
      nuclei: 0,
      truth: count,
    })),
  ];
}

function countTexts(texts: readonly (string | undefined)[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const text of texts) if (text !== undefined) counts.set(text, (counts.get(text) ?? 0) + 1);
  return counts;
}

/** The category of each nucleus. */
function categoriesOf(data: TangramData): Categorical {
  const { levels, codes, ordered } = data.labels;
  const categoryOf = categoriesByType(data, levels);
  const categories = [...new Set(categoryOf.values())].sort();
  const codeOf = levels.map((level) => categories.indexOf(categoryOf.get(level)!));
  return {
    levels: categories,
    codes: codes.map((code) => code < 0 ? -1 : codeOf[code]),
    ordered,
  };
}

function describeMapping({ report }: TangramData): string {
  const categories =
    "Categories are those of the reference's types; a type in no list of labels is " +
    "Unknown.";
  if (report === undefined) return `Tangram, as others ran it. ${categories}`;
  const { reference, genes, mode } = report;
  const mapped = mode === "clusters"
    ? `sums of ${report.types.length} types`
    : `${reference.mapped.toLocaleString("en-US")} cells`;
  return `Tangram: ${mapped} of ${reference.name}, ${genes.shared} genes. ${categories}`;
}
