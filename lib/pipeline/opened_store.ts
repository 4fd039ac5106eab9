import type { Disk } from "@/core/disk.ts";
import { isSthelarError, messageOf, SthelarError } from "@/core/errors.ts";
import type { AnyStage, Outputs } from "@/core/stage.ts";
import {
  ELEMENT_KINDS,
  type ElementKind,
  openSpatialData,
  type SpatialDataStore,
} from "@/formats/spatialdata/mod.ts";
import { openGroup } from "@/formats/zarr/mod.ts";
import { type LocatedStore, locateStore } from "./locate_store.ts";
import { encodeJson, type Manifest, type OpenedStore } from "./manifest.ts";
import { copyTree } from "./copy_tree.ts";
import { covers, type Pipeline } from "./pipeline.ts";
import type { SlideFolder } from "./slide_folder.ts";
import { identifyStore, type StoreIdentity } from "./store_identity.ts";
import { writeWholeFolder } from "./whole_folder.ts";

/** Names of spatialdata-io for elements of the same kind and content. */
const ALIASES: Readonly<Record<string, string>> = {
  "images/morpho": "images/morphology_focus",
  "points/st": "points/transcripts",
};

/** An opened store at work. */
export class MountedStore {
  readonly #folder: SlideFolder;

  /**
   * @param record What the manifest keeps of it.
   * @param disk A disk that reads it, and everything else.
   * @param folder The folders of its slide.
   */
  constructor(readonly record: OpenedStore, readonly disk: Disk, folder: SlideFolder) {
    this.#folder = folder;
  }

  /** The store's root on its disk. */
  get root(): string {
    const { path, inside } = this.record;
    return inside === "" ? path : `${path}/${inside}`;
  }

  /** Path of a node in the store, whether it is there or not. */
  inPlace(node: string): string {
    const element = elementOf(node);
    return `${this.root}/${this.#storedName(element)}${node.slice(element.length)}`;
  }

  /**
   * Path that a node is read from: in the store, for a report where it was derived, for points of a
   * zip archive where {@link prepare} puts them.
   */
  pathOf(node: string): string {
    return isBesideStore(node) || this.#isExtracted(node)
      ? `${openedFolder(this.#folder, this.record)}/nodes/${node}`
      : this.inPlace(node);
  }

  /**
   * Makes nodes ready to be read: points of a zip archive, which DuckDB does not read in place, are
   * copied out of it once.
   */
  async prepare(nodes: readonly string[]): Promise<void> {
    for (const node of nodes) {
      if (!this.#isExtracted(node) || !await this.has(node)) continue;
      const target = this.pathOf(node);
      if (await this.disk.stat(target) !== undefined) continue;
      await writeWholeFolder(
        this.disk,
        target,
        (next) => copyTree(this.disk, this.inPlace(node), next),
      );
    }
  }

  #isExtracted(node: string): boolean {
    return this.record.kind === "zip" && node.startsWith("points/");
  }

