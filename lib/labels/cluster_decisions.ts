import { SthelarError } from "@/core/errors.ts";
import { didYouMean } from "@/core/nearest.ts";
import { parseJson } from "@/core/parse_json.ts";
import type { ClusterMembers } from "./cluster_members.ts";
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
  let json: unknown;
  try {
    json = parseJson(text);
  } catch (cause) {
    throw new SthelarError("CorruptData", {
      action: `Cannot read decisions from "${path}"`,
      found: (cause as Error).message,
      expected: "JSON",
      ...{ path, cause },
    });
  }
  const file = new Part(json, "", path).keys(["format", "nuclei", "cells"]);
  const format = file.at("format").value;
  if (format !== DECISIONS_FORMAT) {
    throw new SthelarError("UnsupportedVersion", {
      action: `Cannot read decisions from "${path}"`,
      found: `format ${JSON.stringify(format)}`,
      expected: `format ${DECISIONS_FORMAT}`,
      path,
    });
  }
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

function tableOf(part: Part): TableDecisions {
  part.keys(["clustering", "splits", "merges", "labels", "members", "evidence"]);
  const clustering = part.at("clustering").keys(["key", "stamp"]);
  const optional = <T>(key: string, read: (part: Part) => T) =>
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

function splitOf(part: Part): ClusterSplit {
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

function labelsOf(part: Part): ClusterLabels {
  part.keys(["label1", "label2", "label3"]);
  const label1 = part.at("label1").oneOf(LABEL1);
  return {
    label1,
    label2: part.has("label2") ? part.at("label2").text() : label1,
    label3: part.has("label3") ? part.at("label3").oneOf(LABEL3) : "normal_cell",
  };
}

function membersOf(part: Part): ClusterMembers {
  part.keys(["cells", "sample", "topGenes"]);
  return {
    cells: part.at("cells").number(),
    sample: part.at("sample").text().split(" ").filter((id) => id !== ""),
    topGenes: part.has("topGenes") ? part.at("topGenes").texts() : [],
  };
}

/** A value somewhere in the file, that knows where it is. */
class Part {
  constructor(readonly value: unknown, readonly where: string, readonly path: string) {}

  wrong(expected: string, remedy?: string): SthelarError {
    const found = this.value === undefined ? "nothing" : JSON.stringify(this.value).slice(0, 80);
    return new SthelarError("InvalidArgument", {
      action: `Cannot read ${this.where || "decisions"} from "${this.path}"`,
      ...{ found, expected, path: this.path },
      ...(remedy === undefined ? {} : { remedy }),
    });
  }

  object(): Readonly<Record<string, unknown>> {
    const { value } = this;
    const isObject = typeof value === "object" && value !== null && !Array.isArray(value);
    if (!isObject) throw this.wrong("an object");
    return value as Readonly<Record<string, unknown>>;
  }

  keys(known: readonly string[]): this {
    for (const key of Object.keys(this.object())) {
      if (known.includes(key)) continue;
      throw new SthelarError("InvalidArgument", {
        action: `Cannot read ${this.where || "decisions"} from "${this.path}"`,
        found: `key "${key}"`,
        expected: known.join(", "),
        remedy: didYouMean(key, known),
        path: this.path,
      });
    }
    return this;
  }

  has(key: string): boolean {
    return Object.hasOwn(this.object(), key);
  }

  at(key: string): Part {
    const value = this.has(key) ? this.object()[key] : undefined;
    return new Part(value, this.where === "" ? key : `${this.where}.${key}`, this.path);
  }

  entries<T>(read: (part: Part) => T): [string, T][] {
    return Object.keys(this.object()).map((key) => [key, read(this.at(key))]);
  }

  text(): string {
    if (typeof this.value !== "string") throw this.wrong("a text");
    return this.value;
  }

  number(): number {
    const { value } = this;
    if (typeof value === "number" && value >= 0 && Number.isFinite(value)) return value;
    throw this.wrong("a number of at least 0");
  }

  texts(): string[] {
    const { value } = this;
    if (!Array.isArray(value)) throw this.wrong("a list of texts");
    return value.map((item, i) => new Part(item, `${this.where}[${i}]`, this.path).text());
  }

  oneOf<T extends string>(known: readonly T[]): T {
    const found = known.find((value) => value === this.value);
    if (found !== undefined) return found;
    throw this.wrong("a known label", didYouMean(String(this.value), known));
  }
}
