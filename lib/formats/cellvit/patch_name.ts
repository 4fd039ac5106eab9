/** The patch that an image name stands for. */
export interface PatchName {
  /** Slide, if the name has one: files of a single slide may go without. */
  readonly slide: string | undefined;
  /** Number of the patch in the slide's grid. */
  readonly patch: number;
}

/**
 * Reads the name of a patch, in both styles that were published: `361` and `heart_s0_361`, each with or
 * without what follows a dot.
 *
 * @returns `undefined` for a name of another kind.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { parsePatchName } from "@/formats/cellvit/mod.ts";
 *
 * assertEquals(parsePatchName("heart_s0_361.png"), { slide: "heart_s0", patch: 361 });
 * assertEquals(parsePatchName("skin-2_7"), { slide: "skin-2", patch: 7 });
 * assertEquals(parsePatchName("361"), { slide: undefined, patch: 361 });
 * assertEquals(parsePatchName("thumbnail.png"), undefined);
 * ```
 */
export function parsePatchName(name: string): PatchName | undefined {
  const match = /^(?:([A-Za-z0-9_-]+)_)?(\d{1,15})$/.exec(name.split(".")[0]);
  return match === null ? undefined : { slide: match[1], patch: Number(match[2]) };
}
