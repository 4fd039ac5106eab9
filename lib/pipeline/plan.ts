import type { Disk } from "@/core/disk.ts";
import { SthelarError } from "@/core/errors.ts";
import { didYouMean } from "@/core/nearest.ts";
import { type ParamValue, parseParams } from "@/core/params.ts";
import type { AnyStage, Input } from "@/core/stage.ts";
import {
  type FileIdentity,
  identifyFiles,
  identityOfFiles,
  type KnownFiles,
  sha256Of,
} from "./identity.ts";
import type { Manifest } from "./manifest.ts";
import { elementOf, isBesideStore, type MountedStore } from "./opened_store.ts";
import { matchStages, ownedNodes, type Pipeline } from "./pipeline.ts";
import { artefactFolder, type SlideFolder } from "./slide_folder.ts";

/** What will become of a stage. */
export interface PlannedStage {
  /** The stage. */
  readonly stage: AnyStage;
  /**
   * `run`: is to be computed; `keep`: its artefact is there; `opened`: the opened store stands in for
   * it; `skip`: an input is not to be had.
   */
  readonly action: "run" | "keep" | "opened" | "skip";
  /** Why, in words. */
  readonly reason: string;
  /** Hash of all that its result depends on. */
  readonly key: string;
  /** Every parameter's value. */
  readonly params: Readonly<Record<string, ParamValue>>;
  /** Identity of each input. */
  readonly inputs: Readonly<Record<string, string>>;
  /** Nodes that nothing provides, where the opened store stands in for the stage. */
  readonly lacking?: readonly string[];
}

/** The identified files of each input that reads a source. */
export type SourceFiles = ReadonlyMap<Input<unknown>, KnownFiles>;

/** What a plan is made from. */
export interface PlanRequest {
  /** All stages. */
  readonly pipeline: Pipeline;
  /** The slide's folders. */
  readonly folder: SlideFolder;
  /** What was done before. */
  readonly manifest: Manifest;
  /** Absolute paths by source name. */
  readonly sources: Readonly<Record<string, string>>;
  /** Given parameters, by stage id, then by name. */
  readonly params: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  /** The files of each source that is there, by the input that reads them. */
  readonly sourceFiles: SourceFiles;
  /** A store that others made, to be used where it holds what a stage makes. */
  readonly opened?: MountedStore;
}

/**
 * Finds out what each stage would do: keys follow from sources and parameters alone, so the whole
 * pipeline is planned before anything runs.
 */
export async function planStages(disk: Disk, request: PlanRequest): Promise<PlannedStage[]> {
  const planned = new Map<AnyStage, PlannedStage>();
  for (const stage of request.pipeline.stages) {
    const computed = await planStage(disk, stage, planned, request);
    planned.set(stage, await fromOpenedStore(computed, planned, request) ?? computed);
  }
  return [...planned.values()];
}

/**
 * The plan of a stage that the opened store stands in for; `undefined` if it does not: it holds none
 * of the stage's elements, or some only and the slide has a bundle to compute them all from.
 */
async function fromOpenedStore(
  computed: PlannedStage,
  earlier: ReadonlyMap<AnyStage, PlannedStage>,
  request: PlanRequest,
): Promise<PlannedStage | undefined> {
  const { opened, sources } = request;
  if (opened === undefined) return undefined;
  const { stage } = computed;
  const nodes = ownedNodes(stage);
  const lacking: string[] = [];
  for (const node of nodes) {
    if (!await isHeld(opened, stage, node, earlier, request)) lacking.push(node);
  }
  if (lacking.length === nodes.length) return undefined;
  const lacksElements = lacking.some((node) => !isBesideStore(node));
  if (lacksElements && sources.bundle !== undefined && computed.action !== "skip") {
    const reason = `the opened store lacks ${lacking.join(", ")}; ${computed.reason}`;
    return { ...computed, reason: computed.action === "run" ? reason : computed.reason };
  }
  const without = lacking.length === 0 ? "" : `, without ${lacking.join(", ")}`;
  return {
    ...computed,
    action: "opened",
    reason: `from the opened store${without}`,
    key: sha256Of(JSON.stringify([stage.id, "opened", opened.record.sha256])),
    lacking,
  };
}

/** Parts of a table count only where the table itself is the store's: another has other rows. */
async function isHeld(
  opened: MountedStore,
  stage: AnyStage,
  node: string,
  earlier: ReadonlyMap<AnyStage, PlannedStage>,
  { pipeline }: PlanRequest,
): Promise<boolean> {
  const base = pipeline.ownerOf(elementOf(node));
  if (base !== undefined && base !== stage && earlier.get(base)?.action !== "opened") return false;
  return await opened.has(node);
}

