import { messageOf, SthelarError } from "@/core/errors.ts";
import { parsePythonJson, type PythonJson, pythonJson } from "./python_json.ts";

/** A metric; `undefined` where it has no value (NaN in the file). */
export type Metric = number | undefined;

/** Metrics of one patch. */
export interface PatchMetrics {
  readonly dice: Metric;
  readonly jaccard: Metric;
  readonly bPQ: Metric;
  /** Probability of the type of a nucleus, by type: of several of a type the original keeps the last. */
  readonly typeProbabilities?: Readonly<Record<string, Metric>>;
}

/** Metrics of the nuclei of one type. */
export interface DetectionMetrics {
  readonly f1: Metric;
  readonly precision: Metric;
  readonly recall: Metric;
}

/** Metrics of the patches of one tissue. */
export interface TissueMetrics {
  readonly dice: Metric;
  readonly jaccard: Metric;
  readonly mPQ: Metric;
  readonly bPQ: Metric;
}

/** A value for each part of a run that was done in parts, else one. */
export type PerPart<T> = T | readonly T[];

/**
 * What `inference_results.json` says of a run. Slides that were run in parts have lists outside of the
 * patches.
 */
export interface InferenceResults {
  /** Metrics of the whole, by the names that CellViT gives them: `Binary-Cell-Dice-Mean`, `bPQ`, … */
  readonly dataset: Readonly<Record<string, PerPart<Metric>>>;
  /** By tissue, in lower case. */
  readonly tissues: Readonly<Record<string, PerPart<TissueMetrics>>>;
  /** By image name: `361.png` or `heart_s0_361.png`. */
  readonly patches: ReadonlyMap<string, PatchMetrics>;
  /** Panoptic quality by type, without background. */
  readonly pq: Readonly<Record<string, PerPart<Metric>>>;
  /** Detection by type. */
  readonly detection: Readonly<Record<string, PerPart<DetectionMetrics>>>;
  /** Who predicted, as `baseline`; files of CellViT do not tell. */
  readonly source?: string;
}

type Fields = Readonly<Record<string, PythonJson>>;

/**
 * Reads `inference_results.json`, of this project and of CellViT; what is not there is left out.
 *
 * @param path For messages.
 * @throws {SthelarError} `CorruptData` if it is no such file.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { inferenceResultsJson, parseInferenceResults } from "@/formats/cellvit/mod.ts";
 *
 * const results = {
 *   dataset: { bPQ: 0.5 },
 *   tissues: {},
 *   patches: new Map([["361.png", { dice: 0.75, jaccard: 0.6, bPQ: undefined }]]),
 *   pq: {},
 *   detection: {},
 * };
 * const text = inferenceResultsJson(results);
 * assertEquals(parseInferenceResults(text, "inference_results.json"), results);
 * ```
 */
export function parseInferenceResults(text: string, path: string): InferenceResults {
  const reader = new ResultsReader(path);
  let root: PythonJson;
  try {
    root = parsePythonJson(text);
  } catch (cause) {
    throw reader.corrupt("", messageOf(cause), "JSON as Python writes it", cause);
  }
  const fields = reader.fields(root, "the file");
  if (fields.image_metrics === undefined) {
    throw reader.corrupt("image_metrics", "nothing of that name", "metrics of images");
  }
  const section = <T>(name: string, read: (value: PythonJson, name: string) => T) =>
    mapValues(reader.fields(fields[name] ?? {}, name), (value, key) => {
      const place = `${name}.${key}`;
      return Array.isArray(value) ? value.map((part) => read(part, place)) : read(value, place);
    });
  const images = reader.fields(fields.image_metrics, "image_metrics");
  return {
    dataset: section("dataset", (value, name) => reader.metric(value, name)),
    tissues: section("tissue_metrics", (value, name) => reader.tissue(value, name)),
    patches: new Map(
      Object.entries(images).map(([name, value]) => [name, reader.patch(value, name)]),
    ),
    pq: section("nuclei_metrics_pq", (value, name) => reader.metric(value, name)),
    detection: section("nuclei_metrics_d", (value, name) => reader.detection(value, name)),
    ...typeof fields.source === "string" ? { source: fields.source } : {},
  };
}

