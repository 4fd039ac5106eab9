import type { MultiPolygons } from "@/core/polygons.ts";
import type { Input } from "@/core/stage.ts";
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
import { polygonCentroids } from "@/geometry/mod.ts";
import type { Slide } from "@/pipeline/slide.ts";
import {
  addToHexGrid,
  type Figure,
  type FigureNote,
  hexGrid,
  type SlideImage,
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
import { transcriptsPerRow } from "./transcripts_per_row.ts";

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
  /** Nuclei, µm; read once. */
  readonly nuclei: () => Promise<MultiPolygons>;
  /** Counts in nuclei. */
  readonly table: AnnDataHandle;
}

/** What of it there is: a slide that was opened from a store may lack some. */
export type PartOfChapter1 = Pick<Chapter1Data, "notes"> & Partial<Chapter1Data>;

/** What a figure is drawn from. */
type Needs<K extends keyof Chapter1Data> = Pick<Chapter1Data, "notes" | K> & PartOfChapter1;

const INPUTS = {
  resolution: reportInput<ResolutionReport>("check_resolution"),
  findings: reportInput<ProcessSlideReport>("process_slide"),
  morpho: imageInput("morpho"),
  he: imageInput("he"),
  transcripts: pointsInput("st"),
  table: tableInput("table_nuclei"),
} as const;
const NUCLEI = shapesInput("nucleus_boundaries");

/**
 * Opens what chapter 1 made of a slide.
 *
 * @throws {SthelarError} `NotFound` if something other than the H&E is not there.
 */
export async function openChapter1(slide: Slide): Promise<Chapter1Data> {
  return {
    notes: notesOf(slide),
    resolution: await slide.open(INPUTS.resolution),
    findings: await slide.open(INPUTS.findings),
    morpho: await slide.open(INPUTS.morpho),
    he: slide.has("images/he") ? await slide.open(INPUTS.he) : undefined,
    transcripts: await slide.open(INPUTS.transcripts),
    nuclei: nucleiOf(slide),
    table: await slide.open(INPUTS.table),
  };
}

/** Opens what there is of chapter 1. */
export async function openPartOfChapter1(slide: Slide): Promise<PartOfChapter1> {
  const parts = new Map<string, unknown>();
  for (const [name, input] of Object.entries<Input<unknown>>(INPUTS)) {
    if (slide.has(input.names[0])) parts.set(name, await slide.open(input));
  }
  if (slide.has(NUCLEI.names[0])) parts.set("nuclei", nucleiOf(slide));
  return { notes: notesOf(slide), ...Object.fromEntries(parts) };
}

function notesOf({ manifest }: Slide): readonly FigureNote[] {
  return manifest.simulated ? ["simulated"] : [];
}

function nucleiOf(slide: Slide): Chapter1Data["nuclei"] {
  let nuclei: Promise<MultiPolygons> | undefined;
  return () => nuclei ??= slide.open(NUCLEI).then(polygonsOf);
}

/** The whole slide: H&E, DAPI, both. */
export async function thumbnailsFigure(
  data: Needs<"resolution" | "morpho">,
): Promise<Figure> {
  const window = wholeSlide(data);
  return slideThumbnails({
    window,
    dapi: await readDapi(data, window),
    ...(data.he === undefined ? {} : { he: await readHe(data, data.he, window) }),
    notes: data.notes,
  });
}

/** DAPI in the densest part of the slide, with the nuclei. */
export async function dapiFigure(
  data: Needs<"resolution" | "morpho" | "nuclei">,
): Promise<Figure> {
  const window = await detailWindow(data);
  return dapiWithNuclei({
    window,
    dapi: await readDapi(data, window),
    nuclei: await data.nuclei(),
    notes: data.notes,
  });
}

/** H&E over DAPI in the same part; `undefined` without an H&E. */
export async function heOverDapiFigure(
  data: Needs<"resolution" | "morpho" | "nuclei">,
): Promise<Figure | undefined> {
  if (data.he === undefined) return undefined;
  const window = await detailWindow(data);
  return heOverDapi({
    window,
    dapi: await readDapi(data, window),
    he: await readHe(data, data.he, window),
    notes: data.notes,
  });
}

/** A few places at full detail, with the nuclei over H&E and DAPI; `undefined` without an H&E. */
export async function alignmentFigure(
  data: Needs<"resolution" | "morpho" | "nuclei">,
): Promise<Figure | undefined> {
  const { he, nuclei, notes } = data;
  if (he === undefined) return undefined;
  const windows = alignmentWindows(await centroidsOf(data), 3, DETAIL_UM);
  const sites = [];
  for (const window of windows) {
    sites.push({
      window,
      he: await readHe(data, he, window),
      dapi: await readDapi(data, window),
    });
  }
  return alignmentZoom({ sites, nuclei: await nuclei(), notes });
}

/** Transcripts per nucleus, areas, and one against the other. */
export async function nucleusFigure({ table, notes }: Needs<"table">): Promise<Figure> {
  const counts = await transcriptsPerRow(table);
  const areasUm2 = await table.column("obs", "area") as Float64Array;
  return nucleusCountsQc({ counts, areasUm2, notes });
}

/** Where the transcripts are. */
export async function densityFigure(
  data: Needs<"resolution" | "morpho" | "transcripts" | "table">,
): Promise<Figure> {
  const { transcripts, findings, table, notes } = data;
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
    inNuclei: findings?.transcripts.inNucleus ?? sum(await transcriptsPerRow(table)),
    ...(hasQuality ? { goodQuality: good } : {}),
    notes,
  });
}

function sum(values: ArrayLike<number>): number {
  let total = 0;
  for (let i = 0; i < values.length; i++) total += values[i];
  return total;
}

function countAtLeast(values: Float32Array, limit: number): number {
  let count = 0;
  for (const value of values) if (value >= limit) count++;
  return count;
}

function wholeSlide({ morpho, resolution }: Needs<"morpho" | "resolution">): SlideWindow {
  const [, height, width] = morpho.levels[0].shape;
  const um = resolution.morphology.umPerPixel;
  return { x: 0, y: 0, width: width * um, height: height * um };
}

/** DAPI alone: the stains of a multi-channel image are not read. */
function readDapi(
  { morpho, resolution }: Needs<"morpho" | "resolution">,
  window: SlideWindow,
): Promise<SlideImage> {
  return readSlideWindow(morpho, resolution.morphology.umPerPixel, window, PANEL_PX, [0, 1]);
}

function readHe({ resolution }: Needs<"resolution">, he: ImagePyramid, window: SlideWindow) {
  return readSlideWindow(he, resolution.morphology.umPerPixel, window, PANEL_PX);
}

async function detailWindow(data: Needs<"nuclei">): Promise<SlideWindow> {
  return alignmentWindows(await centroidsOf(data), 1, DETAIL_UM)[0];
}

async function centroidsOf({ table, nuclei }: Needs<"nuclei">): Promise<Float64Array> {
  if (table === undefined) return polygonCentroids(await nuclei());
  const spatial = await table.element("obsm/spatial") as { data: Float64Array };
  return spatial.data;
}

function polygonsOf({ geometries }: Shapes): MultiPolygons {
  if (geometries.kind === "polygons") return geometries.polygons;
  throw new TypeError("Cannot draw nuclei: found points, expected polygons");
}