async function planStage(
  disk: Disk,
  stage: AnyStage,
  earlier: ReadonlyMap<AnyStage, PlannedStage>,
  request: PlanRequest,
): Promise<PlannedStage> {
  const params = parseParams(stage.id, stage.params, request.params[stage.id] ?? {});
  const inputs: Record<string, string> = {};
  let missing: string | undefined;
  for (const [name, input] of Object.entries(stage.inputs as Record<string, Input<unknown>>)) {
    const identity = await inputIdentity(input, earlier, request);
    if (identity !== undefined) inputs[name] = identity;
    else if (!input.optional) missing ??= input.doc;
  }
  const key = sha256Of(JSON.stringify([stage.id, stage.version, sorted(params), sorted(inputs)]));
  const common = { stage, key, params, inputs };
  if (missing !== undefined) return { ...common, action: "skip", reason: `there is no ${missing}` };
  const artefact = artefactFolder(request.folder, stage.id, key);
  if (await disk.stat(`${artefact}/artefact.json`) !== undefined) {
    return { ...common, action: "keep", reason: "done" };
  }
  return { ...common, action: "run", reason: whyRun(common, request) };
}

async function inputIdentity(
  input: Input<unknown>,
  earlier: ReadonlyMap<AnyStage, PlannedStage>,
  { pipeline, sourceFiles, sources, opened }: PlanRequest,
): Promise<string | undefined> {
  if (input.kind === "source") {
    const files = sourceFiles.get(input);
    return files && identityOfFiles(sources[input.names[0]], files);
  }
  const keys: string[] = [];
  for (const node of input.names) {
    const owner = earlier.get(pipeline.ownerOf(node)!)!;
    if (owner.action === "skip") return undefined;
    if (owner.action === "opened" && !await opened!.has(node)) return undefined;
    keys.push(`${node} ${owner.key}`);
  }
  return sha256Of(keys.join("\n"));
}

/** Identifies the files of every source that these stages read. */
export async function identifySources(
  disk: Disk,
  stages: readonly AnyStage[],
  sources: Readonly<Record<string, string>>,
  known: KnownFiles,
  options: Parameters<typeof identifyFiles>[3] = {},
): Promise<SourceFiles> {
  const result = new Map<Input<unknown>, KnownFiles>();
  const found: Record<string, FileIdentity> = {};
  for (const stage of stages) {
    for (const input of Object.values(stage.inputs as Record<string, Input<unknown>>)) {
      const root = sources[input.names[0]];
      if (input.kind !== "source" || root === undefined || result.has(input)) continue;
      const paths = await input.files!(root);
      const files = await identifyFiles(disk, paths, { ...known, ...found }, options);
      Object.assign(found, files);
      result.set(input, files);
    }
  }
  return result;
}

function whyRun(
  { stage, params, inputs }: Pick<PlannedStage, "stage" | "params" | "inputs">,
  { manifest }: PlanRequest,
): string {
  const before = manifest.stages[stage.id];
  if (before === undefined) return "not done yet";
  if (before.version !== stage.version) return `version ${before.version} -> ${stage.version}`;
  const changes = [
    ...Object.keys(params).filter((name) => before.params[name] !== params[name])
      .map((name) => `${name} ${before.params[name] ?? "none"} -> ${params[name] ?? "none"}`),
    ...Object.keys(inputs).filter((name) => before.inputs[name] !== inputs[name])
      .map((name) => `input ${name} changed`),
  ];
  return changes.length > 0 ? changes.join(", ") : "its artefact is gone";
}

/**
 * Reads `--param stage.key=value` texts.
 *
 * @returns Texts by stage id, then by parameter name.
 * @throws {SthelarError} `InvalidArgument` for a text of another form or an unknown stage.
 */
export function parseParamTexts(
  pipeline: Pipeline,
  texts: readonly string[],
): Record<string, Record<string, string>> {
  const result: Record<string, Record<string, string>> = {};
  for (const text of texts) {
    const match = /^([^.=]+)\.([^=]+)=(.*)$/.exec(text);
    if (match === null) {
      throw new SthelarError("InvalidArgument", {
        action: "Cannot set a parameter",
        found: `"${text}"`,
        expected: "stage.name=value, as in 1-02.minQv=20",
      });
    }
    const [, stageText, name, value] = match;
    const stages = matchStages(pipeline, stageText);
    const taking = stages.filter(({ params }) => Object.hasOwn(params, name));
    if (taking.length === 0) {
      throw new SthelarError("InvalidArgument", {
        action: `Cannot set parameter "${name}" of stage ${stageText}`,
        found: "no such parameter",
        remedy: didYouMean(name, stages.flatMap(({ params }) => Object.keys(params))),
      });
    }
    for (const { id } of taking) (result[id] ??= {})[name] = value;
  }
  return result;
}

function sorted<T>(record: Readonly<Record<string, T>>): [string, T | null][] {
  return Object.entries(record)
    .sort(([a], [b]) => a < b ? -1 : 1)
    .map(([name, value]) => [name, value ?? null]);
}
