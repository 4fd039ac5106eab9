/**
 * safetensors: named arrays in one file, as models are exchanged.
 * @module
 */
export { parseSafetensors, type Safetensors } from "./parse_safetensors.ts";
export { modelInput, modelOutput } from "./stage_model.ts";
export { writeSafetensors } from "./write_safetensors.ts";
