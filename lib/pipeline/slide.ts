import type { Disk } from "@/core/disk.ts";
import { SthelarError } from "@/core/errors.ts";
import { type Progress, silentProgress } from "@/core/progress.ts";
import type { AnyStage, Input, Limits } from "@/core/stage.ts";
import { localDisk } from "@/formats/disk/mod.ts";
import type { StoreContent } from "./assemble.ts";
import { type Manifest, readManifest, type StageRecord, writeManifest } from "./manifest.ts";
import { type MountedStore, remountStore } from "./opened_store.ts";
import { covers, type Pipeline } from "./pipeline.ts";
import { identifySources, type PlannedStage, planStages } from "./plan.ts";
import { withPublishedParams } from "./published_params.ts";
import { commitRecord, readRecord, runStage } from "./run_stage.ts";
import { artefactFolder, type SlideFolder, slideFolder } from "./slide_folder.ts";
import { isSimulatedBundle } from "./simulated_bundle.ts";
import { slideSources, type SourceOptions } from "./slide_sources.ts";
import type { Sources } from "./sources.ts";

/** How to open a slide. */
export interface SlideOptions extends SourceOptions {
  /** All stages. */
  readonly pipeline: Pipeline;
  /** Absolute path of the folder of results. */
  readonly out: string;
  /** Parameters that differ from their defaults, by stage id and name. */
  readonly params?: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  /** Where results go. */
  readonly disk?: Disk;
  /** Memory and threads; by default three quarters of what is free, and every core. */
  readonly limits?: Limits;
  /** Told how far reading the inputs is. */
  readonly progress?: Progress;
  /** Aborted when the user stops. */
  readonly signal?: AbortSignal;
}

/** A slide at work: what is planned for it, what was done, and where it lies. */
export class Slide {
  /** Where everything lies. */
  readonly folder: SlideFolder;
  /** The user's files. */
  readonly sources: Sources;
  /** Where results go. */
  readonly disk: Disk;
  /** Memory and threads. */
  readonly limits: Limits;
  readonly #pipeline: Pipeline;
  readonly #opened: MountedStore | undefined;
  #manifest: Manifest;
  #plan: readonly PlannedStage[];

  private constructor(
    state: Pick<Slide, "folder" | "sources" | "disk" | "limits" | "manifest" | "plan">,
    pipeline: Pipeline,
    opened: MountedStore | undefined,
  ) {
    this.folder = state.folder;
    this.sources = state.sources;
    this.disk = state.disk;
    this.limits = state.limits;
    this.#manifest = state.manifest;
    this.#plan = state.plan;
    this.#pipeline = pipeline;
    this.#opened = opened;
  }

  /**
   * Opens a slide: finds and identifies its sources and plans every stage.
   *
   * @param id The slide's id.
   * @throws {SthelarError} `InvalidArgument` or `NotFound` if its files can't be had.
   */
  static async open(id: string, options: SlideOptions): Promise<Slide> {
    const disk = options.disk ?? localDisk;
    const folder = slideFolder(options.out, id);
    const before = await readManifest(disk, folder);
    const opened = await remountStore(disk, options.pipeline, folder, before);
    const sources = await slideSources(disk, folder, before, opened, options);
    const sourceFiles = await identifySources(
      disk,
      options.pipeline.stages,
      sources,
      before.files,
      {
        progress: options.progress ?? silentProgress,
        ...(options.signal ? { signal: options.signal } : {}),
      },
    );
    const files = Object.assign({}, ...sourceFiles.values());
    const simulated = opened?.record.simulated || await isSimulatedBundle(disk, sources.bundle);
    const current = { ...before, simulated, sources, files };
    const plan = await planStages(disk, {
      pipeline: options.pipeline,
      folder,
      manifest: current,
      sources,
      sourceFiles,
      params: withPublishedParams(id, options.params ?? {}),
      ...(opened === undefined ? {} : { opened }),
    });
    const manifest = opened === undefined
      ? current
      : { ...current, opened: { ...opened.record, standsFor: standsFor(plan) } };
    if (JSON.stringify(manifest) !== JSON.stringify(before)) {
      await writeManifest(disk, folder, manifest);
    }
    const limits = options.limits ?? defaultLimits();
    const state = { folder, sources, disk: opened?.disk ?? disk, limits, manifest, plan };
    return new Slide(state, options.pipeline, opened);
  }

  /** What was done: the state of the disk after the last run. */
  get manifest(): Manifest {
    return this.#manifest;
  }

  /** What each stage would do now. */
  get plan(): readonly PlannedStage[] {
    return this.#plan;
  }

