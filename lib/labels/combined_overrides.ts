import { SthelarError } from "@/core/errors.ts";
import { didYouMean } from "@/core/nearest.ts";
import type { CombinedDecisions } from "./combined_decisions.ts";
import { clusteringStamp } from "./cluster_members.ts";
import type { Clustering } from "./cluster_statistics.ts";
import { proposeByOverlap } from "./propose_decisions.ts";

/** Overrides that are about a clustering that there is. */
export interface AppliedOverrides {
  readonly kind: "applied";
  /** The clustering. */
  readonly clustering: Clustering;
  /** Category of clusters, by number. */
  readonly overrides: ReadonlyMap<number, string>;
}

/** Overrides that speak of another clustering: nothing was applied. */
export interface OtherOverrides {
  readonly kind: "otherClustering";
  /** What differs, in words. */
  readonly reason: string;
}

/**
 * Finds the clustering that decisions are about, and the clusters that they override.
 *
 * @param clusterings The combined clusterings.
 * @param ids Id of each cell, as for the stamp.
 * @param path The decisions file, for messages.
 * @throws {SthelarError} `InvalidArgument` for a cluster that is not there.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { combinedOverrides, draftCombinedDecisions } from "@/labels/mod.ts";
 *
 * const clustering = { key: "leiden", codes: Int32Array.of(0, 1), count: 2 };
 * const ids = ["a-1", "b-1"];
 * const decisions = draftCombinedDecisions(clustering, ids, [], new Map([["1", "Myeloid"]]));
 * const found = combinedOverrides([clustering], decisions, { ids, path: "combined.json" });
 * assertEquals(found.kind === "applied" && found.overrides.get(1), "Myeloid");
 * ```
 */
export function combinedOverrides(
  clusterings: readonly Clustering[],
  { clustering: { key, stamp }, overrides }: CombinedDecisions,
  { ids, path }: { readonly ids: readonly string[]; readonly path: string },
): AppliedOverrides | OtherOverrides {
  const clustering = clusterings.find((other) => other.key === key);
  if (clustering === undefined) {
    const keys = clusterings.map((other) => other.key).join(", ");
    const reason = `it is about clustering "${key}", and there are ${keys}`;
    return { kind: "otherClustering", reason };
  }
  const found = clusteringStamp(clustering, ids);
  if (found !== stamp) {
    const reason =
      `it is about another result of "${key}": its stamp is ${stamp}, that of this one ${found}`;
    return { kind: "otherClustering", reason };
  }
  const names = Array.from({ length: clustering.count }, (_, cluster) => String(cluster));
  for (const name of overrides.keys()) {
    if (!names.includes(name)) throw notThere(name, names, path);
  }
  const byNumber = new Map([...overrides].map(([name, label]) => [Number(name), label]));
  return { kind: "applied", clustering, overrides: byNumber };
}

/**
 * What decisions about another clustering would be about this one, by the cells that both have: a cluster
 * most of whose remembered cells were in an overridden one is overridden too.
 */
export function proposeOverrides(
  decisions: CombinedDecisions,
  clustering: Clustering,
  ids: readonly string[],
): CombinedDecisions {
  const names = new Set([...decisions.members.keys(), ...decisions.overrides.keys()]);
  const labels = new Map(
    [...names].map((name) =>
      [name, { label1: "Unknown", label2: "Unknown", label3: "normal_cell" as const }] as const
    ),
  );
  const proposal = proposeByOverlap(
    { ...decisions, splits: new Map(), merges: new Map(), labels },
    clustering,
    ids,
  );
  const overrides = proposal.clusters.flatMap(({ name, from }) => {
    const label = from === undefined ? undefined : decisions.overrides.get(from);
    return label === undefined ? [] : [[name, label] as const];
  });
  const { clustering: now, members, evidence } = proposal.decisions;
  return {
    clustering: now,
    overrides: new Map(overrides.toSorted(([a], [b]) => Number(a) - Number(b))),
    members,
    ...(evidence === undefined ? {} : { evidence }),
  };
}

function notThere(name: string, names: readonly string[], path: string): SthelarError {
  return new SthelarError("InvalidArgument", {
    action: `Cannot override cluster "${name}" by "${path}"`,
    found: "no such cluster",
    expected: `one of "0" to "${names.length - 1}"`,
    remedy: didYouMean(name, names),
    path,
  });
}
