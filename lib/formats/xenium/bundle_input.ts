import type { Input } from "@/core/stage.ts";
import { bundleFiles, openXeniumBundle } from "./bundle.ts";
import type { XeniumBundle } from "./xenium_bundle.ts";
import type { BundleRole } from "./bundle_files.ts";

/**
 * The slide's Xenium bundle as a stage's input; the files of `roles` count for its identity.
 *
 * @param roles What the stage reads.
 */
export function xeniumBundleInput(roles: readonly BundleRole[]): Input<XeniumBundle> {
  return {
    kind: "source",
    names: ["bundle"],
    doc: "Xenium bundle",
    files: (root) => bundleFiles(root, roles),
    open: ({ resolve, disk }) => openXeniumBundle(resolve("bundle"), disk),
  };
}
