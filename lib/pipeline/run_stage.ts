import { resourceUsage } from "node:process";
import type { Disk } from "@/core/disk.ts";
import { SthelarError } from "@/core/errors.ts";
import type { ParamValues } from "@/core/params.ts";
import type { Progress } from "@/core/progress.ts";
import { Random } from "@/core/random.ts";
import type {
  AnyStage,
  Fact,
  Input,
  InputLocation,
  Limits,
  Outputs,
  OutputSink,
  OutputWriter,
} from "@/core/stage.ts";
import { checkStageRecord } from "./check_manifest.ts";
import { openCheckpoints, removeCheckpoints, removeUsedCheckpoints } from "./checkpoints.ts";
import {
  encodeJson,
  type Manifest,
  parseJson,
  readManifest,
  type StageRecord,
  writeManifest,
} from "./manifest.ts";
import type { PlannedStage } from "./plan.ts";
import { artefactFolder, type SlideFolder } from "./slide_folder.ts";

/** What a stage needs besides its plan. */
export interface RunOptions {
  /** The disk that results go to. */
  readonly disk: Disk;
  /** The slide's folders. */
  readonly folder: SlideFolder;
  /** Whether the bundle comes from the simulator. */
  readonly simulated: boolean;
  /** Finds sources and nodes. */
  readonly resolve: (name: string) => string;
  /** Memory and threads. */
  readonly limits: Limits;
  /** Told of each step. */
  readonly progress: Progress;
  /** Told of each warning. */
  readonly warn: (message: string) => void;
  /** Told what the stage says of itself. */
  readonly inform: (message: string) => void;
  /** Aborted when the user stops the run. */
  readonly signal: AbortSignal;
}

/**
 * Runs one stage in this process and commits its artefact: everything is written to a folder of
 * its own, which one rename makes visible. A stage that fails, or is killed, leaves nothing but
 * that folder, which the next run removes, and its checkpoints.
 *
 * @returns What goes into the manifest.
 */
export async function runStage(planned: PlannedStage, options: RunOptions): Promise<StageRecord> {
  const { disk, folder, signal } = options;
  const { stage, key } = planned;
  const temporary = `${folder.stages}/.tmp-${stage.id}-${key.slice(0, 12)}`;
  await disk.remove(temporary);
  await disk.makeDirectory(`${temporary}/scratch`);
  const findings = { warnings: [] as string[], facts: {} as Record<string, Fact> };
  const started = performance.now();
  try {
    const nodes = await compute(planned, options, temporary, findings);
    signal.throwIfAborted();
    await disk.remove(`${temporary}/scratch`);
    const record: StageRecord = {
      name: stage.name,
      version: stage.version,
      key,
      params: planned.params,
      inputs: planned.inputs,
      nodes,
      seconds: Math.round(performance.now() - started) / 1000,
      peakMemoryBytes: resourceUsage().maxRSS * 1024,
      ...findings,
      simulated: options.simulated,
    };
    await disk.write(`${temporary}/artefact.json`, encodeJson(record));
    await moveInto(disk, temporary, artefactFolder(folder, stage.id, key));
    await removeCheckpoints(disk, folder, stage.id);
    return record;
  } catch (error) {
    await disk.remove(temporary).catch(() => {
      // The disk that made the stage fail may refuse this too; the next run removes the folder.
    });
    throw error;
  }
}

/**
 * Renames onto nothing: an artefact that is made again steps aside first, and comes back if its
 * successor can't take its place.
 */
async function moveInto(disk: Disk, temporary: string, artefact: string): Promise<void> {
  if (await disk.stat(artefact) === undefined) return await disk.rename(temporary, artefact);
  const aside = `${temporary}-replaced`;
  await disk.remove(aside);
  await disk.rename(artefact, aside);
  try {
    await disk.rename(temporary, artefact);
  } catch (error) {
    await disk.rename(aside, artefact).catch(() => {
      // The error that is thrown tells of the same disk; the next run makes the artefact again.
    });
    throw error;
  }
  await disk.remove(aside);
}

/**
 * Removes what runs that did not finish left: folders of stages, and files and folders that were
 * being written under a name of their own (`*.next`). Only for whoever holds the slide's lock.
 */
