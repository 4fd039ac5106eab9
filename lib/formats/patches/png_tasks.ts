import type { Tasks } from "@/numerics/workers/mod.ts";
import { encodePng } from "./encode_png.ts";

/** What workers are asked. */
export interface PngInputs {
  readonly encode: { readonly rgb: Uint8Array<ArrayBuffer>; readonly width: number };
}

/** What they answer. */
export interface PngAnswers {
  readonly encode: Uint8Array<ArrayBuffer>;
}

export const PNG_TASKS: Tasks<PngInputs, PngAnswers> = {
  encode: ({ rgb, width }) => encodePng(rgb, width, width),
};
