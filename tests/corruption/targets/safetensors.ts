import { sizeOf } from "@/core/arrays.ts";
import { parseSafetensors } from "@/formats/safetensors/mod.ts";
import { fixture } from "../seed_files.ts";
import { expectThat, type NamedSample, type Target } from "../target.ts";

const PATH = "/model.safetensors";

/** Tensors of every type, as the Python package writes them. */
export const safetensors: Target = {
  name: "safetensors",
  seeds: () =>
    Promise.all(["model", "numbers"].map(async (name): Promise<NamedSample> => ({
      name,
      files: new Map([[PATH, await fixture(`safetensors/${name}.safetensors`)]]),
    }))),
  read(files) {
    const { tensors, metadata } = parseSafetensors(files.get(PATH) ?? new Uint8Array(0), PATH);
    for (const [name, { data, shape }] of tensors) {
      expectThat(data.length === sizeOf(shape), `${name} of ${data.length} values for [${shape}]`);
    }
    return Promise.resolve([tensors, metadata]);
  },
};
