import type { SparseMatrix } from "@/core/sparse.ts";
import { type AnnDataHandle } from "@/formats/anndata/mod.ts";
import { openDuckDb } from "@/formats/parquet/mod.ts";
import {
  imageInput,
  pointsInput,
  reportInput,
  shapesInput,
  tableInput,
} from "@/formats/spatialdata/stage_elements.ts";
import { type ImagePyramid, type Points, selectPoints } from "@/formats/spatialdata/mod.ts";
import type { Slide } from "@/pipeline/slide.ts";
import {
  addToHexGrid,
  type Figure,
  type FigureNote,
  hexGrid,
  type SlideWindow,
} from "@/plots/mod.ts";
import {
  alignmentWindows,
  alignmentZoom,
  dapiWithNuclei,
  heOverDapi,
  nucleusCountsQc,
  slideThumbnails,
  transcriptDensity,
} from "@/plots/chapter_1/mod.ts";
import type { Shapes } from "@/formats/spatialdata/mod.ts";
import type { ResolutionReport } from "@/stages/1_01_check_resolution.ts";
import type { ProcessSlideReport } from "@/stages/process_slide_report.ts";
import { readSlideWindow } from "@/vision/slide_window.ts";

const PANEL_PX = 640;
const HEXAGON_UM = 20;
const DETAIL_UM = 150;
const GOOD_QUALITY = 20;

/** What the figures of chapter 1 are drawn from: opened once, read when a figure needs it. */
export interface Chapter1Data {
  /** Marks that every figure carries. */
  readonly notes: readonly FigureNote[];
  /** Sizes of pixels. */
  readonly resolution: ResolutionReport;
  /** Findings of stage 1-02. */
  readonly findings: ProcessSlideReport;
  /** Morphology image. */
  readonly morpho: ImagePyramid;
  /** H&E, if there is one. */
  readonly he: ImagePyramid | undefined;
  /** Transcripts. */
  readonly transcripts: Points;
  /** Nuclei, µm. */
  readonly nuclei: Shapes;
  /** Counts in nuclei. */
  readonly table: AnnDataHandle;
}

/** Opens what chapter 1 made of a slide. */
export async function openChapter1(slide: Slide): Promise<Chapter1Data> {
  const hasHe = slide.isDone("1-03");
  return {
    notes: slide.manifest.simulated ? ["simulated"] : [],
    resolution: await slide.open(reportInput<ResolutionReport>("check_resolution")),
    findings: await slide.open(reportInput<ProcessSlideReport>("process_slide")),
    morpho: await slide.open(imageInput("morpho")),
    he: hasHe ? await slide.open(imageInput("he")) : undefined,
    transcripts: await slide.open(pointsInput("st")),
    nuclei: await slide.open(shapesInput("nucleus_boundaries")),
    table: await slide.open(tableInput("table_nuclei")),
  };
}

/** The whole slide: H&E, DAPI, both. */
export async function thumbnailsFigure(data: Chapter1Data): Promise<Figure> {
  const window = wholeSlide(data);
  const read = (image: ImagePyramid) => readWindow(data, image, window);
  return slideThumbnails({
    window,
    dapi: await read(data.morpho),
    ...(data.he === undefined ? {} : { he: await read(data.he) }),
    notes: data.notes,
  });
}

/** DAPI in the densest part of the slide, with the nuclei. */
export async function dapiFigure(data: Chapter1Data): Promise<Figure> {
  const window = await detailWindow(data);
  return dapiWithNuclei({
    window,
    dapi: await readWindow(data, data.morpho, window),
    nuclei: polygonsOf(data.nuclei),
    notes: data.notes,
  });
}

/** H&E over DAPI in the same part; `undefined` without an H&E. */
export async function heOverDapiFigure(data: Chapter1Data): Promise<Figure | undefined> {
  if (data.he === undefined) return undefined;
  const window = await detailWindow(data);
  return heOverDapi({
    window,
    dapi: await readWindow(data, data.morpho, window),
    he: await readWindow(data, data.he, window),
    notes: data.notes,
  });
}

/** A few places at full detail, with the nuclei over H&E and DAPI; `undefined` without an H&E. */
export async function alignmentFigure(data: Chapter1Data): Promise<Figure | undefined> {
  const { he, morpho, nuclei, notes } = data;
  if (he === undefined) return undefined;
  const windows = alignmentWindows(await centroidsOf(data), 3, DETAIL_UM);
  const sites = [];
  for (const window of windows) {
    sites.push({
      window,
      he: await readWindow(data, he, window),
      dapi: await readWindow(data, morpho, window),
    });
  }
  return alignmentZoom({ sites, nuclei: polygonsOf(nuclei), notes });
}

/** Transcripts per nucleus, areas, and one against the other. */
export async function nucleusFigure({ table, notes }: Chapter1Data): Promise<Figure> {
  const counts = rowSums(await table.readX() as SparseMatrix);
  const areasUm2 = await table.column("obs", "area") as Float64Array;
  return nucleusCountsQc({ counts, areasUm2, notes });
}

/** Where the transcripts are. */
export async function densityFigure(data: Chapter1Data): Promise<Figure> {
  const { transcripts, findings, notes } = data;
  const grid = hexGrid(wholeSlide(data), HEXAGON_UM);
  const hasQuality = transcripts.columns.some(({ name }) => name === "qv");
  let good = 0;
  using db = await openDuckDb({ memoryBytes: 512e6, threads: 2 });
  for await (
    const batch of db.stream(selectPoints(transcripts, ["x", "y", ...hasQuality ? ["qv"] : []]))
  ) {
    addToHexGrid(grid, batch.numbers("x") as Float32Array, batch.numbers("y") as Float32Array);
    if (hasQuality) good += countAtLeast(batch.numbers("qv") as Float32Array, GOOD_QUALITY);
  }
  return transcriptDensity({
    grid,
    transcripts: transcripts.rowCount,
    inNuclei: findings.transcripts.inNucleus,
    ...(hasQuality ? { goodQuality: good } : {}),
    notes,
  });
}

function countAtLeast(values: Float32Array, limit: number): number {
  let count = 0;
  for (const value of values) if (value >= limit) count++;
  return count;
}

function wholeSlide({ morpho, resolution }: Chapter1Data): SlideWindow {
  const [, height, width] = morpho.levels[0].shape;
  const um = resolution.morphology.umPerPixel;
  return { x: 0, y: 0, width: width * um, height: height * um };
}

function readWindow({ resolution }: Chapter1Data, image: ImagePyramid, window: SlideWindow) {
  return readSlideWindow(image, resolution.morphology.umPerPixel, window, PANEL_PX);
}

async function detailWindow(data: Chapter1Data): Promise<SlideWindow> {
  return alignmentWindows(await centroidsOf(data), 1, DETAIL_UM)[0];
}

async function centroidsOf({ table }: Chapter1Data): Promise<Float64Array> {
  const spatial = await table.element("obsm/spatial") as { data: Float64Array };
  return spatial.data;
}

function polygonsOf({ geometries }: Shapes) {
  if (geometries.kind === "polygons") return geometries.polygons;
  throw new TypeError("Cannot draw nuclei: found points, expected polygons");
}

function rowSums({ data, indptr }: SparseMatrix): Float64Array {
  const sums = new Float64Array(indptr.length - 1);
  for (let row = 0; row < sums.length; row++) {
    for (let k = Number(indptr[row]); k < indptr[row + 1]; k++) sums[row] += Number(data[k]);
  }
  return sums;
}