export async function removeLeftovers(disk: Disk, folder: SlideFolder): Promise<void> {
  const { root, stages } = folder;
  for (const name of await disk.list(stages)) {
    if (name.startsWith(".tmp-")) await disk.remove(`${stages}/${name}`);
  }
  await removeUsedCheckpoints(disk, folder);
  for (const name of await disk.list(root)) {
    if (name.endsWith(".next")) await disk.remove(`${root}/${name}`);
  }
}

/** Runs the stage and writes what it returns; the nodes that were written. */
async function compute(
  { stage, params, key }: PlannedStage,
  options: RunOptions,
  temporary: string,
  findings: { warnings: string[]; facts: Record<string, Fact> },
): Promise<string[]> {
  const { disk, folder, resolve } = options;
  const sink: OutputSink = { root: `${temporary}/nodes`, disk };
  const inputs = await openInputs(stage, { resolve, disk });
  const outputs = stage.outputs as Outputs;
  const writers: Record<string, OutputWriter> = {};
  for (const [name, output] of Object.entries(outputs)) {
    if (output.kind === "streamed") writers[name] = output.open(sink);
  }
  const returned: Record<string, unknown> = await stage.run(inputs, params as ParamValues<never>, {
    out: writers,
    slide: { id: folder.slide, simulated: options.simulated },
    random: new Random(`${folder.slide}/${stage.id}`),
    progress: options.progress,
    signal: options.signal,
    limits: options.limits,
    scratch: `${temporary}/scratch`,
    checkpoints: openCheckpoints(disk, folder, stage.id, key),
    inform: options.inform,
    warn(message: string) {
      findings.warnings.push(message);
      options.warn(message);
    },
    note(name: string, value: Fact) {
      findings.facts[name] = value;
    },
  });
  const nodes: string[] = [];
  for (const [name, output] of Object.entries(outputs)) {
    if (output.kind === "streamed") {
      await writers[name].finish();
      nodes.push(output.node);
      continue;
    }
    if (returned[name] === undefined) throw missingOutput(stage, name);
    await output.write(returned[name], sink);
    nodes.push(...output.nodesOf?.(returned[name]) ?? [output.node]);
  }
  return nodes;
}

async function openInputs(
  stage: AnyStage,
  location: InputLocation,
): Promise<Record<string, unknown>> {
  const opened: Record<string, unknown> = {};
  for (const [name, input] of Object.entries(stage.inputs as Record<string, Input<unknown>>)) {
    const absent = input.optional && input.names.some((node) => location.resolve(node) === "");
    opened[name] = absent ? undefined : await input.open(location);
  }
  return opened;
}

/** Makes an artefact the current one of its stage, by one rename of the manifest. */
export async function commitRecord(
  disk: Disk,
  folder: SlideFolder,
  stageId: string,
  record: StageRecord,
): Promise<Manifest> {
  const manifest = await readManifest(disk, folder);
  const next = { ...manifest, stages: { ...manifest.stages, [stageId]: record } };
  await writeManifest(disk, folder, next);
  return next;
}

/** The record of an artefact that is on disk. */
export async function readRecord(
  disk: Disk,
  folder: SlideFolder,
  { stage, key }: PlannedStage,
): Promise<StageRecord> {
  const path = `${artefactFolder(folder, stage.id, key)}/artefact.json`;
  const bytes = await disk.read(path);
  if (bytes === undefined) {
    throw new SthelarError("NotFound", {
      action: `Cannot use the result of stage ${stage.id}`,
      found: `no "${path}"`,
      remedy: `run: deno task stage ${stage.id} ${folder.slide}`,
      path,
    });
  }
  const record = parseJson(bytes, path);
  checkStageRecord(record, path);
  return record as StageRecord;
}

function missingOutput(stage: AnyStage, name: string): SthelarError {
  return new SthelarError("PipelineConflict", {
    action: `Cannot finish stage ${stage.id}`,
    found: `no value for output "${name}"`,
    expected: `a value for each of ${Object.keys(stage.outputs).join(", ")}`,
  });
}
