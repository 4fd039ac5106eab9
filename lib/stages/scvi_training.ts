import type { ParamValues } from "@/core/params.ts";
import type { StageContext } from "@/core/stage.ts";
import { parseSafetensors, type Safetensors, writeSafetensors } from "@/formats/safetensors/mod.ts";
import {
  type CountSource,
  type ScviHistory,
  type ScviLosses,
  scviMetadata,
  type ScviModel,
  scviModelOf,
  type ScviOptions,
  trainScvi,
} from "@/numerics/scvi/mod.ts";
import type { scviParams } from "./scvi_params.ts";
import type { ScviCurves, ScviTraining } from "./scvi_report.ts";

/** A model, and how it was learned. */
export interface TrainedScvi {
  readonly model: ScviModel;
  readonly training: ScviTraining;
}

type Context = Pick<
  StageContext<Record<never, never>>,
  "random" | "limits" | "progress" | "signal" | "checkpoints"
>;

/** The trained model, for a run that is killed after training. */
const CHECKPOINT = "trained.safetensors";

/**
 * Trains a model, unless an unfinished run of the same stage has.
 *
 * @param counts Counts of the cells.
 * @param genes Names of its columns.
 * @param samples Sample of each cell, if the model is to tell samples apart.
 */
export async function trainedScvi(
  counts: CountSource,
  genes: readonly string[],
  params: ParamValues<typeof scviParams>,
  { random, limits, progress, signal, checkpoints }: Context,
  samples?: ScviOptions["samples"],
): Promise<TrainedScvi> {
  const kept = await checkpoints.read(CHECKPOINT);
  if (kept !== undefined) {
    const { tensors, metadata: { training, ...metadata } } = parseSafetensors(kept, CHECKPOINT);
    return { model: scviModelOf(tensors, metadata), training: JSON.parse(training) };
  }
  const { hidden, latent, dropout, epochs, batchSize, learningRate, weightDecay, trainShare } =
    params;
  const { klWarmupEpochs, plateauPatience, plateauFactor, stopPatience, stopMinDelta } = params;
  const { model, history } = await trainScvi(counts, genes, {
    ...{ hidden, latent, dropout, epochs, batchSize, learningRate, weightDecay, trainShare },
    ...{ klWarmupEpochs, plateauPatience, plateauFactor, stopPatience, stopMinDelta },
    ...{ random: random.split("train"), threads: limits.threads, progress, signal },
    ...(samples === undefined ? {} : { samples }),
  });
  const training = trainingOf(history);
  const { tensors, metadata } = modelFile(model);
  const bytes = writeSafetensors(tensors, { ...metadata, training: JSON.stringify(training) });
  await checkpoints.write(CHECKPOINT, bytes);
  return { model, training };
}

/** A model as it is kept. */
export function modelFile(model: ScviModel): Safetensors {
  return { tensors: model.tensors, metadata: scviMetadata(model) };
}

function trainingOf(history: ScviHistory): ScviTraining {
  const { epochs, stoppedEarly, learningRate, train, validation } = history;
  return {
    ...{ epochs, stoppedEarly, learningRate: rounded(learningRate) },
    ...{ train: curvesOf(train), validation: curvesOf(validation) },
  };
}

function curvesOf({ loss, elbo, reconstruction, klLocal, klGlobal }: ScviLosses): ScviCurves {
  return {
    loss: rounded(loss),
    elbo: rounded(elbo),
    reconstruction: rounded(reconstruction),
    klLocal: rounded(klLocal),
    klGlobal: rounded(klGlobal),
  };
}

function rounded(values: Float64Array): number[] {
  return Array.from(values, (value) => Number(value.toPrecision(7)));
}
