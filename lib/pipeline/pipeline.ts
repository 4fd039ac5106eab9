import { SthelarError } from "@/core/errors.ts";
import { didYouMean } from "@/core/nearest.ts";
import type { AnyStage, Input, Outputs } from "@/core/stage.ts";

/** Stages in the order of the analysis, and who owns which node. */
export interface Pipeline {
  /** Every stage, each after those it reads from. */
  readonly stages: readonly AnyStage[];
  /** The stage that writes a node, or the element that the node is a part of. */
  ownerOf(node: string): AnyStage | undefined;
}

/**
 * Puts stages together, checking that every node has one owner and every input an earlier one.
 *
 * @throws {SthelarError} `PipelineConflict` naming the stages and nodes at odds.
 */
export function definePipeline(stages: readonly AnyStage[]): Pipeline {
  const owners = new Map<string, AnyStage>();
  const patterns: [pattern: string, owner: AnyStage][] = [];
  const ownerOf = (node: string): AnyStage | undefined => {
    for (let path = node; path !== ""; path = path.slice(0, Math.max(0, path.lastIndexOf("/")))) {
      const owner = owners.get(path) ?? patterns.find(([pattern]) => covers(pattern, path))?.[1];
      if (owner !== undefined) return owner;
    }
    return undefined;
  };
  const ids = new Set<string>();
  for (const stage of stages) {
    if (ids.has(stage.id)) throw conflict(`two stages are called ${stage.id}`);
    ids.add(stage.id);
    for (const input of nodeInputs(stage)) {
      for (const node of input.names) {
        if (ownerOf(node) === undefined) {
          throw conflict(`stage ${stage.id} reads "${node}", which no earlier stage writes`);
        }
      }
    }
    for (const node of ownedNodes(stage)) {
      const clash = [...owners].find(([other]) => covers(node, other) || covers(other, node));
      if (clash !== undefined) {
        throw conflict(`stages ${clash[1].id} and ${stage.id} both write "${node}"`);
      }
      owners.set(node, stage);
      if (node.endsWith("*")) patterns.push([node, stage]);
    }
  }
  return { stages, ownerOf };
}

/**
 * Whether a node is `owned`, or one of those that `owned` stands for if it ends in `*`.
 *
 * @example
 * ```ts
 * import { assert } from "@std/assert";
 * import { covers } from "@/pipeline/pipeline.ts";
 *
 * assert(covers("tables/t/obs/pca_*", "tables/t/obs/pca_n10"));
 * assert(!covers("tables/t/obs/pca_*", "tables/t/obs/pca_n10/codes"));
 * ```
 */
export function covers(owned: string, node: string): boolean {
  if (!owned.endsWith("*")) return owned === node;
  const start = owned.length - 1;
  return node.startsWith(owned.slice(0, start)) && !node.slice(start).includes("/");
}

/** The nodes that a stage writes. */
export function ownedNodes(stage: AnyStage): readonly string[] {
  return Object.values(stage.outputs as Outputs).map((output) => output.node);
}

function nodeInputs(stage: AnyStage): Input<unknown>[] {
  return (Object.values(stage.inputs) as Input<unknown>[]).filter(({ kind }) => kind === "nodes");
}

/**
 * The stages that a user means by `1-2`, `1-02` (with its parts `1-02a`, `1-02b` if it has some) or
 * `1` (the whole chapter).
 *
 * @throws {SthelarError} `InvalidArgument` naming the stages that exist.
 */
export function matchStages(pipeline: Pipeline, text: string): readonly AnyStage[] {
  const wanted = text.replace(/-(\d[a-z]?)$/, "-0$1");
  const matched = pipeline.stages.filter(({ id, name }) =>
    [id, id.replace(/[a-z]$/, ""), id.split("-")[0], `${id}_${name}`, name].includes(wanted)
  );
  if (matched.length > 0) return matched;
  throw new SthelarError("InvalidArgument", {
    action: `Cannot find stage "${text}"`,
    found: "no such stage",
    remedy: didYouMean(wanted, pipeline.stages.map(({ id }) => id)),
  });
}

/** Which part of the pipeline to run; texts as in {@link matchStages}. */
export interface Selection {
  /** First stage. */
  readonly from?: string;
  /** Last stage, or chapter. */
  readonly until?: string;
  /** Only this one, or this chapter. */
  readonly only?: string;
}

/** The selected stages, in order. */
export function selectStages(pipeline: Pipeline, selection: Selection): readonly AnyStage[] {
  if (selection.only !== undefined) return matchStages(pipeline, selection.only);
  const { stages } = pipeline;
  const first = selection.from === undefined
    ? 0
    : stages.indexOf(matchStages(pipeline, selection.from)[0]);
  const last = selection.until === undefined
    ? stages.length - 1
    : stages.indexOf(matchStages(pipeline, selection.until).at(-1)!);
  return stages.slice(first, last + 1);
}

function conflict(found: string): SthelarError {
  return new SthelarError("PipelineConflict", {
    action: "Cannot put the stages together",
    found,
    expected: "one owner for every node, and inputs from earlier stages only",
  });
}
