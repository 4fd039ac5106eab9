import type { DenseArray } from "@/core/arrays.ts";
import { isSthelarError } from "@/core/errors.ts";
import { parseSafetensors, writeSafetensors } from "@/formats/safetensors/mod.ts";
import type { DetectionCounts, PatchEvaluation } from "@/vision/metrics/mod.ts";
import type { BlockContent } from "./predicted_block.ts";

/** A block as the bytes of a file. */
export function packBlock(block: BlockContent): Uint8Array<ArrayBuffer> {
  const { truthRuns, predictedRuns, classPixels } = block;
  const list = (data: DenseArray["data"]): DenseArray => ({ data, shape: [data.length] });
  const tensors = new Map<string, DenseArray>([
    ["patches", list(block.patches)],
    ["is_predicted", list(block.isPredicted)],
    ["nuclei", list(block.nuclei)],
    ["predicted", list(block.predicted)],
    ["truth_starts", list(truthRuns.starts)],
    ["truth_runs", list(truthRuns.runs)],
    ["predicted_starts", list(predictedRuns.starts)],
    ["predicted_runs", list(predictedRuns.runs)],
    ...classPixels === undefined ? [] : [
      ["cells", list(classPixels.cells)],
      ["class_pixels", list(classPixels.counts)],
    ] as [string, DenseArray][],
  ]);
  return writeSafetensors(tensors, {
    first: `${block.first}`,
    patch_width: `${block.patchWidth}`,
    evaluations: JSON.stringify(block.evaluations.map((found) => found && plainEvaluation(found))),
  });
}

/**
 * Reads a kept block.
 *
 * @param expected The patches that it should be of.
 * @returns `undefined` for bytes that are damaged or of other patches: such a block is computed again.
 */
export function unpackBlock(
  bytes: Uint8Array,
  expected: Pick<BlockContent, "first" | "patches" | "patchWidth">,
): BlockContent | undefined {
  const count = expected.patches.length;
  try {
    const { tensors, metadata } = parseSafetensors(bytes, "a kept block");
    const ints = (name: string) => tensors.get(name)?.data as Int32Array<ArrayBuffer>;
    const patches = ints("patches");
    const isSame = metadata.first === `${expected.first}` &&
      metadata.patch_width === `${expected.patchWidth}` && patches.length === count &&
      expected.patches.every((patch, i) => patches[i] === patch);
    if (!isSame) return undefined;
    const cells = tensors.get("cells");
    return {
      ...{ first: expected.first, patches, patchWidth: expected.patchWidth },
      isPredicted: tensors.get("is_predicted")?.data as Uint8Array<ArrayBuffer>,
      ...{ nuclei: ints("nuclei"), predicted: ints("predicted") },
      truthRuns: { starts: ints("truth_starts"), runs: ints("truth_runs") },
      predictedRuns: { starts: ints("predicted_starts"), runs: ints("predicted_runs") },
      evaluations: (JSON.parse(metadata.evaluations) as (PlainEvaluation | null)[])
        .map((plain) => plain === null ? undefined : evaluationOf(plain)),
      ...cells === undefined ? {} : {
        classPixels: {
          cells: cells.data as Int32Array<ArrayBuffer>,
          counts: tensors.get("class_pixels")?.data as Uint32Array<ArrayBuffer>,
        },
      },
    };
  } catch (error) {
    if (isSthelarError(error, "CorruptData")) return undefined;
    throw error;
  }
}

/** Typed arrays as lists, what is missing as null. */
interface PlainEvaluation {
  readonly dice: number;
  readonly jaccard: number | null;
  readonly binary: NonNullable<PatchEvaluation["binary"]> | null;
  readonly classes: readonly (NonNullable<PatchEvaluation["classes"][number]> | null)[];
  readonly detection: Readonly<Record<keyof DetectionCounts, readonly number[]>>;
}

function plainEvaluation(found: PatchEvaluation): PlainEvaluation {
  const { dice, jaccard, binary, classes, detection: { pairs, missed, spurious } } = found;
  return {
    ...{ dice, jaccard: jaccard ?? null, binary: binary ?? null },
    classes: classes.map((quality) => quality ?? null),
    detection: { pairs: [...pairs], missed: [...missed], spurious: [...spurious] },
  };
}

function evaluationOf(
  { dice, jaccard, binary, classes, detection }: PlainEvaluation,
): PatchEvaluation {
  return {
    ...{ dice, jaccard: jaccard ?? undefined, binary: binary ?? undefined },
    classes: classes.map((quality) => quality ?? undefined),
    detection: {
      pairs: Int32Array.from(detection.pairs),
      missed: Int32Array.from(detection.missed),
      spurious: Int32Array.from(detection.spurious),
    },
  };
}
