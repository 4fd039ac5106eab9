import type { Disk } from "@/core/disk.ts";
import { SthelarError } from "@/core/errors.ts";
import type { ParamValue } from "@/core/params.ts";
import { parseJson as parseText } from "@/core/parse_json.ts";
import type { Fact } from "@/core/stage.ts";
import { checkManifest } from "./check_manifest.ts";
import type { KnownFiles } from "./identity.ts";
import type { SlideFolder } from "./slide_folder.ts";
import type { StoreIdentity } from "./store_identity.ts";

/** What is known of one run of a stage. */
export interface StageRecord {
  /** The stage's name, `process_slide`. */
  readonly name: string;
  /** The stage's version. */
  readonly version: number;
  /** Hash of all that the result depends on. */
  readonly key: string;
  /** Every parameter's value. */
  readonly params: Readonly<Record<string, ParamValue>>;
  /** Identity of each input. */
  readonly inputs: Readonly<Record<string, string>>;
  /** Nodes that the artefact holds. */
  readonly nodes: readonly string[];
  /** Seconds it took. */
  readonly seconds: number;
  /** Peak resident memory of its process, bytes. */
  readonly peakMemoryBytes: number;
  /** What it warned of. */
  readonly warnings: readonly string[];
  /** What it found out about the slide. */
  readonly facts: Readonly<Record<string, Fact>>;
  /** Whether its slide is simulated. */
  readonly simulated: boolean;
}

/** A store that others made and that stands in for stages; part of a slide's manifest. */
export interface OpenedStore extends StoreIdentity {
  /** The folder or zip archive, absolute. */
  readonly path: string;
  /** What is there. */
  readonly kind: "folder" | "zip";
  /** The store's folder below it, empty if it is the path itself. */
  readonly inside: string;
  /** The version of zarr that it is stored in. */
  readonly zarrFormat: 2 | 3;
  /** Whether the store says that it was simulated. */
  readonly simulated: boolean;
  /** Elements that can be read, as in `images/he`. */
  readonly elements: readonly string[];
  /** Elements whose metadata is damaged, and the fault of each. */
  readonly damaged: Readonly<Record<string, string>>;
  /** Reports of stages that could be derived from its elements. */
  readonly reports: readonly string[];
  /** Stages that it stands in for, each with the nodes that it lacks; known once it was planned. */
  readonly standsFor?: Readonly<Record<string, readonly string[]>>;
}

/** The one mutable file of a slide: which artefacts count, and what they were made from. */
export interface Manifest {
  /** Version of this file's layout. */
  readonly format: 1;
  /** The slide's id. */
  readonly slide: string;
  /** Whether its bundle comes from the simulator. */
  readonly simulated: boolean;
  /** Where the user's files are: absolute paths by source name. */
  readonly sources: Readonly<Record<string, string>>;
  /** Identities of those files. */
  readonly files: KnownFiles;
  /** The current artefact of each stage. */
  readonly stages: Readonly<Record<string, StageRecord>>;
  /** A store that others made, if the slide was opened from one. */
  readonly opened?: OpenedStore;
}

/** A manifest of a slide that nothing was done for yet. */
export function emptyManifest(slide: string): Manifest {
  return { format: 1, slide, simulated: false, sources: {}, files: {}, stages: {} };
}

/**
 * Reads a slide's manifest; where there is none it is empty.
 *
 * @throws {SthelarError} `CorruptData` if it is no manifest, `UnsupportedVersion` if it is a newer one.
 */
export async function readManifest(disk: Disk, folder: SlideFolder): Promise<Manifest> {
  const bytes = await disk.read(folder.manifest);
  if (bytes === undefined) return emptyManifest(folder.slide);
  const manifest = parseJson(bytes, folder.manifest) as Manifest;
  if (manifest?.format !== 1) {
    throw new SthelarError("UnsupportedVersion", {
      action: `Cannot read "${folder.manifest}"`,
      found: `format ${manifest?.format}`,
      expected: "format 1",
      remedy: "use the version of this program that wrote it, or remove the slide's output folder",
      path: folder.manifest,
    });
  }
  checkManifest(manifest, folder.manifest);
  return manifest;
}

/** Replaces a slide's manifest by one rename: a reader sees the old one or the new one. */
export async function writeManifest(
  disk: Disk,
  folder: SlideFolder,
  manifest: Manifest,
): Promise<void> {
  const next = `${folder.manifest}.next`;
  await disk.write(next, encodeJson(manifest));
  await disk.rename(next, folder.manifest);
}

/** A value as indented JSON. */
export function encodeJson(value: unknown): Uint8Array {
  return new TextEncoder().encode(`${JSON.stringify(value, null, 2)}\n`);
}

/** The value of a JSON file's bytes. */
export function parseJson(bytes: Uint8Array, path: string): unknown {
  try {
    return parseText(new TextDecoder().decode(bytes));
  } catch (cause) {
    throw new SthelarError("CorruptData", {
      action: `Cannot read "${path}"`,
      found: `${bytes.length} bytes that are not JSON`,
      remedy: "remove the file and run again: what can be kept is kept",
      path,
      cause,
    });
  }
}
