import { stages } from "@/stages/mod.ts";
import { definePipeline } from "./pipeline.ts";

/** The whole analysis. */
export const pipeline = definePipeline(stages);
