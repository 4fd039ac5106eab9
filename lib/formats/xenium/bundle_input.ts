import type { Input } from "@/core/stage.ts";
import { bundleFiles, openXeniumBundle } from "./bundle.ts";
import type { XeniumBundle } from "./xenium_bundle.ts";
import type { BundleRole } from "./bundle_files.ts";

/**
 * The slide's Xenium bundle as a stage's input; the files of `roles` count for its identity.
 *
 * @param roles What the stage reads.
 * @param rolesIfThere What it reads where the bundle has it.
 */
export function xeniumBundleInput(
  roles: readonly BundleRole[],
  rolesIfThere: readonly BundleRole[] = [],
): Input<XeniumBundle> {
  return {
    kind: "source",
    names: ["bundle"],
    doc: "Xenium bundle",
    async files(root) {
      if (rolesIfThere.length === 0) return await bundleFiles(root, roles);
      const { files } = await openXeniumBundle(root);
      return await bundleFiles(root, [...roles, ...rolesIfThere.filter((role) => files.has(role))]);
    },
    open: ({ resolve, disk }) => openXeniumBundle(resolve("bundle"), disk),
  };
}
