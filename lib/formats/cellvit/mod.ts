/**
 * Files of CellViT's inference: predicted instance maps, metrics, log.
 * @module
 */
export { inferenceLog, type InferenceLogExtras } from "./inference_log.ts";
export {
  type DetectionMetrics,
  type InferenceResults,
  inferenceResultsJson,
  type Metric,
  parseInferenceResults,
  type PatchMetrics,
  type PerPart,
  type TissueMetrics,
} from "./inference_results.ts";
export {
  type InstanceMap,
  InstanceMaps,
  type NamedInstanceMap,
  openInstanceMaps,
  writeInstanceMaps,
} from "./instance_maps.ts";
export { parsePatchName, type PatchName } from "./patch_name.ts";
export { parsePythonJson, type PythonJson, pythonJson } from "./python_json.ts";
