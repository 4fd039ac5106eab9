import type { ClusterEvidence, TangramShare, TopGene } from "./cluster_evidence.ts";
import type { MarkerScore } from "./marker_scores.ts";

/** What speaks for one label. */
export interface LabelCase {
  /** Broad label. */
  readonly label1: string;
  /** Its category. */
  readonly finalLabel: string;
  /** Fit of the category's best type, 0 .. 1. */
  readonly markers: number;
  /** The best type's own name; absent where only Tangram speaks for it. */
  readonly kind?: string;
  /** Markers of that type that rise by a doubling or more, best first. */
  readonly expressed: readonly string[];
  /** Share of the cluster's nuclei that Tangram puts into the category, 0 .. 1. */
  readonly tangram: number;
}

/** A cluster's label by rule, and why. */
export interface AutomaticLabel {
  /** The cluster. */
  readonly name: string;
  /** Its cells. */
  readonly cells: number;
  /** Broad label, `Unknown` where nothing is convincing. */
  readonly label1: string;
  /** Fine label: the broad one. */
  readonly label2: string;
  /** `normal_cell`: no rule tells cancer. */
  readonly label3: "normal_cell";
  /** Its category. */
  readonly finalLabel: string;
  /** Who put this category first: markers and Tangram, one of them, only their sum, or nobody. */
  readonly by: "both" | "markers" | "tangram" | "sum" | "nobody";
  /** Whether another category is close, or its markers fit about as well: a person should look. */
  readonly isDoubtful: boolean;
  /** What speaks for the category that speaks most, chosen or not. */
  readonly best?: LabelCase;
  /** The same of the next category. */
  readonly runnerUp?: LabelCase;
  /** Genes that rise most in the cluster. */
  readonly topGenes: readonly TopGene[];
}

/** A category is convincing by markers from this fit on. */
const CONVINCING_MARKERS = 0.4;
/** ... and by Tangram from this share of the nuclei on. */
const CONVINCING_TANGRAM = 0.5;
/** A lead below this is doubtful. */
const CLEAR_LEAD = 0.15;
/** ... and so is a category whose markers fit hardly better than another's. */
const RIVAL_SHARE = 0.7;

/**
 * Labels clusters by rule. A category's case is the sum of its best type's marker fit (0 .. 1, see
 * `markerScores`) and of Tangram's share of nuclei (0 .. 1; 0 where Tangram is silent). Of the
 * categories whose markers fit by 0.4, or that Tangram gives half of the nuclei, that with the largest
 * sum is taken; where there is none the cluster is `Unknown`. So where both agree it is theirs, and
 * where they disagree that of the surer one. Within the category the label with the largest sum is
 * taken. States (dividing) count only where no type is convincing. label2 is label1, label3
 * `normal_cell`.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { automaticLabels } from "@/labels/automatic_labels.ts";
 *
 * const tangram = [{ label1: "Mast", finalLabel: "Myeloid", share: 0.8 }];
 * const [label] = automaticLabels([{ name: "0", cells: 5, markers: [], tangram, topGenes: [] }]);
 * assertEquals([label.label1, label.by], ["Mast", "tangram"]);
 * ```
 */
export function automaticLabels(evidence: readonly ClusterEvidence[]): AutomaticLabel[] {
  return evidence.map((cluster) => {
    const types = cluster.markers.filter(({ isState }) => !isState);
    const cases = casesOf(types, cluster.tangram ?? []);
    if (cases.some(isConvincing)) return labelled(cluster, cases);
    const withStates = casesOf(cluster.markers, cluster.tangram ?? []);
    return labelled(cluster, withStates.some(isConvincing) ? withStates : cases);
  });
}

function labelled({ name, cells, topGenes }: ClusterEvidence, cases: LabelCase[]): AutomaticLabel {
  const best = cases.find(isConvincing) ?? cases.at(0);
  const runnerUp = cases.find((other) => other !== best);
  const reasons = {
    ...(best === undefined ? {} : { best }),
    ...(runnerUp === undefined ? {} : { runnerUp }),
    topGenes,
  };
  if (best === undefined || !isConvincing(best)) {
    return {
      name,
      cells,
      ...labels("Unknown", "Unknown"),
      by: "nobody",
      isDoubtful: true,
      ...reasons,
    };
  }
  const lead = sumOf(best) - (runnerUp === undefined ? 0 : sumOf(runnerUp));
  return {
    name,
    cells,
    ...labels(best.label1, best.finalLabel),
    by: firstOf(best, cases),
    isDoubtful: lead < CLEAR_LEAD || cases.some((other) => isRival(other, best)),
    ...reasons,
  };
}

/** Whether markers of another category fit convincingly, and nearly as well. */
function isRival(other: LabelCase, best: LabelCase): boolean {
  return other.finalLabel !== best.finalLabel && other.markers >= CONVINCING_MARKERS &&
    other.markers >= RIVAL_SHARE * best.markers;
}

function labels(label1: string, finalLabel: string) {
  return { label1, label2: label1, label3: "normal_cell" as const, finalLabel };
}

function firstOf(best: LabelCase, cases: readonly LabelCase[]): AutomaticLabel["by"] {
  const byMarkers = best.markers > 0 && cases.every(({ markers }) => markers <= best.markers);
  const byTangram = best.tangram > 0 && cases.every(({ tangram }) => tangram <= best.tangram);
  if (byMarkers && byTangram) return "both";
  return byMarkers ? "markers" : byTangram ? "tangram" : "sum";
}

function isConvincing({ markers, tangram }: LabelCase): boolean {
  return markers >= CONVINCING_MARKERS || tangram >= CONVINCING_TANGRAM;
}

/** The case of each category, the strongest first; cells that Tangram cannot name speak for none. */
function casesOf(types: readonly MarkerScore[], tangram: readonly TangramShare[]): LabelCase[] {
  const categories = new Set([...types, ...tangram].map(({ finalLabel }) => finalLabel));
  categories.delete("Unknown");
  return [...categories].map((finalLabel): LabelCase => {
    const itsTypes = types.filter((type) => type.finalLabel === finalLabel);
    const itsShares = tangram.filter((share) => share.finalLabel === finalLabel);
    const best = itsTypes[0];
    return {
      label1: strongestLabel(itsTypes, itsShares),
      finalLabel,
      markers: Math.max(0, best?.score ?? 0),
      ...(best === undefined ? {} : { kind: best.kind }),
      expressed: best?.expressed ?? [],
      tangram: itsShares.reduce((sum, { share }) => sum + share, 0),
    };
  }).sort((a, b) => sumOf(b) - sumOf(a) || (a.finalLabel < b.finalLabel ? -1 : 1));
}

function strongestLabel(types: readonly MarkerScore[], shares: readonly TangramShare[]): string {
  const names = new Set([...types, ...shares].map(({ label1 }) => label1));
  const strength = (name: string) =>
    Math.max(0, ...types.filter(({ label1 }) => label1 === name).map(({ score }) => score)) +
    (shares.find(({ label1 }) => label1 === name)?.share ?? 0);
  return [...names].sort((a, b) => strength(b) - strength(a) || (a < b ? -1 : 1))[0];
}

function sumOf({ markers, tangram }: LabelCase): number {
  return markers + tangram;
}
