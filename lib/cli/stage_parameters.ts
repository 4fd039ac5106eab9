import type { Param, ParamValue } from "@/core/params.ts";
import type { AnyStage } from "@/core/stage.ts";
import { alignColumns } from "./command.ts";

/**
 * The parameters of stages with their defaults, for the help.
 *
 * @example
 * ```ts
 * import { assertStringIncludes } from "@std/assert";
 * import { describeParameters } from "@/cli/stage_parameters.ts";
 * import { pipeline } from "@/pipeline/sthelar.ts";
 *
 * assertStringIncludes(describeParameters(pipeline.stages), "2-02.bagSize=10000 nuclei");
 * ```
 */
export function describeParameters(stages: readonly AnyStage[]): string {
  const rows = stages.flatMap(({ id, params }) =>
    Object.entries(params as Record<string, Param<ParamValue>>).map(([name, param]) => [
      `  ${id}.${name}=${param.default ?? "none"}${
        param.unit === undefined ? "" : ` ${param.unit}`
      }`,
      `${param.doc} (${param.allowed})`,
    ])
  );
  return `Parameters of stages and their defaults, for --param:\n${alignColumns(rows)}`;
}
