import type { InferenceLogExtras, InferenceResults, PatchMetrics } from "@/formats/cellvit/mod.ts";
import { type AlignmentTable, emptyAlignment } from "@/formats/predictions/mod.ts";
import {
  type DetectionCounts,
  type EvaluatedPatch,
  type PatchEvaluation,
  summariseEvaluations,
  typeConfusion,
} from "@/vision/metrics/mod.ts";
import { ClassPixelCounter, type ClassPixels, type PredictedBlock } from "@/vision/predict/mod.ts";

/** Classes of a source that does not tell them. */
const UNKNOWN_CLASSES = ["Background", "Nucleus"] as const;

/** Means over types. */
const TYPED_METRIC = /^m[PDS]Q$/;

/** What the agreement of all patches is made of. */
export interface AlignmentSubject {
  readonly slide: string;
  /** As `Heart`. */
  readonly tissue: string;
  /** Of the kept patches, ascending. */
  readonly patchIds: Int32Array;
  /** Background first; `undefined` where the source does not tell classes. */
  readonly classes: readonly string[] | undefined;
}

/** Puts together, block by block, how well predictions agree with the masks. */
export class AlignmentSums {
  readonly #subject: AlignmentSubject;
  readonly #table: AlignmentTable;
  readonly #evaluated: EvaluatedPatch[] = [];
  readonly #patches = new Map<string, PatchMetrics>();
  readonly #pixels: ClassPixelCounter | undefined;

  constructor(subject: AlignmentSubject) {
    this.#subject = subject;
    this.#table = emptyAlignment(subject.patchIds);
    this.#pixels = subject.classes && new ClassPixelCounter(subject.classes.length);
  }

  /** Adds a block. */
  add(block: PredictedBlock): void {
    block.patches.forEach((patch, i) => {
      const row = block.first + i, evaluation = block.evaluations[i];
      this.#table.nuclei[row] = block.nuclei[i];
      if (evaluation === undefined) return;
      this.#table.predicted[row] = block.predicted[i];
      this.#addScores(row, evaluation);
      const { tissue, slide } = this.#subject;
      this.#evaluated.push({ evaluation, tissue });
      const { dice, jaccard, binary } = evaluation;
      this.#patches.set(`${slide}_${patch}.png`, { dice, jaccard, bPQ: binary?.pq });
    });
    if (block.classPixels !== undefined) this.#pixels?.add(block.classPixels);
  }

  /** How well each patch agrees. */
  get table(): AlignmentTable {
    return this.#table;
  }

  /** How many patches have predictions. */
  get evaluated(): number {
    return this.#evaluated.length;
  }

  /** Pixels under nuclei by class, where classes are known. */
  classPixels(): ClassPixels | undefined {
    return this.#pixels?.sums();
  }

  /**
   * What `inference_results.json` and `inference.log` say.
   *
   * @param withTypes Whether metrics of types are told, though all nuclei of the masks are of one: as
   *   published.
   */
  results(
    withTypes: boolean,
  ): { readonly results: InferenceResults; readonly log: InferenceLogExtras } {
    const types = this.#subject.classes ?? UNKNOWN_CLASSES;
    const summary = summariseEvaluations(this.#evaluated, types);
    const { counts, dq, sq, dataset, tissues, pq, detection } = summary;
    const patches = this.#patches;
    if (withTypes) {
      const confusion = { types, shares: typeConfusion(counts) };
      return {
        results: { dataset, tissues, patches, pq, detection },
        log: { dq, sq, confusion },
      };
    }
    const binary = Object.entries(dataset).filter(([name]) => !TYPED_METRIC.test(name));
    const untyped = Object.entries(tissues)
      .map(([name, metrics]) => [name, { ...metrics, mPQ: undefined }]);
    return {
      results: {
        ...{ dataset: Object.fromEntries(binary), tissues: Object.fromEntries(untyped) },
        ...{ patches, pq: {}, detection: {} },
      },
      log: { dq: {}, sq: {} },
    };
  }

  #addScores(row: number, { dice, jaccard, binary, detection }: PatchEvaluation): void {
    const table = this.#table;
    const { pairs, missed, spurious } = this.#withoutFakes(row, detection);
    table.isEvaluated[row] = 1;
    table.truePositives[row] = pairs;
    table.falsePositives[row] = spurious;
    table.falseNegatives[row] = missed;
    table.dice[row] = dice;
    table.jaccard[row] = jaccard ?? NaN;
    table.bpq[row] = binary?.pq ?? NaN;
    table.bdq[row] = binary?.dq ?? NaN;
    table.bsq[row] = binary?.sq ?? NaN;
    table.precision[row] = pairs / (pairs + spurious);
    table.recall[row] = pairs / (pairs + missed);
    table.f1[row] = 2 * pairs / (2 * pairs + spurious + missed);
  }

  /** Where a side has no nuclei CellViT counts one that is none: in a table of patches it would be seen. */
  #withoutFakes(row: number, detection: DetectionCounts) {
    const [pairs, missed, spurious] = [detection.pairs, detection.missed, detection.spurious]
      .map((counts) => counts.reduce((total, count) => total + count, 0));
    const { nuclei, predicted } = this.#table;
    const hasTruth = nuclei[row] > 0, hasPredicted = predicted[row] > 0;
    if (hasTruth && hasPredicted) return { pairs, missed, spurious };
    return {
      pairs: 0,
      missed: hasTruth ? missed + pairs : 0,
      spurious: hasPredicted ? spurious + pairs : 0,
    };
  }
}