  /** The artefacts that count now, in order, and the stages whose results are out of date. */
  artefacts(): { current: StoreContent["artefacts"]; outdated: readonly string[] } {
    const done = this.#plan.flatMap(({ stage, action, key }) => {
      const record = this.#manifest.stages[stage.id];
      if (record === undefined || action === "opened") return [];
      return [{ id: stage.id, isCurrent: record.key === key, record }];
    });
    return {
      current: done.filter(({ isCurrent }) => isCurrent).map(({ id, record }) => ({
        id,
        ...record,
      })),
      outdated: done.filter(({ isCurrent }) => !isCurrent).map(({ id }) => id),
    };
  }

  /** The plan of one stage. */
  planned(stage: AnyStage): PlannedStage {
    return this.#plan.find((planned) => planned.stage.id === stage.id)!;
  }

  /**
   * Path of a source, or of a node in the artefact that holds it; empty where it is not to be had.
   *
   * @param name `bundle`, or a node as in `images/morpho`.
   */
  resolve(name: string): string {
    const owner = this.#pipeline.ownerOf(name);
    if (owner === undefined) return this.sources[name] ?? "";
    const { action, key, lacking } = this.planned(owner);
    if (action === "skip" || lacking?.some((node) => covers(node, name))) return "";
    if (action === "opened") return this.#opened!.pathOf(name);
    return `${artefactFolder(this.folder, owner.id, key)}/nodes/${name}`;
  }

  /** Whether the result of a stage is on disk, made from what there is now, or in the opened store. */
  isDone(stageId: string): boolean {
    return this.#plan.some(({ stage, action }) =>
      stage.id === stageId && (action === "keep" || action === "opened")
    );
  }

  /** Whether a node that stages write can be opened now. */
  has(node: string): boolean {
    const owner = this.#pipeline.ownerOf(node);
    return owner !== undefined && this.isDone(owner.id) && this.resolve(node) !== "";
  }

  /** The store that others made, if the slide was opened from one. */
  get opened(): MountedStore | undefined {
    return this.#opened;
  }

  /**
   * Opens a node or source, as a stage would.
   *
   * @throws {SthelarError} `NotFound` if the stage that makes it has not run.
   */
  async open<T>(input: Input<T>): Promise<T> {
    await this.#opened?.prepare(input.names);
    const resolve = (name: string) => this.#resolveDone(`open "${name}"`, name);
    return await input.open({ resolve, disk: this.disk });
  }

  /**
   * Runs one stage in this process, unless its result is there, and commits it.
   *
   * @throws {SthelarError} `NotFound` if what it needs was not computed yet.
   */
  async run(
    stage: AnyStage,
    options: {
      force?: boolean;
      progress?: Progress;
      signal?: AbortSignal;
      warn?: (message: string) => void;
      inform?: (message: string) => void;
    } = {},
  ): Promise<StageRecord> {
    const planned = this.planned(stage);
    if (planned.action === "skip" || planned.action === "opened") {
      throw this.#cannotRun(planned);
    }
    const isKept = planned.action === "keep" && !options.force;
    if (!isKept) await this.#opened?.prepare(inputNodes(stage));
    const record = isKept
      ? await readRecord(this.disk, this.folder, planned)
      : await runStage(planned, {
        disk: this.disk,
        folder: this.folder,
        simulated: this.#manifest.simulated,
        resolve: (name) => this.#resolveDone(`run stage ${stage.id}`, name),
        limits: this.limits,
        progress: options.progress ?? silentProgress,
        warn: options.warn ?? (() => {}),
        inform: options.inform ?? (() => {}),
        signal: options.signal ?? new AbortController().signal,
      });
    this.#plan = this.#plan.map((entry) =>
      entry === planned ? { ...planned, action: "keep", reason: "done" } : entry
    );
    if (this.#manifest.stages[stage.id]?.key !== record.key) {
      this.#manifest = await commitRecord(this.disk, this.folder, stage.id, record);
    }
    return record;
  }

  /** Reads what other processes have committed since this slide was opened. */
  async refresh(): Promise<void> {
    this.#manifest = await readManifest(this.disk, this.folder);
    this.#plan = await Promise.all(this.#plan.map(async (planned) => {
      if (planned.action !== "run") return planned;
      const path = `${artefactFolder(this.folder, planned.stage.id, planned.key)}/artefact.json`;
      const isDone = await this.disk.stat(path) !== undefined;
      return isDone ? { ...planned, action: "keep" as const, reason: "done" } : planned;
    }));
  }

  #cannotRun({ stage, action, reason }: PlannedStage): SthelarError {
    const purpose = `run stage ${stage.id}`;
    if (action === "skip") return cannot(purpose, this.folder.slide, reason, stage);
    return new SthelarError("InvalidArgument", {
      action: `Cannot ${purpose} of slide "${this.folder.slide}"`,
      found: `its results come ${reason}, "${this.#opened!.record.path}"`,
      remedy: "build the slide under another name from its bundle",
    });
  }

  #resolveDone(purpose: string, name: string): string {
    const owner = this.#pipeline.ownerOf(name);
    const lacking = owner && this.planned(owner).lacking?.some((node) => covers(node, name));
    if (lacking && purpose.startsWith("open")) {
      throw new SthelarError("NotFound", {
        action: `Cannot ${purpose} of slide "${this.folder.slide}"`,
        found: `an opened store without it: "${this.#opened!.record.path}"`,
        remedy: `to compute it, put the slide's bundle in place or name it with --bundle DIR`,
      });
    }
    if (owner !== undefined && this.planned(owner).action === "run") {
      const found = `"${name}" of stage ${owner.id} was not made yet`;
      throw cannot(purpose, this.folder.slide, found, owner);
    }
    return this.resolve(name);
  }
}

function inputNodes({ inputs }: AnyStage): string[] {
  return Object.values(inputs as Record<string, Input<unknown>>)
    .flatMap(({ kind, names }) => kind === "nodes" ? names : []);
}

function standsFor(plan: readonly PlannedStage[]): Record<string, readonly string[]> {
  return Object.fromEntries(
    plan.flatMap(({ stage, lacking }) => lacking === undefined ? [] : [[stage.id, lacking]]),
  );
}

function cannot(purpose: string, slide: string, found: string, needed: AnyStage): SthelarError {
  return new SthelarError("NotFound", {
    action: `Cannot ${purpose} of slide "${slide}"`,
    found,
    remedy: `run: deno task build-slide ${slide} --until ${needed.id}`,
  });
}

function defaultLimits(): Limits {
  return {
    memoryBytes: Math.round(Deno.systemMemoryInfo().available * 0.75),
    threads: navigator.hardwareConcurrency,
  };
}
