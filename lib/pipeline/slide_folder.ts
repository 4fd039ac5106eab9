import { SthelarError } from "@/core/errors.ts";

/** Where everything of one slide lies. Paths are absolute. */
export interface SlideFolder {
  /** The slide's id. */
  readonly slide: string;
  /** `out/<slide>` */
  readonly root: string;
  /** Immutable artefacts: `<id>-<key12>/`. */
  readonly stages: string;
  /** The only mutable state. */
  readonly manifest: string;
  /** The derived SpatialData store. */
  readonly store: string;
  /** Models, patches and predictions, derived as the store is. */
  readonly files: string;
  /** One log a stage. */
  readonly logs: string;
  /** Held by the process that builds the slide. */
  readonly lock: string;
  /** Held by the process that it started for a stage, which may outlive it for a moment. */
  readonly jobLock: string;
}

/** Whether a text can be a slide's id: letters, digits, `_` and `-`. */
export function isSlideId(text: string): boolean {
  return /^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$/.test(text);
}

/**
 * The folders of a slide.
 *
 * @param out Absolute path of the folder of all results.
 * @param slide The slide's id: letters, digits, `_` and `-`.
 * @throws {SthelarError} `InvalidArgument` for a name that can't be a folder's.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { slideFolder } from "@/pipeline/slide_folder.ts";
 *
 * assertEquals(slideFolder("/out", "heart_s0").store, "/out/heart_s0/sdata_heart_s0.zarr");
 * ```
 */
export function slideFolder(out: string, slide: string): SlideFolder {
  if (!isSlideId(slide)) {
    throw new SthelarError("InvalidArgument", {
      action: "Cannot name a slide",
      found: `"${slide}"`,
      expected: 'letters, digits, "_" and "-", at most 64, starting with a letter or digit',
    });
  }
  const root = `${out}/${slide}`;
  return {
    slide,
    root,
    stages: `${root}/stages`,
    manifest: `${root}/manifest.json`,
    store: `${root}/sdata_${slide}.zarr`,
    files: `${root}/files`,
    logs: `${root}/logs`,
    lock: `${root}/.lock`,
    jobLock: `${root}/.lock-job`,
  };
}

/** Folder of the artefact with this key. */
export function artefactFolder(folder: SlideFolder, stage: string, key: string): string {
  return `${folder.stages}/${stage}-${key.slice(0, 12)}`;
}
