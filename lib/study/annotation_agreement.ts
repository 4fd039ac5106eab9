import type { Categorical } from "@/core/categorical.ts";
import {
  accuracy,
  balancedAccuracy,
  cohensKappa,
  type Confusion,
  contingencyOf,
  mutualInformationOf,
  randIndexOf,
} from "@/numerics/metrics/mod.ts";
import { LESS10 } from "@/labels/mod.ts";
import { NO_LABEL } from "./annotation_inputs.ts";
import type { MergedSlide } from "./merge_annotations.ts";

/** An annotation that is compared with others. */
export interface Annotation {
  /** Its name in tables and files. */
  readonly name: "nuclei" | "cells" | "combined" | "pannuke" | "truth";
  /** In words. */
  readonly doc: string;
  /** Whether its labels are the final labels, so that equal means the same. */
  readonly isFinal: boolean;
  /** Its column. */
  of(slide: MergedSlide): Categorical | undefined;
}

/** Every annotation; of a pair the first is the reference. */
export const ANNOTATIONS: readonly Annotation[] = [
  { name: "truth", doc: "truth", isFinal: true, of: ({ truth }) => truth },
  { name: "nuclei", doc: "final label of nuclei", isFinal: true, of: (s) => s.finalNuclei },
  { name: "cells", doc: "final label of cells", isFinal: true, of: (s) => s.finalCells },
  { name: "combined", doc: "combined label", isFinal: true, of: (s) => s.finalCombined },
  { name: "pannuke", doc: "PanNuke class", isFinal: false, of: ({ panNuke }) => panNuke },
];

/** Two annotations, and how often their labels meet in each slide. */
export interface AnnotationPair {
  /** The reference. */
  readonly first: Annotation;
  /** The other. */
  readonly second: Annotation;
  /** Counts by slide, of slides that have both. */
  readonly slides: Map<string, LabelMeetings>;
}

/** How often labels meet: first label, second label, rows. */
export type LabelMeetings = ReadonlyMap<string, ReadonlyMap<string, number>>;

/** How far two annotations agree. Not given where their labels are not of one kind. */
export interface AgreementScores {
  /** Rows that have both. */
  readonly cells: number;
  /** Share of rows with the same label. */
  readonly agreement?: number;
  /** Cohen's kappa. */
  readonly kappa?: number;
  /** Mean over the first's labels of the share that the second calls the same. */
  readonly balanced?: number;
  /** Adjusted Rand index. */
  readonly ari: number;
  /** Normalised mutual information. */
  readonly nmi: number;
}

/** All pairs of annotations. */
export function annotationPairs(): AnnotationPair[] {
  return ANNOTATIONS.flatMap((first, i) =>
    ANNOTATIONS.slice(i + 1).map((second) => ({ first, second, slides: new Map() }))
  );
}

/** Adds what a slide tells about a pair, if it has both annotations. */
export function addSlide({ first, second, slides }: AnnotationPair, merged: MergedSlide): void {
  const [a, b] = [first.of(merged), second.of(merged)];
  if (a === undefined || b === undefined) return;
  const meetings = countMeetings(a, b);
  if (meetings.size > 0) slides.set(merged.slide, meetings);
}

/** How often the categories of two columns meet, over rows that have both. */
export function countMeetings(a: Categorical, b: Categorical): LabelMeetings {
  const width = b.levels.length;
  const counts = new Float64Array(a.levels.length * width);
  for (let row = 0; row < a.codes.length; row++) {
    if (a.codes[row] >= 0 && b.codes[row] >= 0) counts[a.codes[row] * width + b.codes[row]]++;
  }
  const meetings = new Map<string, Map<string, number>>();
  counts.forEach((count, k) => {
    if (count === 0) return;
    const [from, to] = [a.levels[Math.floor(k / width)], b.levels[k % width]];
    const row = meetings.get(from) ?? new Map<string, number>();
    meetings.set(from, row.set(to, (row.get(to) ?? 0) + count));
  });
  return meetings;
}

/** Meetings of several slides together. */
export function sumMeetings(all: Iterable<LabelMeetings>): LabelMeetings {
  const sum = new Map<string, Map<string, number>>();
  for (const meetings of all) {
    for (const [from, row] of meetings) {
      const into = sum.get(from) ?? new Map<string, number>();
      for (const [to, count] of row) into.set(to, (into.get(to) ?? 0) + count);
      sum.set(from, into);
    }
  }
  return sum;
}

/** Without rows that either calls `Unknown` or `Less10`. */
export function knownMeetings(meetings: LabelMeetings): LabelMeetings {
  const isKnown = (label: string) => label !== NO_LABEL && label !== LESS10;
  const rows = [...meetings].filter(([from]) => isKnown(from)).map(([from, row]) =>
    [from, new Map([...row].filter(([to]) => isKnown(to)))] as const
  );
  return new Map(rows.filter(([, row]) => row.size > 0));
}

/** Meetings as a table, labels in the order of `order`, then by name. */
export function meetingTable(
  meetings: LabelMeetings,
  order: readonly string[],
): { rows: string[]; columns: string[]; counts: number[][] } {
  const place = (label: string) => order.includes(label) ? order.indexOf(label) : order.length;
  const sorted = (labels: Iterable<string>) =>
    [...new Set(labels)].sort((a, b) => place(a) - place(b) || (a < b ? -1 : 1));
  const rows = sorted(meetings.keys());
  const columns = sorted([...meetings.values()].flatMap((row) => [...row.keys()]));
  const counts = rows.map((from) => columns.map((to) => meetings.get(from)?.get(to) ?? 0));
  return { rows, columns, counts };
}

/**
 * How far two annotations agree, from how often their labels meet.
 *
 * @param isComparable Whether equal labels mean the same.
 * @returns `undefined` if no row has both.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { agreementScores } from "@/study/annotation_agreement.ts";
 *
 * const meetings = new Map([["T", new Map([["T", 3], ["B", 1]])]]);
 * assertEquals(agreementScores(meetings, true)?.agreement, 0.75);
 * ```
 */
export function agreementScores(
  meetings: LabelMeetings,
  isComparable: boolean,
): AgreementScores | undefined {
  const { counts } = meetingTable(meetings, []);
  const cells = counts.flat().reduce((sum, count) => sum + count, 0);
  if (cells === 0) return undefined;
  const table = contingencyOf(counts);
  const shared = { cells, ari: randIndexOf(table), nmi: mutualInformationOf(table) };
  if (!isComparable) return shared;
  const confusion = asConfusion(meetings);
  const kappa = cohensKappa(confusion);
  return {
    cells,
    agreement: accuracy(confusion),
    ...(kappa === undefined ? {} : { kappa }),
    balanced: balancedAccuracy(confusion),
    ari: shared.ari,
    nmi: shared.nmi,
  };
}

/** The same labels for rows and columns. */
function asConfusion(meetings: LabelMeetings): Confusion {
  const { rows, columns } = meetingTable(meetings, []);
  const labels = [...new Set([...rows, ...columns])].sort();
  const counts = labels.map((from) => labels.map((to) => meetings.get(from)?.get(to) ?? 0));
  return { labels, counts };
}
