import type { Input, ReturnedOutput } from "@/core/stage.ts";
import { SthelarError } from "@/core/errors.ts";
import { parseSafetensors, type Safetensors } from "./parse_safetensors.ts";
import { writeSafetensors } from "./write_safetensors.ts";

/**
 * A model that a stage returns: kept beside the store as `files/models/<name>.safetensors`, for other programs
 * too.
 */
export function modelOutput(name: string): ReturnedOutput<Safetensors> {
  const node = `models/${name}`;
  return {
    kind: "returned",
    node,
    write: ({ tensors, metadata }, { disk, root }) =>
      disk.write(fileOf(`${root}/${node}`), writeSafetensors(tensors, metadata)),
  };
}

/** A model that an earlier stage kept. */
export function modelInput(name: string): Input<Safetensors> {
  const node = `models/${name}`;
  return {
    kind: "nodes",
    names: [node],
    doc: node,
    async open({ resolve, disk }) {
      const path = fileOf(resolve(node));
      const bytes = await disk.read(path);
      if (bytes !== undefined) return parseSafetensors(bytes, path);
      throw new SthelarError("NotFound", {
        action: `Cannot open the model "${name}"`,
        found: `no "${path}"`,
        remedy: "run the stage that makes it again, with --force",
        path,
      });
    },
  };
}

/** The file of a model, from the path of its node. */
function fileOf(path: string): string {
  return `${path}.safetensors`;
}
