import type { Disk } from "@/core/disk.ts";
import { SthelarError } from "@/core/errors.ts";
import { type Progress, silentProgress } from "@/core/progress.ts";
import type { AnyStage, Input, Limits } from "@/core/stage.ts";
import { localDisk } from "@/formats/disk/mod.ts";
import type { StoreContent } from "./assemble.ts";
import { croppedSources, type CropRequest } from "./cropped_bundle.ts";
import { type Manifest, readManifest, type StageRecord, writeManifest } from "./manifest.ts";
import type { Pipeline } from "./pipeline.ts";
import { identifySources, type PlannedStage, planStages } from "./plan.ts";
import { commitRecord, readRecord, runStage } from "./run_stage.ts";
import { artefactFolder, type SlideFolder, slideFolder } from "./slide_folder.ts";
import { isSimulatedBundle, simulatedFolder } from "./simulated_bundle.ts";
import { findSources, type Sources } from "./sources.ts";

/** How to open a slide. */
export interface SlideOptions {
  /** All stages. */
  readonly pipeline: Pipeline;
  /** Absolute path of the folder of results. */
  readonly out: string;
  /** Absolute path of the folder of what users bring. */
  readonly data: string;
  /** Paths named by the user, by source name. */
  readonly sources?: Sources;
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
  /**
   * Simulates a slide of the catalogue that has no bundle into a folder; without it such a slide is
   * an error, unless its simulated bundle is there.
   */
  readonly simulate?: (folder: string) => Promise<void>;
  /** Works on a rectangle instead of the whole slide. */
  readonly crop?: CropRequest;
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
  #manifest: Manifest;
  #plan: readonly PlannedStage[];

  private constructor(
    state: Pick<Slide, "folder" | "sources" | "disk" | "limits" | "manifest" | "plan">,
    pipeline: Pipeline,
  ) {
    this.folder = state.folder;
    this.sources = state.sources;
    this.disk = state.disk;
    this.limits = state.limits;
    this.#manifest = state.manifest;
    this.#plan = state.plan;
    this.#pipeline = pipeline;
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
    const found = await findSources(disk, {
      slide: id,
      data: options.data,
      given: options.sources ?? {},
      remembered: ownSources(before.sources, folder),
      simulate: simulation(disk, folder, options),
    });
    const sources = options.crop === undefined
      ? found
      : await croppedSources(disk, folder, found, options.crop);
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
    const simulated = await isSimulatedBundle(disk, sources.bundle);
    const manifest = { ...before, simulated, sources, files };
    if (JSON.stringify(manifest) !== JSON.stringify(before)) {
      await writeManifest(disk, folder, manifest);
    }
    const plan = await planStages(disk, {
      pipeline: options.pipeline,
      folder,
      manifest,
      sources,
      sourceFiles,
      params: options.params ?? {},
    });
    const limits = options.limits ?? defaultLimits();
    return new Slide({ folder, sources, disk, limits, manifest, plan }, options.pipeline);
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
    const done = this.#plan.flatMap(({ stage, key }) => {
      const record = this.#manifest.stages[stage.id];
      return record === undefined ? [] : [{ id: stage.id, isCurrent: record.key === key, record }];
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
    const { action, key } = this.planned(owner);
    if (action === "skip") return "";
    return `${artefactFolder(this.folder, owner.id, key)}/nodes/${name}`;
  }

  /** Whether the result of a stage is on disk, made from what there is now. */
  isDone(stageId: string): boolean {
    return this.#plan.some(({ stage, action }) => stage.id === stageId && action === "keep");
  }

  /**
   * Opens a node or source, as a stage would.
   *
   * @throws {SthelarError} `NotFound` if the stage that makes it has not run.
   */
  async open<T>(input: Input<T>): Promise<T> {
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
    } = {},
  ): Promise<StageRecord> {
    const planned = this.planned(stage);
    if (planned.action === "skip") {
      throw cannot(`run stage ${stage.id}`, this.folder.slide, planned.reason, stage);
    }
    const isKept = planned.action === "keep" && !options.force;
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

  #resolveDone(purpose: string, name: string): string {
    const owner = this.#pipeline.ownerOf(name);
    if (owner !== undefined && this.planned(owner).action === "run") {
      const found = `"${name}" of stage ${owner.id} was not made yet`;
      throw cannot(purpose, this.folder.slide, found, owner);
    }
    return this.resolve(name);
  }
}

/** Sources that the user brought: a bundle put under `data` later comes before a simulated one. */
function ownSources(sources: Sources, folder: SlideFolder): Sources {
  const simulated = `${simulatedFolder(folder)}/`;
  return Object.fromEntries(
    Object.entries(sources).filter(([, path]) => !`${path}/`.startsWith(simulated)),
  );
}

/** A simulated bundle counts if it is there; else it is made, if that is allowed. */
function simulation(
  disk: Disk,
  folder: SlideFolder,
  { simulate }: SlideOptions,
): () => Promise<string | undefined> {
  return async () => {
    const bundle = simulatedFolder(folder);
    if (await disk.stat(bundle) !== undefined) return bundle;
    if (simulate === undefined) return undefined;
    await simulate(bundle);
    return bundle;
  };
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
