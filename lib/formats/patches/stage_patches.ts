import type { Input, StreamedOutput } from "@/core/stage.ts";
import { type ElementFactory, streamedElement } from "@/formats/spatialdata/stage_elements.ts";
import { openPatchSet, type PatchSet } from "./patch_set.ts";
import { type PatchSetSpec, PatchSetWriter } from "./patch_set_writer.ts";

/** A set of patches that a stage writes patch by patch: kept beside the store in `patches/<name>`. */
export function patchesOutput(
  name: string,
): StreamedOutput<ElementFactory<PatchSetSpec, PatchSetWriter>> {
  const node = `patches/${name}`;
  return streamedElement(
    node,
    ({ disk, root }, spec) => PatchSetWriter.create(disk, `${root}/${node}`, spec),
  );
}

/** A set of patches that an earlier stage wrote. */
export function patchesInput(name: string): Input<PatchSet> {
  const node = `patches/${name}`;
  return {
    kind: "nodes",
    names: [node],
    doc: node,
    open: ({ resolve, disk }) => openPatchSet(disk, resolve(node)),
  };
}
