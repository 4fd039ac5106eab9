import { catalogueSlide, type ClusteringChoice, type CombinedChoice } from "./catalogue.ts";

/** Given parameters, by stage id and name. */
export type GivenParams = Readonly<Record<string, Readonly<Record<string, unknown>>>>;

/** The three slides with so many neighbours were clustered on a GPU, by tools with other defaults. */
const GPU_NEIGHBOURS = 20;
const GPU_MIN_DIST = 0.6;

/**
 * The parameters that differ between the published slides: how nuclei and cells were clustered, and
 * into how many bins of transcripts they were put.
 *
 * @param given What the user wants otherwise.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { withPublishedParams } from "@/pipeline/published_params.ts";
 *
 * const params = withPublishedParams("kidney_s0", { "2-03a": { neighbours: 15 } });
 * assertEquals(params["2-03a"].principalComponents, 19);
 * assertEquals(params["2-03a"].neighbours, 15);
 * assertEquals(withPublishedParams("skin_s1", {})["2-10"].nucleusComponents, 15);
 * assertEquals(withPublishedParams("my_slide", {}), {});
 * ```
 */
export function withPublishedParams(slide: string, given: GivenParams): GivenParams {
  const published = catalogueSlide(slide);
  if (published === undefined) return given;
  return {
    ...given,
    "2-03a": { ...clusteringParams(published.nucleiClustering), ...given["2-03a"] },
    "2-05a": { ...clusteringParams(published.cellsClustering), ...given["2-05a"] },
    ...(published.combined === undefined
      ? {}
      : { "2-10": { ...combinedParams(published.combined), ...given["2-10"] } }),
    ...published.transcriptQuantiles === undefined
      ? {}
      : { "2-07": { quantiles: published.transcriptQuantiles, ...given["2-07"] } },
  };
}

/** How a table was clustered, as parameters of the stage that does it. */
function clusteringParams(choice: ClusteringChoice): Record<string, unknown> {
  return {
    neighbours: choice.neighbors,
    principalComponents: choice.principalComponents,
    resolutions: choice.leidenResolutions,
    ...(choice.neighbors === GPU_NEIGHBOURS ? { minDist: GPU_MIN_DIST } : {}),
  };
}

/** How nuclei and cells were combined, as parameters of the stage that does it. */
function combinedParams(
  { leidenResolutions, ...choice }: CombinedChoice,
): Record<string, unknown> {
  return { ...choice, resolutions: leidenResolutions };
}
