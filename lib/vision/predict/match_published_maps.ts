import { SthelarError } from "@/core/errors.ts";
import type { InstanceMaps } from "@/formats/cellvit/mod.ts";
import type { PatchSet } from "@/formats/patches/mod.ts";

/** How the maps of a file fit the patches of a set. */
export interface MatchedMaps {
  /** Patches of the set that there is a map of. */
  readonly matched: number;
  /** Maps that are of no patch of the set. */
  readonly foreign: number;
}

/**
 * Counts which published maps are of patches of the set.
 *
 * @throws {SthelarError} `IdMismatch` if none is: they are of another slide, or of other patches.
 */
export function matchPublishedMaps(
  maps: InstanceMaps,
  { patchIds, folder, description }: Pick<PatchSet, "patchIds" | "folder" | "description">,
): MatchedMaps {
  const { patches, foreign } = maps.list();
  const wanted = new Set(patchIds);
  const matched = patches.filter((patch) => wanted.has(patch)).length;
  const count = foreign.length + patches.length;
  if (matched > 0 || patchIds.length === 0) return { matched, foreign: count - matched };
  const examples = (names: Iterable<string | number>) =>
    [...names].slice(0, 3).join(", ") || "none";
  throw new SthelarError("IdMismatch", {
    action: `Cannot compare the predictions "${maps.path}" with the patches of "${
      description?.slide ?? folder
    }"`,
    found: `${count} maps, of none of them: ${examples([...foreign, ...patches])}`,
    expected: `maps of ${patchIds.length} patches: ${examples(patchIds)}`,
    remedy: "name the predictions of this slide with --predictions, or none",
    path: maps.path,
  });
}
