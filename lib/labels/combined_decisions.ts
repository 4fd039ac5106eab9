import { clusteringStamp, type ClusterMembers, sampleMembers } from "./cluster_members.ts";
import { membersOf } from "./cluster_decisions.ts";
import type { Clustering } from "./cluster_statistics.ts";
import { openDecisions } from "./file_part.ts";
import { finalLabelOf, LABEL1 } from "./reference_types.ts";

/** What a person decided about clusters of nuclei and cells combined. */
export interface CombinedDecisions {
  /** The clustering that it speaks of, and its stamp. */
  readonly clustering: { readonly key: string; readonly stamp: string };
  /** Category of clusters that do not get the one of most of their cells. */
  readonly overrides: ReadonlyMap<string, string>;
  /** Members of clusters when it was decided: how they are found in another clustering. */
  readonly members: ReadonlyMap<string, ClusterMembers>;
  /** What the person saw; for readers of the file only. */
  readonly evidence?: Readonly<Record<string, unknown>>;
}

const FORMAT = 1;
/** What a cluster may be called: the ten categories, and `Unknown`. */
const FINAL_LABELS = [...new Set(LABEL1.map(finalLabelOf))];

/**
 * Reads `data/decisions/<slide>/combined.json`; `members` and `evidence` may be absent.
 *
 * @param path The file, for messages.
 * @throws {SthelarError} `CorruptData` if it is no JSON, `UnsupportedVersion` for another `format`,
 * `InvalidArgument` for an unknown key or category and for a value of the wrong kind.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { parseCombinedDecisions } from "@/labels/mod.ts";
 *
 * const clustering = { key: "pca_n10_pcs20_leiden_res0.4", stamp: "5e1f" };
 * const text = JSON.stringify({ format: 1, clustering, overrides: { "11": "Blood_vessel" } });
 * assertEquals(parseCombinedDecisions(text, "x.json").overrides.get("11"), "Blood_vessel");
 * ```
 */
export function parseCombinedDecisions(text: string, path: string): CombinedDecisions {
  const file = openDecisions(text, path, FORMAT)
    .keys(["format", "clustering", "overrides", "members", "evidence"]);
  const clustering = file.at("clustering").keys(["key", "stamp"]);
  return {
    clustering: { key: clustering.at("key").text(), stamp: clustering.at("stamp").text() },
    overrides: new Map(file.at("overrides").entries((label) => label.oneOf(FINAL_LABELS))),
    members: new Map(file.has("members") ? file.at("members").entries(membersOf) : []),
    ...(file.has("evidence") ? { evidence: file.at("evidence").object() } : {}),
  };
}

/** The text of a decisions file; {@link parseCombinedDecisions} reads the same from it. */
export function formatCombinedDecisions(decisions: CombinedDecisions): string {
  const { clustering, overrides, members, evidence } = decisions;
  const file = {
    format: FORMAT,
    clustering,
    overrides: Object.fromEntries(overrides),
    ...(evidence === undefined ? {} : { evidence }),
    members: Object.fromEntries(
      [...members].map(([name, of]) => [name, { ...of, sample: of.sample.join(" ") }]),
    ),
  };
  return JSON.stringify(file, undefined, 2) + "\n";
}

/** What is known of a cluster when a draft is made. */
export interface DraftCluster {
  /** Its genes, highest score first. */
  readonly topGenes: readonly string[];
  /** What speaks for its category, for readers. */
  readonly evidence: unknown;
}

/**
 * Decisions about a clustering for a person to edit.
 *
 * @param ids Id of each cell: one that outlives a new build.
 * @param clusters What is known of each cluster, by its number.
 * @param overrides Those that there are.
 */
export function draftCombinedDecisions(
  clustering: Clustering,
  ids: readonly string[],
  clusters: readonly DraftCluster[],
  overrides: CombinedDecisions["overrides"] = new Map(),
): CombinedDecisions {
  const members = sampleMembers(ids, clustering.codes, clustering.count);
  return {
    clustering: { key: clustering.key, stamp: clusteringStamp(clustering, ids) },
    overrides,
    members: new Map(
      members.map((of, cluster) => [
        String(cluster),
        { ...of, topGenes: clusters[cluster]?.topGenes ?? [] },
      ]),
    ),
    evidence: Object.fromEntries(clusters.map(({ evidence }, i) => [String(i), evidence])),
  };
}
