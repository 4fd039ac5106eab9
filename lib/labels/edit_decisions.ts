import { SthelarError } from "@/core/errors.ts";
import { didYouMean } from "@/core/nearest.ts";
import type { ClusterLabels, ClusterSplit, TableDecisions } from "./cluster_decisions.ts";

/** What a person changes in a draft. */
export interface DecisionEdits {
  /** Clusters that are divided; every part (`3.0`, `3.1`, …) needs labels of its own. */
  readonly splits?: Readonly<Record<string, ClusterSplit>>;
  /** Labels of clusters, parts or merged clusters; what is left out stays as it is. */
  readonly labels?: Readonly<
    Record<string, Partial<ClusterLabels> & Pick<ClusterLabels, "label1">>
  >;
  /** Refined clusters that are made of several. */
  readonly merges?: Readonly<Record<string, readonly string[]>>;
}

/**
 * A draft of decisions with a person's changes. A merged cluster takes the labels of its first part
 * unless it is given its own; `label2` is `label1` unless it is given.
 *
 * @throws {SthelarError} `InvalidArgument` for a cluster that the draft does not have.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { draftDecisions, editDecisions } from "@/labels/mod.ts";
 *
 * const chosen = { key: "leiden", codes: Int32Array.of(0, 1, 2), count: 3 };
 * const draft = draftDecisions({ chosen, ids: ["a-1", "b-1", "c-1"], labels: [] });
 * const { labels, merges } = editDecisions(draft, {
 *   merges: { vessel: ["0", "2"] },
 *   labels: { vessel: { label1: "Blood_vessel" }, "1": { label1: "T", label2: "CD8_T" } },
 * });
 * assertEquals([...labels.keys()], ["1", "vessel"]);
 * assertEquals(labels.get("vessel")?.label2, "Blood_vessel");
 * assertEquals(merges.get("vessel"), ["0", "2"]);
 * ```
 */
export function editDecisions(draft: TableDecisions, edits: DecisionEdits): TableDecisions {
  const labels = new Map(draft.labels), merges = new Map(draft.merges);
  const splits = new Map(draft.splits);
  for (const [name, split] of Object.entries(edits.splits ?? {})) {
    const before = known(labels, name, "split");
    labels.delete(name);
    splits.set(name, split);
    const isPart = (part: string) => part.startsWith(`${name}.`);
    const merged = Object.values(edits.merges ?? {}).flat();
    for (const part of [...Object.keys(edits.labels ?? {}), ...merged].filter(isPart)) {
      labels.set(part, before);
    }
  }
  for (const [name, parts] of Object.entries(edits.merges ?? {})) {
    const itsLabels = parts.map((part) => known(labels, part, "merge"));
    for (const part of parts) labels.delete(part);
    merges.set(name, parts);
    if (itsLabels.length > 0) labels.set(name, itsLabels[0]);
  }
  for (const [name, { label1, label2 = label1, label3 }] of Object.entries(edits.labels ?? {})) {
    const before = known(labels, name, "label");
    labels.set(name, { label1, label2, label3: label3 ?? before.label3 });
  }
  return { ...draft, splits, labels, merges };
}

function known(
  labels: ReadonlyMap<string, ClusterLabels>,
  name: string,
  what: string,
): ClusterLabels {
  const found = labels.get(name);
  if (found !== undefined) return found;
  throw new SthelarError("InvalidArgument", {
    action: `Cannot ${what} cluster "${name}"`,
    found: "no such cluster in the draft",
    remedy: didYouMean(name, labels.keys()),
  });
}
