import { type FigureNote, formatCount, panels } from "@/plots/mod.ts";
import {
  agreementBySlide,
  confusionHeatMap,
  type FlowLink,
  labelFlow,
  type SlideAgreement,
} from "@/plots/study/mod.ts";
import type { NamedFigure } from "@/report/slide_figures.ts";
import {
  agreementScores,
  type Annotation,
  type AnnotationPair,
  knownMeetings,
  type LabelMeetings,
  meetingTable,
  sumMeetings,
} from "./annotation_agreement.ts";
import { labelColours } from "./label_colours.ts";

/** Heat maps of all pairs, agreement by slide, and how labels flow from one annotation to the next. */
export function annotationFigures(
  pairs: readonly AnnotationPair[],
  notes: readonly FigureNote[],
): NamedFigure[] {
  const present = pairs.filter(({ slides }) => slides.size > 0);
  const comparable = present.filter(({ first, second }) => first.isFinal && second.isFinal);
  const flow = flowFigure(present, notes);
  return [
    ...present.map((pair) => ({
      name: `agreement_${pair.first.name}_${pair.second.name}`,
      figure: heatMap(pair, notes),
    })),
    ...comparable.length === 0 ? [] : [{
      name: "agreement_by_slide",
      figure: panels(comparable.map(dotsOf), {
        columns: 2,
        title: "Agreement of annotations by slide",
        notes,
      }),
    }],
    ...flow === undefined ? [] : [{ name: "label_flow", figure: flow }],
  ];
}

function heatMap({ first, second, slides }: AnnotationPair, notes: readonly FigureNote[]) {
  const meetings = sumMeetings(slides.values());
  const order = [...orderOf(first), ...orderOf(second)];
  const isComparable = first.isFinal && second.isFinal;
  return confusionHeatMap({
    ...meetingTable(meetings, order),
    rowAxis: first.doc,
    columnAxis: second.doc,
    unit: "cells",
    title: `${capital(first.doc)} and ${second.doc}`,
    subtitle: scoreText(meetings, isComparable, slides.size),
    notes,
  });
}

function scoreText(meetings: LabelMeetings, isComparable: boolean, slides: number): string {
  const all = agreementScores(meetings, isComparable)!;
  const known = agreementScores(knownMeetings(meetings), isComparable);
  const percent = (share: number) => `${(100 * share).toFixed(1)} %`;
  return [
    ...all.agreement === undefined ? [] : [`agreement ${percent(all.agreement)}`],
    ...known?.agreement === undefined
      ? []
      : [`${percent(known.agreement)} without Unknown and Less10`],
    ...all.kappa === undefined ? [] : [`κ ${all.kappa.toFixed(2)}`],
    `ARI ${all.ari.toFixed(2)}`,
    `NMI ${all.nmi.toFixed(2)}`,
    `${formatCount(all.cells)} cells of ${slides} ${slides === 1 ? "slide" : "slides"}`,
  ].join(", ");
}

function orderOf({ isFinal }: Annotation): string[] {
  return [...labelColours(isFinal ? "final_label" : "pannuke", []).keys()];
}

function dotsOf({ first, second, slides }: AnnotationPair) {
  const dots: SlideAgreement[] = [...slides].map(([slide, meetings]) => {
    const all = agreementScores(meetings, true)!;
    const known = agreementScores(knownMeetings(meetings), true);
    return { slide, agreement: all.agreement!, known: known?.agreement, cells: all.cells };
  });
  return agreementBySlide({ slides: dots, title: `${capital(first.doc)} and ${second.doc}` });
}

/** From nuclei to cells and, where slides have them, to combined labels. */
function flowFigure(pairs: readonly AnnotationPair[], notes: readonly FigureNote[]) {
  const find = (first: string, second: string) =>
    pairs.find((pair) => pair.first.name === first && pair.second.name === second);
  const steps = [find("nuclei", "cells"), find("cells", "combined")];
  if (steps[0] === undefined) return undefined;
  const shown = steps.filter((pair) => pair !== undefined);
  const links = shown.map(({ slides }) => linksOf(sumMeetings(slides.values())));
  const labels = links.flat().flatMap(({ from, to }) => [from, to]);
  return labelFlow({
    annotations: ["nuclei", "cells", "combined"].slice(0, shown.length + 1),
    links,
    colours: labelColours("final_label", labels),
    title: "From the labels of nuclei to those of cells" +
      (shown.length === 2 ? " and the combined ones" : ""),
    subtitle: shown.map(({ first, second, slides }) =>
      `${first.name} to ${second.name}: ${slides.size} ${slides.size === 1 ? "slide" : "slides"}`
    ).join(", "),
    caption:
      "Bands are as wide as there are cells, in the colour of the label that they come from.",
    notes,
  });
}

function linksOf(meetings: LabelMeetings): FlowLink[] {
  return [...meetings].flatMap(([from, row]) =>
    [...row].map(([to, count]) => ({ from, to, count }))
  );
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
