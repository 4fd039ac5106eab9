import type { Disk } from "@/core/disk.ts";
import { isSthelarError, messageOf, SthelarError } from "@/core/errors.ts";
import { didYouMean } from "@/core/nearest.ts";
import type { Input, Limits } from "@/core/stage.ts";
import { reportInput } from "@/formats/spatialdata/stage_elements.ts";
import { tissueOf } from "@/labels/mod.ts";
import { identifyFiles, identityOfFiles, sha256Of } from "@/pipeline/identity.ts";
import { readManifest } from "@/pipeline/manifest.ts";
import type { Pipeline } from "@/pipeline/pipeline.ts";
import { Slide } from "@/pipeline/slide.ts";
import { isSlideId, slideFolder } from "@/pipeline/slide_folder.ts";
import { overlayDisk } from "./overlay_disk.ts";
import { STUDIES } from "./study_folder.ts";
import type { AnyStudyStep, SlideInputs, StudySlide } from "./study_step.ts";

/** Reports that say who gave the labels. */
const LABELLING_REPORTS = ["refine_tangram", "annotate_cells"];

/** Where the slides of a study are found. */
export interface SlideSearch {
  /** All stages. */
  readonly pipeline: Pipeline;
  /** Absolute path of the folder of results. */
  readonly out: string;
  /** Absolute path of the folder of what users bring. */
  readonly data: string;
  /** The disk of the results. */
  readonly disk: Disk;
  /** Memory and threads. */
  readonly limits?: Limits;
  /** Aborted when the user stops. */
  readonly signal?: AbortSignal;
}

/** A slide that is open for a study, and what a step would find of it. */
export class OpenedSlide {
  /** `heart_s0` */
  readonly name: string;
  /** `heart` */
  readonly tissue: string;

  private constructor(
    readonly slide: Slide,
    readonly pipeline: Pipeline,
    /** Whether a rule gave its labels. */
    readonly automatic: boolean,
  ) {
    this.name = slide.folder.slide;
    this.tissue = tissueOf(this.name);
  }

  /**
   * Opens a slide as it was built, with the parameters of then.
   *
   * @throws {SthelarError} as `Slide.open` does.
   */
  static async open(name: string, search: SlideSearch): Promise<OpenedSlide> {
    const { pipeline, out, data, limits, signal } = search;
    const disk = overlayDisk(search.disk);
    const slide = await Slide.open(name, {
      ...{ pipeline, out, data, disk },
      params: await paramsOfThen(disk, name, search),
      ...(limits === undefined ? {} : { limits }),
      ...(signal === undefined ? {} : { signal }),
    });
    return new OpenedSlide(slide, pipeline, await isAutomatic(slide));
  }

  /** Whether its bundle comes from the simulator. */
  get simulated(): boolean {
    return this.slide.manifest.simulated;
  }

  /** The nodes of required inputs that it lacks. */
  async lacks(inputs: SlideInputs): Promise<string[]> {
    const lacking: string[] = [];
    for (const input of Object.values(inputs)) {
      if (input.optional || input.kind === "source") continue;
      for (const node of input.names) if (!await this.#holds(node)) lacking.push(node);
    }
    return lacking;
  }

  /** One hash of all that these inputs read of it. */
  async identityOf(inputs: SlideInputs): Promise<string> {
    const lines: string[] = [];
    for (const [name, input] of Object.entries(inputs).sort(([a], [b]) => a < b ? -1 : 1)) {
      const identity = await this.#has(input) ? await this.#identityOf(input) : "none";
      lines.push(`${name} ${identity}`);
    }
    return sha256Of(lines.join("\n"));
  }

  /** The slide as a step with these inputs sees it. */
  view<I extends SlideInputs>(inputs: I): StudySlide<I> {
    const { name, tissue, simulated, automatic } = this;
    const open = async (key: keyof I) => {
      const input = inputs[key];
      if (input.optional && !await this.#has(input)) return undefined;
      return await this.slide.open(input);
    };
    return { name, tissue, simulated, automatic, open: open as StudySlide<I>["open"] };
  }

  /** The command that makes what it lacks. */
  commandFor(lacking: readonly string[]): string {
    const { stages } = this.pipeline;
    const owners = lacking.map((node) => stages.indexOf(this.pipeline.ownerOf(node)!));
    const last = stages[Math.max(...owners)];
    return `deno task build-slide ${this.name}${last === undefined ? "" : ` --until ${last.id}`}`;
  }

  async #has(input: Input<unknown>): Promise<boolean> {
    if (input.kind === "source") return input.names.every((name) => name in this.slide.sources);
    for (const node of input.names) if (!await this.#holds(node)) return false;
    return true;
  }

  /** A part of a table that belongs to the table's own stage may be there or not. */
  async #holds(node: string): Promise<boolean> {
    const { slide, pipeline } = this;
    if (!slide.has(node)) return false;
    const owner = pipeline.ownerOf(node)!;
    if (slide.planned(owner).action === "opened") return await slide.opened!.has(node);
    const path = slide.resolve(node);
    if (node.startsWith("reports/")) return await slide.disk.stat(`${path}.json`) !== undefined;
    return await slide.disk.stat(path) !== undefined;
  }

  async #identityOf(input: Input<unknown>): Promise<string> {
    const { slide, pipeline } = this;
    if (input.kind === "nodes") {
      return input.names.map((node) => slide.planned(pipeline.ownerOf(node)!).key).join(" ");
    }
    const root = slide.sources[input.names[0]];
    const paths = await input.files?.(root) ?? [];
    return identityOfFiles(root, await identifyFiles(slide.disk, paths, slide.manifest.files));
  }
}

