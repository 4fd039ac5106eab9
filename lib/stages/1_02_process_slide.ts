import { constantCategorical } from "@/core/categorical.ts";
import { SthelarError } from "@/core/errors.ts";
import { encodeCellId } from "@/core/ids.ts";
import { booleanParam, choiceParam, optionalNumberParam, type ParamValues } from "@/core/params.ts";
import { defineStage, type StageContext } from "@/core/stage.ts";
import type { AnnData, Column } from "@/formats/anndata/mod.ts";
import { openDuckDb } from "@/formats/parquet/mod.ts";
import { identity, type Transformation } from "@/formats/spatialdata/mod.ts";
import {
  imageOutput,
  pointsOutput,
  reportOutput,
  shapesOutput,
  tableOutput,
} from "@/formats/spatialdata/stage_elements.ts";
import {
  type Boundaries,
  checkIds,
  imageFiles,
  openTranscripts,
  readBoundaries,
  type Transcripts,
  type XeniumBundle,
} from "@/formats/xenium/mod.ts";
import { xeniumBundleInput } from "@/formats/xenium/bundle_input.ts";
import { type PointCounts, polygonAreas, polygonCentroids } from "@/geometry/mod.ts";
import { countInPolygons } from "@/numerics/count_in_polygons.ts";
import { copyChannels } from "@/vision/copy_channels.ts";
import { type ProcessSlideReport, processSlideReport } from "./process_slide_report.ts";

const REGION = "nucleus_boundaries";
const TABLES = ["cells", "nucleusBoundaries", "cellBoundaries", "transcripts", "matrix"] as const;
const ROLES = ["manifest", "morphologyFocus", ...TABLES] as const;

const params = {
  minQv: optionalNumberParam("Lowest quality of a transcript that is counted", {
    min: 0,
    max: 60,
    unit: "Phred",
  }),
  invalidPolygons: choiceParam(
    ["error", "drop"],
    "What becomes of nuclei with fewer than three distinct vertices",
  ),
  parity: booleanParam(
    false,
    "As published: a transcript in two nuclei counts in both, kit images get an empty channel",
  ),
};

type Params = ParamValues<typeof params>;

const outputs = {
  morpho: imageOutput("morpho"),
  st: pointsOutput("st"),
  nuclei: shapesOutput(REGION),
  table: tableOutput("table_nuclei", {
    region: REGION,
    regionKey: "region",
    instanceKey: "cell_id",
  }),
  report: reportOutput<ProcessSlideReport>("process_slide"),
};

type Context = StageContext<typeof outputs>;

/**
 * 1-2: a Xenium bundle becomes the elements of a SpatialData store: morphology image, transcripts,
 * nuclei, and the counts of every feature in each nucleus. Original: `_1-2_process_slide.py`.
 */
export const processSlide = defineStage({
  id: "1-02",
  name: "process_slide",
  version: 1,
  doc: "Morphology, transcripts and nuclei of the bundle; transcripts counted in nuclei.",
  inputs: { bundle: xeniumBundleInput(ROLES) },
  outputs,
  params,
  budget: ({ cells, transcripts, morphologyPixels }) => ({
    memoryBytes: 750e6 + cells * 3000 + transcripts * 4,
    seconds: 3 + morphologyPixels / 8e6 + transcripts / 1e6,
  }),
  async run({ bundle }, params, ctx) {
    using db = await openDuckDb({
      memoryBytes: Math.min(1e9, ctx.limits.memoryBytes / 4),
      threads: ctx.limits.threads,
      tempFolder: ctx.scratch,
      signal: ctx.signal,
    });
    await checkIds(bundle, db);
    const transcripts = await openTranscripts(bundle, db);
    const nuclei = await readBoundaries(bundle, db, "nucleus", { invalid: params.invalidPolygons });
    if (nuclei.dropped.length > 0) {
      ctx.warn(`${nuclei.dropped.length} invalid nucleus polygons left out: see the report`);
    }
    const pixelSizeUm = await copyMorphology(bundle, params, ctx);
    const toPixels: Transformation = {
      type: "scale",
      factors: { x: 1 / pixelSizeUm, y: 1 / pixelSizeUm },
    };
    await copyTranscripts(transcripts, toPixels, ctx);
    const counts = await countInNuclei(transcripts, nuclei, params, ctx);
    const ids = nuclei.cellIds.map((_, row) => encodeCellId(row));
    return {
      nuclei: {
        ids,
        geometries: nuclei.polygons,
        transformations: new Map([["global", toPixels]]),
      },
      table: nucleusTable(ids, nuclei, counts, await transcripts.features()),
      report: processSlideReport(bundle, pixelSizeUm, transcripts, nuclei, counts),
    };
  },
});

