import type { ClusterMembers } from "./cluster_members.ts";
import { FilePart, openDecisions } from "./file_part.ts";
import { LABEL1 } from "./reference_types.ts";

/** Labels of a cluster. */
export interface ClusterLabels {
  /** Broad type, of the known ones. */
  readonly label1: string;
  /** Fine type, free text. */
  readonly label2: string;
  /** Whether its cells are cancer cells. */
  readonly label3: "normal_cell" | "cancer_cell";
}

/** How a cluster is divided: by another clustering of the table, or by clustering it again. */
export interface ClusterSplit {
  /** Key of the clustering that divides it. */
  readonly by?: string;
  /** Resolution of Leiden on its cells alone. */
  readonly resolution?: number;
  /** Stamp of what divides it, if that is to be checked. */
  readonly stamp?: string;
}

/** What a person decided about the clusters of one table. */
export interface TableDecisions {
  /** The clustering that it speaks of, and its stamp. */
  readonly clustering: { readonly key: string; readonly stamp: string };
  /** Clusters that are divided; the parts of `3` are `3.0`, `3.1` and so on. */
  readonly splits: ReadonlyMap<string, ClusterSplit>;
  /** Refined clusters made of several clusters or parts. */
  readonly merges: ReadonlyMap<string, readonly string[]>;
  /** Labels of every refined cluster. */
  readonly labels: ReadonlyMap<string, ClusterLabels>;
  /** Members of clusters and parts when it was decided: how they are found in another clustering. */
  readonly members: ReadonlyMap<string, ClusterMembers>;
  /** What the person saw; for readers of the file only. */
  readonly evidence?: Readonly<Record<string, unknown>>;
}

/** A slide's decisions about clusters. */
export interface ClusterDecisions {
  /** About clusters of nuclei. */
  readonly nuclei?: TableDecisions;
  /** About clusters of cells. */
  readonly cells?: TableDecisions;
}

/** Version of the file's layout. */
export const DECISIONS_FORMAT = 1;
const LABEL3 = ["normal_cell", "cancer_cell"] as const;

/**
 * Reads `data/decisions/<slide>/clusters.json`. `label2` is `label1` and `label3` is `normal_cell` where
 * they are not given; `splits`, `merges`, `members` and `evidence` may be absent.
 *
 * @param path The file, for messages.
 * @throws {SthelarError} `CorruptData` if it is no JSON, `UnsupportedVersion` for another `format`,
 * `InvalidArgument` for an unknown key or label and for a value of the wrong kind.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { parseClusterDecisions } from "@/labels/cluster_decisions.ts";
 *
 * const clustering = { key: "pca_n10_pcs16_leiden_res0.4", stamp: "5e1f" };
 * const nuclei = { clustering, labels: { "0": { label1: "Mast" } } };
 * const { labels } = parseClusterDecisions(JSON.stringify({ format: 1, nuclei }), "x.json").nuclei!;
 * assertEquals(labels.get("0"), { label1: "Mast", label2: "Mast", label3: "normal_cell" });
 * ```
 */
export function parseClusterDecisions(text: string, path: string): ClusterDecisions {
  const file = openDecisions(text, path, DECISIONS_FORMAT).keys(["format", "nuclei", "cells"]);
  return {
    ...(file.has("nuclei") ? { nuclei: tableOf(file.at("nuclei")) } : {}),
    ...(file.has("cells") ? { cells: tableOf(file.at("cells")) } : {}),
  };
}

/**
 * The text of a decisions file; {@link parseClusterDecisions} reads the same from it.
 */
export function formatClusterDecisions(decisions: ClusterDecisions): string {
  const table = ({ splits, merges, members, labels, ...rest }: TableDecisions) => ({
    clustering: rest.clustering,
    ...(splits.size === 0 ? {} : { splits: Object.fromEntries(splits) }),
    ...(merges.size === 0 ? {} : { merges: Object.fromEntries(merges) }),
    labels: Object.fromEntries(labels),
    ...(rest.evidence === undefined ? {} : { evidence: rest.evidence }),
    members: Object.fromEntries(
      [...members].map(([name, of]) => [name, { ...of, sample: of.sample.join(" ") }]),
    ),
  });
  const { nuclei, cells } = decisions;
  const file = {
    format: DECISIONS_FORMAT,
    ...(nuclei === undefined ? {} : { nuclei: table(nuclei) }),
    ...(cells === undefined ? {} : { cells: table(cells) }),
  };
  return JSON.stringify(file, undefined, 2) + "\n";
}

function tableOf(part: FilePart): TableDecisions {
  part.keys(["clustering", "splits", "merges", "labels", "members", "evidence"]);
  const clustering = part.at("clustering").keys(["key", "stamp"]);
  const optional = <T>(key: string, read: (part: FilePart) => T) =>
    new Map(part.has(key) ? part.at(key).entries(read) : []);
  return {
    clustering: { key: clustering.at("key").text(), stamp: clustering.at("stamp").text() },
    splits: optional("splits", splitOf),
    merges: optional("merges", (merge) => merge.texts()),
    labels: new Map(part.at("labels").entries(labelsOf)),
    members: optional("members", membersOf),
    ...(part.has("evidence") ? { evidence: part.at("evidence").object() } : {}),
  };
}

function splitOf(part: FilePart): ClusterSplit {
  part.keys(["by", "resolution", "stamp"]);
  if (part.has("by") === part.has("resolution")) {
    throw part.wrong('either "by", the key of a clustering, or "resolution", a number');
  }
  return {
    ...(part.has("by") ? { by: part.at("by").text() } : {}),
    ...(part.has("resolution") ? { resolution: part.at("resolution").number() } : {}),
    ...(part.has("stamp") ? { stamp: part.at("stamp").text() } : {}),
  };
}

function labelsOf(part: FilePart): ClusterLabels {
  part.keys(["label1", "label2", "label3"]);
  const label1 = part.at("label1").oneOf(LABEL1);
  return {
    label1,
    label2: part.has("label2") ? part.at("label2").text() : label1,
    label3: part.has("label3") ? part.at("label3").oneOf(LABEL3) : "normal_cell",
  };
}

/** Members of a cluster, as files of decisions keep them. */
export function membersOf(part: FilePart): ClusterMembers {
  part.keys(["cells", "sample", "topGenes"]);
  return {
    cells: part.at("cells").number(),
    sample: part.at("sample").text().split(" ").filter((id) => id !== ""),
    topGenes: part.has("topGenes") ? part.at("topGenes").texts() : [],
  };
}