/** Parameters that a slide's stages were last run with, as far as they still exist. */
async function paramsOfThen(
  disk: Disk,
  name: string,
  { out, pipeline }: SlideSearch,
): Promise<Record<string, Record<string, unknown>>> {
  const { stages } = await readManifest(disk, slideFolder(out, name));
  const result: Record<string, Record<string, unknown>> = {};
  for (const stage of pipeline.stages) {
    const given = stages[stage.id]?.params;
    if (given === undefined) continue;
    const kept = Object.keys(stage.params).filter((key) => key in given);
    result[stage.id] = Object.fromEntries(kept.map((key) => [key, given[key]]));
  }
  return result;
}

async function isAutomatic(slide: Slide): Promise<boolean> {
  for (const report of LABELLING_REPORTS) {
    if (!slide.has(`reports/${report}`)) continue;
    const { by } = await slide.open(reportInput<{ readonly by?: string }>(report));
    if (by === "rule") return true;
  }
  return false;
}

/** The slides among the results, by name. */
export async function listSlides(disk: Disk, out: string): Promise<string[]> {
  const names = (await disk.list(out)).filter((name) => isSlideId(name) && name !== STUDIES);
  const found: string[] = [];
  for (const name of names) {
    if (await disk.stat(slideFolder(out, name).manifest) !== undefined) found.push(name);
  }
  return found;
}

/**
 * Opens the slides of a study.
 *
 * @param study The study's name, for messages.
 * @param names Their names.
 * @throws {SthelarError} `InvalidArgument` for none, names that are there twice or unknown ones;
 *   `NotFound` listing the slides that can't be opened.
 */
export async function openSlides(
  study: string,
  names: readonly string[],
  search: SlideSearch,
): Promise<OpenedSlide[]> {
  const action = `Cannot build the study "${study}"`;
  const known = await listSlides(search.disk, search.out);
  if (names.length === 0) {
    const remedy = known.length === 0
      ? "build slides first: deno task build-slide heart_s0"
      : `name them: --slides ${known.join(",")}`;
    throw new SthelarError("InvalidArgument", { action, found: "no slides", remedy });
  }
  const twice = names.find((name, i) => names.indexOf(name) !== i);
  if (twice !== undefined) {
    throw new SthelarError("InvalidArgument", {
      action,
      found: `the slide "${twice}" twice`,
      expected: "each slide once",
    });
  }
  const unknown = names.filter((name) => !known.includes(name));
  if (unknown.length > 0) {
    throw new SthelarError("InvalidArgument", {
      action,
      found: `no results of ${unknown.map((name) => `"${name}"`).join(", ")} in "${search.out}"`,
      remedy: unknown.map((name) => `${name}: ${didYouMean(name, known)}`).join("; "),
    });
  }
  const opened: OpenedSlide[] = [];
  const failures: string[] = [];
  for (const name of names) {
    try {
      opened.push(await OpenedSlide.open(name, search));
    } catch (error) {
      if (!isSthelarError(error) || isSthelarError(error, "Aborted")) throw error;
      failures.push(`${name}: ${messageOf(error)}`);
    }
  }
  if (failures.length === 0) return opened;
  throw new SthelarError("NotFound", {
    action,
    found: `slides that can't be opened:\n  ${failures.join("\n  ")}`,
  });
}

/**
 * Refuses slides that are not built far enough for these steps.
 *
 * @throws {SthelarError} `NotFound` listing all of them, each with the command that builds it.
 */
export async function requireBuilt(
  study: string,
  needs: readonly { readonly step: AnyStudyStep; readonly slides: readonly OpenedSlide[] }[],
): Promise<void> {
  const lacking = new Map<OpenedSlide, Set<string>>();
  for (const { step, slides } of needs) {
    for (const slide of slides) {
      const nodes = await slide.lacks(step.inputs);
      if (nodes.length === 0) continue;
      lacking.set(slide, (lacking.get(slide) ?? new Set()).union(new Set(nodes)));
    }
  }
  if (lacking.size === 0) return;
  const commands = [...lacking].map(([slide, nodes]) => `\n  ${slide.commandFor([...nodes])}`);
  throw new SthelarError("NotFound", {
    action: `Cannot build the study "${study}"`,
    found: lacking.size === 1
      ? "a slide that is not built far enough"
      : `${lacking.size} slides that are not built far enough`,
    remedy: `run:${commands.join("")}`,
  });
}
