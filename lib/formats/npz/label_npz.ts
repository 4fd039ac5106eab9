import { SthelarError } from "@/core/errors.ts";
import { npzBytes, parseNpz } from "./npz.ts";
import { denseOf, sparseFrom, sparseOf } from "./sparse_npz.ts";

/** Instances and types of one patch, as CellViT trains on. */
export interface LabelMaps {
  /** Nucleus in each pixel, 0 for none, `(height, width)`. */
  readonly instances: Int32Array;
  /** Type of the nucleus in each pixel, 0 for none, `(height, width)`. */
  readonly types: Int32Array;
  /** `[height, width]`. */
  readonly shape: readonly [number, number];
}

/**
 * The content of an entry of `labels.zip`: two sparse maps, not compressed.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { labelNpzBytes, parseLabelNpz } from "@/formats/npz/mod.ts";
 *
 * const maps = {
 *   instances: Int32Array.of(0, 1, 1, 2),
 *   types: Int32Array.of(0, 6, 6, 9),
 *   shape: [2, 2] as const,
 * };
 * assertEquals(await parseLabelNpz(await labelNpzBytes(maps), "1.npz"), maps);
 * ```
 */
export async function labelNpzBytes(maps: LabelMaps): Promise<Uint8Array<ArrayBuffer>> {
  return await npzBytes({
    ...entriesOf("inst_map", maps.instances, maps.shape),
    ...entriesOf("type_map", maps.types, maps.shape),
  }, false);
}

function entriesOf(name: string, values: Int32Array, shape: readonly [number, number]) {
  const { data, indices, indptr } = sparseOf(values, shape);
  return {
    [`${name}_data`]: { data, shape: [data.length] },
    [`${name}_indices`]: { data: indices, shape: [indices.length] },
    [`${name}_indptr`]: { data: indptr, shape: [indptr.length] },
    [`${name}_shape`]: { data: BigInt64Array.from(shape, BigInt), shape: [2] },
  };
}

/**
 * Reads an entry of `labels.zip`, compressed or not; an empty map may hold float64.
 *
 * @throws {SthelarError} `CorruptData`, also if the maps differ in shape or in the pixels they cover.
 */
export async function parseLabelNpz(bytes: Uint8Array, path: string): Promise<LabelMaps> {
  const arrays = await parseNpz(bytes, path);
  const [inst, type] = ["inst_map_", "type_map_"].map((prefix) => sparseFrom(arrays, prefix, path));
  const [instances, types] = [denseOf(inst), denseOf(type)];
  const differs = instances.findIndex((value, i) => value > 0 !== types[i] > 0);
  if (String(inst.shape) !== String(type.shape) || differs >= 0) {
    throw new SthelarError("CorruptData", {
      action: `Cannot read the labels "${path}"`,
      found: differs >= 0
        ? `pixel ${differs} in one map only`
        : `maps of ${inst.shape.join(" x ")} and ${type.shape.join(" x ")}`,
      expected: "instances and types of the same pixels",
      path,
    });
  }
  return { instances, types, shape: inst.shape };
}
