/** Paths of the files of a set of predictions. */
export interface PredictionFiles {
  readonly description: string;
  readonly instances: string;
  readonly results: string;
  readonly log: string;
  readonly alignment: string;
  readonly nucleusClasses: string;
}

/** Where the files of a set are. */
export function predictionFiles(folder: string, slide: string): PredictionFiles {
  return {
    description: `${folder}/predictions.json`,
    instances: `${folder}/inference_instance_map_predictions.h5`,
    results: `${folder}/inference_results.json`,
    log: `${folder}/inference.log`,
    alignment: `${folder}/alignment_${slide}.parquet`,
    nucleusClasses: `${folder}/nucleus_classes_${slide}.parquet`,
  };
}
