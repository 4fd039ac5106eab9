import { encodeJson } from "@/pipeline/manifest.ts";
import {
  type AgreementScores,
  agreementScores,
  type AnnotationPair,
  knownMeetings,
  type LabelMeetings,
  meetingTable,
  sumMeetings,
} from "./annotation_agreement.ts";
import { csvText, type CsvValue } from "./csv_text.ts";
import type { ReportSection, StudyContext } from "./study_step.ts";

/** The line of all slides together. */
const ALL = "all";

const encoder = new TextEncoder();

interface PairScores {
  readonly slide: string;
  readonly rows: "all" | "known";
  readonly scores: AgreementScores;
}

/** Writes agreement and confusion of all pairs, by slide and over all; a summary for the report. */
export async function writeAgreement(
  pairs: readonly AnnotationPair[],
  { files }: StudyContext,
): Promise<ReportSection> {
  const scored = pairs.map((pair) => ({ pair, lines: scoresOf(pair) }));
  const agreement = files.add(
    "tables",
    "annotation_agreement.csv",
    "agreement, Cohen's kappa, ARI and NMI of each pair of annotations, by slide and over all; rows " +
      "known: without Unknown and Less10",
  );
  await files.disk.write(agreement, encoder.encode(agreementCsv(scored)));
  const confusion = files.add(
    "tables",
    "annotation_confusion.csv",
    "how often labels of two annotations meet, by slide and over all",
  );
  await files.disk.write(confusion, encoder.encode(confusionCsv(pairs)));
  const json = files.add("tables", "annotation_agreement.json", "both tables as one JSON object");
  await files.disk.write(json, encodeJson(scored.map(asJson)));
  return summary(scored);
}

function scoresOf(pair: AnnotationPair): PairScores[] {
  const isComparable = pair.first.isFinal && pair.second.isFinal;
  return meetingsOf(pair).flatMap(([slide, meetings]) => {
    const all = agreementScores(meetings, isComparable);
    const known = agreementScores(knownMeetings(meetings), isComparable);
    return [
      ...all === undefined ? [] : [{ slide, rows: "all" as const, scores: all }],
      ...known === undefined ? [] : [{ slide, rows: "known" as const, scores: known }],
    ];
  });
}

function meetingsOf({ slides }: AnnotationPair): (readonly [string, LabelMeetings])[] {
  return slides.size === 0 ? [] : [[ALL, sumMeetings(slides.values())], ...slides];
}

type Scored = { readonly pair: AnnotationPair; readonly lines: readonly PairScores[] };

function agreementCsv(scored: readonly Scored[]): string {
  const columns = ["slide_id", "first", "second", "rows", "cells", "agreement", "kappa"];
  const rows = scored.flatMap(({ pair: { first, second }, lines }) =>
    lines.map(({ slide, rows, scores }): CsvValue[] => [
      ...[slide, first.name, second.name, rows, scores.cells],
      ...[scores.agreement, scores.kappa, scores.balanced, scores.ari, scores.nmi].map(rounded),
    ])
  );
  return csvText([...columns, "balanced_agreement", "ari", "nmi"], rows);
}

function rounded(score: number | undefined): string | undefined {
  return score?.toFixed(6);
}

function confusionCsv(pairs: readonly AnnotationPair[]): string {
  const columns = ["slide_id", "first", "second", "first_label", "second_label", "cells"];
  const rows = pairs.flatMap((pair) =>
    meetingsOf(pair).flatMap(([slide, meetings]) => {
      const { rows, columns, counts } = meetingTable(meetings, []);
      return rows.flatMap((from, i) =>
        columns.flatMap((to, j): CsvValue[][] =>
          counts[i][j] === 0
            ? []
            : [[slide, pair.first.name, pair.second.name, from, to, counts[i][j]]]
        )
      );
    })
  );
  return csvText(columns, rows);
}

function asJson({ pair, lines }: Scored) {
  return {
    first: pair.first.name,
    second: pair.second.name,
    scores: lines.map(({ slide, rows, scores }) => ({ slide, rows, ...scores })),
    confusion: Object.fromEntries(
      meetingsOf(pair).map(([slide, meetings]) => [slide, meetingTable(meetings, [])]),
    ),
  };
}

function summary(scored: readonly Scored[]): ReportSection {
  const percent = (share: number | undefined) =>
    share === undefined ? "" : `${(100 * share).toFixed(1)} %`;
  const number = (score: number | undefined) => score === undefined ? "" : score.toFixed(3);
  return {
    title: "How far annotations agree",
    text: "Over all slides that have both; known: without Unknown and Less10.",
    columns: ["pair", "rows", "cells", "agreement", "balanced", "kappa", "ARI", "NMI"],
    rows: scored.flatMap(({ pair: { first, second }, lines }) =>
      lines.filter(({ slide }) => slide === ALL).map(({ rows, scores }) => [
        ...[`${first.doc} / ${second.doc}`, rows, scores.cells.toLocaleString("en")],
        ...[percent(scores.agreement), percent(scores.balanced), number(scores.kappa)],
        ...[number(scores.ari), number(scores.nmi)],
      ])
    ),
  };
}
