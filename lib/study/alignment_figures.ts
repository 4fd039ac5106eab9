import type { FigureNote } from "@/plots/mod.ts";
import {
  alignmentBySlide,
  keptByThreshold,
  predictedBy,
  sampledColours,
  scorePairs,
} from "@/plots/study/mod.ts";
import type { NamedFigure } from "@/report/slide_figures.ts";
import { COMPARED_SCORES, type SlideAlignment } from "./alignment_of_slide.ts";
import { sumRelations } from "./score_relations.ts";

/** Kept shares of the published data set, 587,555 patches of 27 slides. */
const PUBLISHED_SHARES = [{ cut: 0.45, share: 0.8654 }, { cut: 0.7, share: 0.254 }] as const;

/** Alignments of slides, and what is shown of them. */
export interface ComparedAlignments {
  readonly rows: readonly SlideAlignment[];
  /** Slides that have no predictions. */
  readonly without: readonly string[];
  /** Jaccard indices from which patches are kept. */
  readonly cuts: readonly number[];
  readonly notes: readonly FigureNote[];
}

/** Agreement by slide, what each threshold keeps, and pairs of scores; none if no slide has a score. */
export function alignmentFigures(
  { rows, without, cuts, notes }: ComparedAlignments,
): NamedFigure[] {
  const scored = rows.filter(({ evaluated }) => evaluated > 0);
  if (scored.length === 0) return [];
  const unscored = rows.filter(({ evaluated }) => evaluated === 0).map(({ slide }) => slide);
  const colours = sampledColours([...new Set(scored.map(({ tissue }) => tissue))]);
  const bySlide = alignmentBySlide({
    slides: scored.map(({ kept, evaluated, ...row }) => ({
      ...row,
      patches: evaluated,
      keptShares: kept.map(({ patches }) => patches / evaluated),
    })),
    ...{ scores: COMPARED_SCORES, sortedBy: "Jaccard", cuts, colours, notes },
    without: [...unscored, ...without],
  });
  const patches = scored.reduce((sum, { evaluated }) => sum + evaluated, 0);
  const curves = keptByThreshold({
    slides: scored.map(({ slide, tissue, evaluated, relations }) => ({
      ...{ slide, tissue, patches: evaluated, kept: relations.keptFrom },
    })),
    cuts: cuts.map((cut, k) => ({
      cut,
      share: scored.reduce((sum, { kept }) => sum + kept[k].patches, 0) / patches,
    })),
    ...{ score: "Jaccard", published: PUBLISHED_SHARES, colours, notes },
    subtitle: predictedBy(scored.map(({ source }) => source)),
  });
  return [
    { name: "alignment_by_slide", figure: bySlide },
    { name: "alignment_thresholds", figure: curves },
    { name: "alignment_score_pairs", figure: pairsOf(scored, notes) },
  ];
}

function pairsOf(scored: readonly SlideAlignment[], notes: readonly FigureNote[]) {
  const all = sumRelations(scored.map(({ relations }) => relations));
  return scorePairs({
    pairs: [
      { x: "Jaccard", y: "bPQ", counts: all.jaccardBpq },
      {
        ...{ x: "Dice", y: "Jaccard", counts: all.diceJaccard },
        line: { label: "Jaccard = Dice / (2 - Dice)", at: (dice) => dice / (2 - dice) },
      },
    ],
    subtitle: `${predictedBy(scored.map(({ source }) => source))}; ` +
      `Dice is at most ${all.largestResidual.toPrecision(1)} from 2 J / (1 + J)`,
    notes,
  });
}
