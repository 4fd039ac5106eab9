import { createHash } from "node:crypto";
import type { DenseArray } from "@/core/arrays.ts";
import { parseSafetensors, writeSafetensors } from "@/formats/safetensors/mod.ts";
import type { DetectionCounts, PatchEvaluation } from "@/vision/metrics/mod.ts";
import type { PredictionRules } from "./predict_tasks.ts";
import type { BlockContent } from "./predicted_block.ts";

/** Bytes of the seal before the tensors. */
const SEAL_BYTES = 32;

/** What a block is of: kept bytes of anything else are not taken for it. */
export interface BlockSubject extends Pick<BlockContent, "first" | "patches"> {
  readonly rules: PredictionRules;
}

/** A block as the bytes of a file: a seal of the subject and of all bytes, and tensors. */
export function packBlock(block: BlockContent, rules: PredictionRules): Uint8Array<ArrayBuffer> {
  const { truthRuns, predictedRuns, classPixels } = block;
  const list = (data: DenseArray["data"]): DenseArray => ({ data, shape: [data.length] });
  const tensors = new Map<string, DenseArray>([
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
  const content = writeSafetensors(tensors, {
    evaluations: JSON.stringify(block.evaluations.map((found) => found && plainEvaluation(found))),
  });
  const bytes = new Uint8Array(SEAL_BYTES + content.length);
  bytes.set(sealOf(content, { first: block.first, patches: block.patches, rules }));
  bytes.set(content, SEAL_BYTES);
  return bytes;
}

/**
 * Reads a kept block.
 *
 * @returns `undefined` for bytes that are damaged, of other patches or predicted in another way: such a
 *   block is computed again.
 */
export function unpackBlock(bytes: Uint8Array, subject: BlockSubject): BlockContent | undefined {
  const content = bytes.subarray(SEAL_BYTES), seal = sealOf(content, subject);
  if (bytes.length < SEAL_BYTES || seal.some((byte, k) => byte !== bytes[k])) return undefined;
  const { tensors, metadata } = parseSafetensors(content, "a kept block");
  // The seal says that these are the tensors that were packed.
  const ints = (name: string) => tensors.get(name)?.data as Int32Array<ArrayBuffer>;
  const cells = tensors.get("cells");
  return {
    ...{ first: subject.first, patches: subject.patches, patchWidth: subject.rules.patchWidth },
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
}

function sealOf(content: Uint8Array, { first, patches, rules }: BlockSubject): Uint8Array {
  const subject = JSON.stringify([first, [...patches], rules]);
  return createHash("sha256").update(subject).update(content).digest();
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