/** Copies the focus images into `morpho` and returns the size of a pixel, µm. */
async function copyMorphology(bundle: XeniumBundle, params: Params, ctx: Context): Promise<number> {
  const { channels } = await imageFiles(bundle);
  const imagePixelSizeUm = await copyChannels(channels, ctx.out.morpho.create, {
    emptyChannels: params.parity && channels.length > 1 ? ["dummy"] : [],
    threads: ctx.limits.threads,
    progress: ctx.progress,
    signal: ctx.signal,
  });
  const pixelSizeUm = bundle.manifest.pixelSizeUm ?? imagePixelSizeUm;
  if (pixelSizeUm !== undefined) return pixelSizeUm;
  throw new SthelarError("NotFound", {
    action: `Cannot find the pixel size of the bundle "${bundle.root}"`,
    found: "none in experiment.xenium, none in the morphology image",
    expected: "micrometres a pixel, as in 0.2125",
    remedy: 'copy "experiment.xenium" of the bundle into the folder',
    path: bundle.root,
  });
}

/** Copies the transcripts into `st` under their published names, file to file. */
async function copyTranscripts(
  transcripts: Transcripts,
  toPixels: Transformation,
  ctx: Context,
): Promise<void> {
  const hasZ = transcripts.columns.some(({ name }) => name === "z");
  const writer = await ctx.out.st.create({
    axes: hasZ ? ["x", "y", "z"] : ["x", "y"],
    featureKey: "feature_name",
    instanceKey: "cell_id",
    transformations: new Map([["global", toPixels], ["_st_intrinsic", identity]]),
  });
  await writer.fromQuery(transcripts.db, transcripts.selectSql());
}

/** Counts every feature in each nucleus. */
async function countInNuclei(
  transcripts: Transcripts,
  { polygons }: Boundaries,
  { minQv, parity }: Params,
  { progress }: Context,
): Promise<PointCounts> {
  const batches = transcripts.stream({
    columns: ["x", "y", "feature_code"],
    ...(minQv === undefined ? {} : { minQv }),
  });
  return await countInPolygons(batches, polygons, (await transcripts.features()).length, {
    rule: parity ? "all" : "first",
    onBatch: (points) => progress.update(points, transcripts.rowCount, "transcripts"),
  });
}

function nucleusTable(
  ids: readonly string[],
  { cellIds, polygons }: Boundaries,
  { matrix }: PointCounts,
  features: readonly string[],
): AnnData {
  return {
    X: matrix,
    obs: {
      index: ids,
      columns: new Map<string, Column>([
        ["region", constantCategorical(REGION, ids.length)],
        ["slide", constantCategorical("morpho", ids.length)],
        ["cell_id", ids],
        ["area", polygonAreas(polygons)],
        ["xenium_cell_id", cellIds],
      ]),
    },
    var: { index: features, columns: new Map() },
    varm: {},
    obsp: {},
    varp: {},
    layers: {},
    obsm: { spatial: { data: polygonCentroids(polygons), shape: [ids.length, 2] } },
    uns: new Map([["sopa_attrs", new Map([["transcripts", true], ["intensities", false]])]]),
  };
}
