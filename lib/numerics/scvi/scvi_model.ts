import { type DenseArray, sizeOf } from "@/core/arrays.ts";
import { messageOf, SthelarError } from "@/core/errors.ts";
import {
  isUnused,
  learnedTensors,
  runningStatistics,
  type ScviSize,
  type TensorSpec,
} from "./tensor_layout.ts";

/** A trained scVI model. */
export interface ScviModel {
  /** Genes, in the order of its inputs. */
  readonly genes: readonly string[];
  /** Units of the hidden layers. */
  readonly hidden: number;
  /** Components of the latent space. */
  readonly latent: number;
  /** Names of the samples of the batch key; one where there was none. */
  readonly samples: readonly string[];
  /** Its tensors, named and shaped as in scvi-tools' `state_dict`. */
  readonly tensors: ReadonlyMap<string, DenseArray<Float32Array>>;
}

/** Marks the metadata of a model. */
const FORMAT = "scvi";
const FORMAT_VERSION = "1";

/** Numbers of units of a model. */
export function sizeOfModel({ genes, hidden, latent, samples }: ScviModel): ScviSize {
  return { genes: genes.length, hidden, latent, samples: samples.length };
}

/** The tensors that a model has. */
export function modelTensors(size: ScviSize): TensorSpec[] {
  return [...learnedTensors(size), ...runningStatistics(size)];
}

/**
 * What a file of a model's tensors must say besides: read back by {@link scviModelOf}.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { scviMetadata } from "@/numerics/scvi/mod.ts";
 *
 * const model = { genes: ["A", "B"], hidden: 4, latent: 2, samples: ["s"], tensors: new Map() };
 * assertEquals(scviMetadata(model).genes, '["A","B"]');
 * ```
 */
export function scviMetadata(
  { genes, hidden, latent, samples }: ScviModel,
): Record<string, string> {
  return {
    format: FORMAT,
    format_version: FORMAT_VERSION,
    genes: JSON.stringify(genes),
    samples: JSON.stringify(samples),
    hidden: String(hidden),
    latent: String(latent),
  };
}

/**
 * A model from the tensors and metadata of a file.
 *
 * @param tensors Those of {@link ScviModel}; those of a `state_dict` that take no part
 * (`l_encoder.…`, `decoder.px_r_decoder.…`, `num_batches_tracked`) are left out.
 * @param metadata What {@link scviMetadata} made.
 * @throws {SthelarError} `CorruptData` if metadata or a tensor is missing, of another shape or type,
 * unknown, or holds values that are not finite; `UnsupportedVersion`.
 */
export function scviModelOf(
  tensors: ReadonlyMap<string, DenseArray>,
  metadata: Readonly<Record<string, string>>,
): ScviModel {
  const { format, format_version: version } = metadata;
  if (format !== FORMAT) throw damaged(`metadata "format" ${quoted(format)}`, `"${FORMAT}"`);
  if (version !== FORMAT_VERSION) {
    throw new SthelarError("UnsupportedVersion", {
      action: "Cannot use a scVI model",
      found: `version ${quoted(version)}`,
      expected: `version "${FORMAT_VERSION}"`,
    });
  }
  const size = {
    genes: namesOf(metadata, "genes"),
    samples: namesOf(metadata, "samples"),
    hidden: countOf(metadata, "hidden"),
    latent: countOf(metadata, "latent"),
  };
  const specs = modelTensors(sizeOfModel({ ...size, tensors: new Map() }));
  const known = new Set(specs.map(({ name }) => name));
  const unknown = [...tensors.keys()].find((name) => !known.has(name) && !isUnused(name));
  if (unknown !== undefined) throw damaged(`a tensor "${unknown}"`, "the tensors of scVI");
  const kept = specs.map((spec) => [spec.name, checked(spec, tensors.get(spec.name))] as const);
  return { ...size, tensors: new Map(kept) };
}

function checked(
  { name, shape }: TensorSpec,
  tensor: DenseArray | undefined,
): DenseArray<Float32Array> {
  if (tensor === undefined) throw damaged(`no tensor "${name}"`, `one of ${shape.join(" x ")}`);
  const { data } = tensor;
  const isShaped = tensor.shape.join() === shape.join() && data.length === sizeOf(shape);
  if (!isShaped || !(data instanceof Float32Array)) {
    throw damaged(
      `"${name}" of ${tensor.shape.join(" x ")} as ${data.constructor.name} of ${data.length}`,
      `${shape.join(" x ")} as float32`,
    );
  }
  const bad = data.findIndex((value) => !Number.isFinite(value));
  if (bad >= 0) throw damaged(`${data[bad]} in "${name}" at ${bad}`, "finite values");
  return { data, shape };
}

function namesOf(metadata: Readonly<Record<string, string>>, key: string): string[] {
  const text = metadata[key];
  let names: unknown;
  try {
    names = JSON.parse(text ?? "");
  } catch (error) {
    throw damaged(`metadata "${key}" ${quoted(text)}: ${messageOf(error)}`, "a list of names");
  }
  const isList = Array.isArray(names) && names.length > 0 &&
    names.every((name) => typeof name === "string");
  if (!isList) throw damaged(`metadata "${key}" ${quoted(text)}`, "a list of names");
  return names as string[];
}

function countOf(metadata: Readonly<Record<string, string>>, key: string): number {
  const count = Number(metadata[key]);
  if (Number.isSafeInteger(count) && count > 0) return count;
  throw damaged(`metadata "${key}" ${quoted(metadata[key])}`, "a whole number from 1");
}

function quoted(text: string | undefined): string {
  if (text === undefined) return "that is missing";
  return `"${text.length > 60 ? `${text.slice(0, 60)}…` : text}"`;
}

function damaged(found: string, expected: string): SthelarError {
  return new SthelarError("CorruptData", { action: "Cannot use a scVI model", found, expected });
}