  /** Whether the store holds a node, or its element if the node is one. */
  async has(node: string): Promise<boolean> {
    if (isBesideStore(node)) return this.record.reports.includes(node);
    const element = elementOf(node);
    if (!this.record.elements.includes(this.#storedName(element))) return false;
    if (element === node) return true;
    const path = this.inPlace(node);
    if (node.endsWith("*")) {
      const folder = path.slice(0, path.lastIndexOf("/"));
      const beside = node.slice(0, node.lastIndexOf("/") + 1);
      return (await this.disk.list(folder)).some((name) => covers(node, beside + name));
    }
    const names = this.record.zarrFormat === 3 ? ["zarr.json"] : [".zarray", ".zgroup"];
    const stats = await Promise.all(names.map((name) => this.disk.stat(`${path}/${name}`)));
    return stats.some((stat) => stat !== undefined);
  }

  #storedName(element: string): string {
    const alias = ALIASES[element];
    const { elements } = this.record;
    return alias !== undefined && !elements.includes(element) && elements.includes(alias)
      ? alias
      : element;
  }
}

/**
 * Mounts the store at a path for a slide: finds and identifies it, lists its elements and derives
 * the reports that they allow.
 *
 * @param known What the manifest says of it; kept where the store has not changed.
 * @throws {SthelarError} as {@link locateStore} and `openSpatialData` do.
 */
export async function mountStore(
  disk: Disk,
  path: string,
  pipeline: Pipeline,
  folder: SlideFolder,
  known?: OpenedStore,
): Promise<MountedStore> {
  const located = await locateStore(disk, path);
  const identity = await identifyStore(disk, path, located, known);
  const record = identity.sha256 === known?.sha256
    ? { ...known, path, ...identity, inside: located.root.slice(path.length + 1) }
    : await describeStore(path, located, identity);
  const mounted = new MountedStore(record, located.disk, folder);
  const reports = await recoverReports(disk, pipeline, mounted);
  return new MountedStore({ ...record, reports }, located.disk, folder);
}

/**
 * Mounts the store that a slide was opened from, if it was; one that has changed since is read anew.
 *
 * @throws {SthelarError} `NotFound` if the store is gone.
 */
export async function remountStore(
  disk: Disk,
  pipeline: Pipeline,
  folder: SlideFolder,
  { opened }: Manifest,
): Promise<MountedStore | undefined> {
  if (opened === undefined) return undefined;
  if (await disk.stat(opened.path) !== undefined) {
    return await mountStore(disk, opened.path, pipeline, folder, opened);
  }
  throw new SthelarError("NotFound", {
    action: `Cannot work on slide "${folder.slide}"`,
    found: `nothing at "${opened.path}", the store that it was opened from`,
    remedy: `put it back, or name its new place: deno task open PATH --as ${folder.slide}`,
    path: opened.path,
  });
}

/** Where what was derived from a state of a store is kept. */
export function openedFolder(folder: SlideFolder, { sha256 }: StoreIdentity): string {
  return `${folder.stages}/opened-${sha256.slice(0, 12)}`;
}

/** Whether a node is a report, a model or a set of patches: they lie beside the store, none holds them. */
export function isBesideStore(node: string): boolean {
  return /^(reports|models|patches|predictions)\//.test(node);
}

/** The element that a node is, or is a part of: its first two names. */
export function elementOf(node: string): string {
  return node.split("/").slice(0, 2).join("/");
}

async function describeStore(
  path: string,
  { disk, root, archive }: LocatedStore,
  identity: StoreIdentity,
): Promise<OpenedStore> {
  const store = await openSpatialData(disk, root);
  const elements: string[] = [];
  const damaged: Record<string, string> = {};
  for (const kind of ELEMENT_KINDS) {
    for (const name of store.names(kind)) {
      const fault = await elementFault(disk, store, kind, name);
      if (fault === undefined) elements.push(`${kind}/${name}`);
      else damaged[`${kind}/${name}`] = fault;
    }
  }
  const own = store.attributes.sthelar as { readonly simulated?: boolean } | undefined;
  return {
    path,
    kind: archive === undefined ? "folder" : "zip",
    inside: root.slice(path.length + 1),
    ...identity,
    zarrFormat: store.zarrFormat,
    simulated: own?.simulated === true,
    elements,
    damaged,
    reports: [],
  };
}

/** What keeps an element's metadata from being read; its values are read when they are used. */
async function elementFault(
  disk: Disk,
  store: SpatialDataStore,
  kind: ElementKind,
  name: string,
): Promise<string | undefined> {
  try {
    if (kind === "images") await store.image(name);
    else if (kind === "labels") await store.labels(name);
    else if (kind === "tables") await store.table(name);
    else await openGroup(disk, `${store.root}/${kind}/${name}`);
    return undefined;
  } catch (error) {
    if (isSthelarError(error)) return messageOf(error);
    throw error;
  }
}

/** Derives the reports of stages whose findings can be told from elements. */
async function recoverReports(
  disk: Disk,
  pipeline: Pipeline,
  mounted: MountedStore,
): Promise<string[]> {
  const held = new Set(mounted.record.elements.map((element) => `${mounted.root}/${element}`));
  const recovered: string[] = [];
  for (const { node, recover } of recoverable(pipeline.stages)) {
    const path = `${mounted.pathOf(node)}.json`;
    if (await disk.stat(path) === undefined) {
      const value = await recover({
        disk: mounted.disk,
        resolve: (name) => held.has(mounted.inPlace(name)) ? mounted.inPlace(name) : "",
      });
      if (value === undefined) continue;
      await disk.write(`${path}.next`, encodeJson(value));
      await disk.rename(`${path}.next`, path);
    }
    recovered.push(node);
  }
  return recovered;
}

function recoverable(stages: readonly AnyStage[]) {
  return stages.flatMap(({ outputs }) =>
    Object.values(outputs as Outputs).flatMap((output) =>
      output.kind === "returned" && output.recover !== undefined
        ? [{ node: output.node, recover: output.recover }]
        : []
    )
  );
}
