import { type Categorical, categoricalOfCodes } from "@/core/categorical.ts";
import { SthelarError } from "@/core/errors.ts";
import { didYouMean } from "@/core/nearest.ts";
import type { ClusterLabels, ClusterSplit, TableDecisions } from "./cluster_decisions.ts";
import { clusteringStamp } from "./cluster_members.ts";
import type { Clustering } from "./cluster_statistics.ts";

/** A cluster after splits and merges. */
export interface RefinedCluster extends ClusterLabels {
  /** Its name in `refine_res`. */
  readonly name: string;
  /** Clusters and parts that it is made of. */
  readonly from: readonly string[];
  /** Its cells. */
  readonly cells: number;
}

/** Decisions that were applied. */
export interface AppliedDecisions {
  readonly kind: "applied";
  /** The clustering that was refined. */
  readonly key: string;
  /** Refined cluster of each cell: `refine_res`. */
  readonly refined: Categorical;
  /** Labels of each cell. */
  readonly label1: Categorical;
  readonly label2: Categorical;
  readonly label3: Categorical;
  /** The refined clusters, largest first. */
  readonly clusters: readonly RefinedCluster[];
}

/** Decisions that speak of another clustering: nothing was applied. */
export interface OtherClustering {
  readonly kind: "otherClustering";
  /** What differs, in words. */
  readonly reason: string;
}

/** Clusters and parts of a clustering: what merges are made of and what labels name. */
export interface ClusterUnits {
  /** Names, `3` or `3.0`. */
  readonly names: readonly string[];
  /** Unit of each cell. */
  readonly codes: Int32Array;
}

/**
 * What decisions about a table need to be clustered again before they can be applied: give the result
 * among the clusterings, its key being {@link subclusterKey}, its codes those of the cluster's cells (any
 * for the others).
 */
export function neededSubclusters(
  { splits }: TableDecisions,
): { readonly cluster: string; readonly resolution: number; readonly key: string }[] {
  return [...splits].flatMap(([cluster, { resolution }]) =>
    resolution === undefined
      ? []
      : [{ cluster, resolution, key: subclusterKey(cluster, resolution) }]
  );
}

/** Key of a cluster that was clustered again: `3@0.3`. */
export function subclusterKey(cluster: string, resolution: number): string {
  return `${cluster}@${resolution}`;
}

/**
 * Applies what a person decided about a table's clusters.
 *
 * @param clusterings The table's clusterings, and those of {@link neededSubclusters}.
 * @param ids Id of each cell, as for the stamp.
 * @param path The decisions file, for messages.
 * @returns Refined clusters and labels, or in words why the decisions are about another clustering.
 * @throws {SthelarError} `InvalidArgument` if they name a cluster that is not there, leave one out, or
 * use one twice.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { applyDecisions } from "@/labels/apply_decisions.ts";
 * import { parseClusterDecisions } from "@/labels/cluster_decisions.ts";
 * import { clusteringStamp } from "@/labels/cluster_members.ts";
 *
 * const ids = ["a-1", "b-1", "c-1"];
 * const clustering = { key: "leiden", codes: Int32Array.of(0, 1, 2), count: 3 };
 * const nuclei = {
 *   clustering: { key: "leiden", stamp: clusteringStamp(clustering, ids) },
 *   merges: { vessel: ["0", "2"] },
 *   labels: { vessel: { label1: "Blood_vessel" }, "1": { label1: "T" } },
 * };
 * const file = parseClusterDecisions(JSON.stringify({ format: 1, nuclei }), "clusters.json");
 * const applied = applyDecisions([clustering], file.nuclei!, { ids, path: "clusters.json" });
 * assertEquals(applied.kind === "applied" && applied.refined.levels, ["1", "vessel"]);
 * ```
 */
export function applyDecisions(
  clusterings: readonly Clustering[],
  decisions: TableDecisions,
  { ids, path }: { readonly ids: readonly string[]; readonly path: string },
): AppliedDecisions | OtherClustering {
  const { key, stamp } = decisions.clustering;
  const chosen = clusterings.find((clustering) => clustering.key === key);
  const found = chosen && clusteringStamp(chosen, ids);
  if (chosen === undefined || found !== stamp) {
    const reason = chosen === undefined
      ? `it is about clustering "${key}", and there are ${clusterings.map((c) => c.key).join(", ")}`
      : `it is about another result of "${key}": its stamp is ${stamp}, that of this one ${found}`;
    return { kind: "otherClustering", reason };
  }
  const units = unitsOf(chosen, clusterings, decisions, { ids, path });
  const clusters = refinedClusters(units, decisions, path);
  const clusterOfUnit = new Map(clusters.flatMap((c) => c.from.map((unit) => [unit, c] as const)));
  const column = (of: (cluster: RefinedCluster) => string) => {
    const texts = units.names.map((name) => {
      const cluster = clusterOfUnit.get(name);
      return cluster && of(cluster);
    });
    return categoricalOfCodes(units.codes, texts);
  };
  return {
    kind: "applied",
    key,
    refined: column(({ name }) => name),
    label1: column(({ label1 }) => label1),
    label2: column(({ label2 }) => label2),
    label3: column(({ label3 }) => label3),
    clusters,
  };
}

/**
 * The clusters of a clustering, those that are split in their parts.
 *
 * @throws {SthelarError} `InvalidArgument` if a split names what is not there.
 */