class ResultsReader {
  constructor(readonly path: string) {}

  corrupt(name: string, found: string, expected: string, cause?: unknown): SthelarError {
    return new SthelarError("CorruptData", {
      action: name === ""
        ? `Cannot read "${this.path}"`
        : `Cannot read "${name}" of "${this.path}"`,
      found,
      expected,
      path: this.path,
      cause,
    });
  }

  fields(value: PythonJson | undefined, name: string): Fields {
    if (typeof value === "object" && value !== null && !Array.isArray(value)) {
      return value as Fields;
    }
    throw this.corrupt(name, JSON.stringify(value)?.slice(0, 60) ?? "nothing", "an object");
  }

  metric(value: PythonJson | undefined, name: string): Metric {
    if (value === undefined || value === null || Number.isNaN(value)) return undefined;
    if (typeof value === "number") return value;
    throw this.corrupt(name, JSON.stringify(value).slice(0, 60), "a number");
  }

  patch(value: PythonJson, name: string): PatchMetrics {
    const { type_proba_per_nuclei: probabilities, ...rest } = this.fields(value, name);
    return {
      dice: this.metric(rest.Dice, name),
      jaccard: this.metric(rest.Jaccard, name),
      bPQ: this.metric(rest.bPQ, name),
      ...probabilities === undefined ? {} : {
        typeProbabilities: mapValues(
          this.fields(probabilities, name),
          (value) => this.metric(value, name),
        ),
      },
    };
  }

  tissue(value: PythonJson, name: string): TissueMetrics {
    const { Dice, Jaccard, mPQ, bPQ } = this.fields(value, name);
    return {
      dice: this.metric(Dice, name),
      jaccard: this.metric(Jaccard, name),
      mPQ: this.metric(mPQ, name),
      bPQ: this.metric(bPQ, name),
    };
  }

  detection(value: PythonJson, name: string): DetectionMetrics {
    const { f1_cell, prec_cell, rec_cell } = this.fields(value, name);
    return {
      f1: this.metric(f1_cell, name),
      precision: this.metric(prec_cell, name),
      recall: this.metric(rec_cell, name),
    };
  }
}

/** The text of `inference_results.json`, as Python's `json.dump(..., indent=2)` writes it. */
export function inferenceResultsJson(results: InferenceResults): string {
  const perPart = <T>(value: PerPart<T>, write: (value: T) => PythonJson): PythonJson =>
    Array.isArray(value) ? value.map(write) : write(value as T);
  return pythonJson({
    dataset: mapValues(results.dataset, (value) => perPart(value, metricJson)),
    tissue_metrics: mapValues(
      results.tissues,
      (value) =>
        perPart(value, ({ dice, jaccard, mPQ, bPQ }) => ({
          Dice: metricJson(dice),
          Jaccard: metricJson(jaccard),
          mPQ: metricJson(mPQ),
          bPQ: metricJson(bPQ),
        })),
    ),
    image_metrics: Object.fromEntries(
      [...results.patches].map(([name, metrics]) => [name, patchJson(metrics)]),
    ),
    nuclei_metrics_pq: mapValues(results.pq, (value) => perPart(value, metricJson)),
    nuclei_metrics_d: mapValues(
      results.detection,
      (value) =>
        perPart(value, ({ f1, precision, recall }) => ({
          f1_cell: metricJson(f1),
          prec_cell: metricJson(precision),
          rec_cell: metricJson(recall),
        })),
    ),
    ...results.source === undefined ? {} : { source: results.source },
  });
}

function patchJson({ dice, jaccard, bPQ, typeProbabilities }: PatchMetrics): PythonJson {
  return {
    Dice: metricJson(dice),
    Jaccard: metricJson(jaccard),
    bPQ: metricJson(bPQ),
    ...typeProbabilities === undefined
      ? {}
      : { type_proba_per_nuclei: mapValues(typeProbabilities, metricJson) },
  };
}

function metricJson(value: Metric): number {
  return value ?? NaN;
}

function mapValues<T, R>(
  object: Readonly<Record<string, T>>,
  map: (value: T, key: string) => R,
): Record<string, R> {
  return Object.fromEntries(Object.entries(object).map(([key, value]) => [key, map(value, key)]));
}