export function unitsOf(
  chosen: Clustering,
  clusterings: readonly Clustering[],
  { splits }: Pick<TableDecisions, "splits">,
  { ids, path }: { readonly ids: readonly string[]; readonly path: string },
): ClusterUnits {
  const dividers = new Map([...splits].map(([cluster, split]) => {
    if (!isClusterOf(chosen, cluster)) throw notThere(`Cannot split`, cluster, chosen, path);
    return [Number(cluster), dividerOf(cluster, split, clusterings, { ids, path })];
  }));
  const seen = new Map<string, number>();
  const codes = new Int32Array(chosen.codes.length);
  chosen.codes.forEach((cluster, cell) => {
    const divider = dividers.get(cluster);
    const name = divider === undefined ? `${cluster}` : `${cluster}.${divider.codes[cell]}`;
    const code = seen.get(name) ?? seen.size;
    seen.set(name, code);
    codes[cell] = code;
  });
  for (let cluster = 0; cluster < chosen.count; cluster++) {
    const name = `${cluster}`;
    if (!dividers.has(cluster) && !seen.has(name)) seen.set(name, seen.size);
  }
  return { names: [...seen.keys()], codes };
}

function dividerOf(
  cluster: string,
  { by, resolution, stamp }: ClusterSplit,
  clusterings: readonly Clustering[],
  { ids, path }: { readonly ids: readonly string[]; readonly path: string },
): Clustering {
  const key = by ?? subclusterKey(cluster, resolution!);
  const divider = clusterings.find((clustering) => clustering.key === key);
  if (divider === undefined) {
    throw new SthelarError("InvalidArgument", {
      action: `Cannot split cluster "${cluster}" by "${path}"`,
      found: `no clustering "${key}"`,
      remedy: didYouMean(key, clusterings.map((clustering) => clustering.key)),
      path,
    });
  }
  const found = stamp === undefined ? undefined : clusteringStamp(divider, ids);
  if (found === stamp) return divider;
  throw new SthelarError("InvalidArgument", {
    action: `Cannot split cluster "${cluster}" by "${path}"`,
    found: `another result of "${key}", with stamp ${found}`,
    expected: `stamp ${stamp}`,
    remedy: "decide on this cluster again, or remove its split",
    path,
  });
}

function refinedClusters(
  { names, codes }: ClusterUnits,
  { merges, labels }: TableDecisions,
  path: string,
): RefinedCluster[] {
  const sizes = new Map(names.map((name) => [name, 0]));
  for (const code of codes) sizes.set(names[code], sizes.get(names[code])! + 1);
  const refinedOf = mergedNames(names, merges, path);
  const groups = Map.groupBy(names, (name) => refinedOf.get(name) ?? name);
  const wrong = [...labels.keys()].find((name) => !groups.has(name));
  if (wrong !== undefined) {
    const merge = refinedOf.get(wrong);
    throw new SthelarError("InvalidArgument", {
      action: `Cannot label cluster "${wrong}" by "${path}"`,
      found: merge === undefined ? "no such cluster" : `that it is merged into "${merge}"`,
      remedy: didYouMean(merge ?? wrong, groups.keys()),
      path,
    });
  }
  const cellsOf = (from: readonly string[]) => from.reduce((sum, n) => sum + sizes.get(n)!, 0);
  const left = [...groups].filter(([name, from]) => !labels.has(name) && cellsOf(from) > 0);
  if (left.length > 0) {
    throw new SthelarError("InvalidArgument", {
      action: `Cannot label clusters by "${path}"`,
      found: `no labels for ${
        left.map(([n, from]) => `"${n}" (${cellsOf(from)} cells)`).join(", ")
      }`,
      expected: "labels for every cluster that is left after splits and merges",
      path,
    });
  }
  return [...labels].map(([name, its]) => ({
    name,
    from: groups.get(name)!,
    cells: cellsOf(groups.get(name)!),
    ...its,
  })).sort((a, b) => b.cells - a.cells || (a.name < b.name ? -1 : 1));
}

function mergedNames(
  names: readonly string[],
  merges: TableDecisions["merges"],
  path: string,
): Map<string, string> {
  const refinedOf = new Map<string, string>();
  const refuse = (merge: string, found: string, remedy?: string) =>
    new SthelarError("InvalidArgument", {
      action: `Cannot merge clusters into "${merge}" by "${path}"`,
      ...{ found, path },
      ...(remedy === undefined ? {} : { remedy }),
    });
  for (const [merge, parts] of merges) {
    if (parts.length === 0) throw refuse(merge, "no clusters");
    for (const part of parts) {
      if (!names.includes(part)) {
        throw refuse(merge, `"${part}", which is no cluster`, didYouMean(part, names));
      }
      const other = refinedOf.get(part);
      if (other !== undefined) throw refuse(merge, `"${part}", which is also in "${other}"`);
      refinedOf.set(part, merge);
    }
  }
  for (const merge of merges.keys()) {
    if (!names.includes(merge) || refinedOf.has(merge)) continue;
    throw refuse(merge, "a cluster of that name outside of it", "give the merge another name");
  }
  return refinedOf;
}

function isClusterOf({ count }: Clustering, name: string): boolean {
  return /^(0|[1-9]\d*)$/.test(name) && Number(name) < count;
}

function notThere(
  action: string,
  cluster: string,
  { key, count }: Clustering,
  path: string,
): SthelarError {
  return new SthelarError("InvalidArgument", {
    action: `${action} cluster "${cluster}" by "${path}"`,
    found: "no such cluster",
    expected: `one of the ${count} clusters of "${key}", "0" to "${count - 1}"`,
    path,
  });
}
