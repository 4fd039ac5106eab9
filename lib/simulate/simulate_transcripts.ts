import type { Random } from "@/core/random.ts";
import type { CellTyping } from "./assign_types.ts";
import { CellLocator } from "./cell_locator.ts";
import { type CellShapes, DIRECTIONS, type Outlines } from "./cell_shapes.ts";
import {
  cellProgramInto,
  type ExpressionModel,
  HIGH_QUALITY_SHARE,
  pick,
} from "./expression_model.ts";
import { type FieldOfView, fieldsOfView } from "./fields_of_view.ts";
import { MOST_RETAINED, retentionScale } from "./nuclear_retention.ts";
import { PIXEL_UM, type SlidePlan } from "./slide_plan.ts";
import { emptyPlace, lookUp, type TissueMap } from "./tissue_map.ts";
import { TranscriptBlock } from "./transcript_block.ts";

/** Where each transcript of a cell truly came from, added up. */
export interface TranscriptTruth {
  /** Transcripts that each cell made. */
  readonly made: Int32Array;
  /** Those of them that lie in its own nuclei. */
  readonly madeInNucleus: Int32Array;
  /** Those of them that were found in another cell. */
  readonly leaked: Int32Array;
  /** Transcripts found in each cell that another cell, or none, made. */
  readonly received: Int32Array;
}

/** Parts of a slide that transcripts are drawn from. */
export interface TranscriptSource {
  readonly plan: SlidePlan;
  readonly map: TissueMap;
  readonly shapes: CellShapes;
  readonly typing: CellTyping;
  readonly model: ExpressionModel;
}

/** Share of transcripts that drift off; about two thirds of them end in another cell. */
const DRIFT_SHARE = 0.17;
const DRIFT_LEAST_UM = 2.5;
const DRIFT_MEAN_UM = 4.5;
/** Transcripts of no cell and of controls, a transcript of a cell. */
const AMBIENT_SHARE = 0.1;
const CONTROL_SHARE = 0.007, GENOMIC_CONTROL_SHARE = 0.025;
const CONTROL_HIGH_QUALITY = 0.6;
const GLASS_SHARE = 0.03;

/** Makes the transcripts of a slide, one field of view after the other. */
export class TranscriptGenerator {
  /** What came from where; complete when all fields have been made. */
  readonly truth: TranscriptTruth;
  /** The fields of view, in order. */
  readonly fields: readonly FieldOfView[];
  readonly #locator: CellLocator;
  readonly #ambient: Float64Array;
  readonly #program: Float64Array;
  readonly #cellsOf: readonly (readonly number[])[];

  constructor(readonly source: TranscriptSource, readonly random: Random) {
    const { plan, shapes, model } = source;
    const count = plan.cellCount;
    this.truth = {
      made: new Int32Array(count),
      madeInNucleus: new Int32Array(count),
      leaked: new Int32Array(count),
      received: new Int32Array(count),
    };
    const widthUm = plan.width * PIXEL_UM, heightUm = plan.height * PIXEL_UM;
    this.#locator = new CellLocator(shapes, widthUm, heightUm);
    this.fields = fieldsOfView(widthUm, heightUm);
    this.#program = new Float64Array(model.panel.genes.length);
    this.#ambient = ambientProgram(source);
    const cellsOf: number[][] = this.fields.map(() => []);
    for (let i = 0; i < count; i++) {
      const f = this.fields.findIndex(({ x0, y0, x1, y1 }) =>
        shapes.cells.x[i] >= x0 && shapes.cells.x[i] < x1 && shapes.cells.y[i] >= y0 &&
        shapes.cells.y[i] < y1
      );
      cellsOf[Math.max(0, f)].push(i);
    }
    this.#cellsOf = cellsOf;
  }

  /** The transcripts of one field of view, in random order. */
  make(field: number): TranscriptBlock {
    const random = this.random.split(`field ${field}`);
    const block = new TranscriptBlock();
    for (const cell of this.#cellsOf[field]) this.#addCell(block, cell, random);
    const inCells = block.length;
    this.#addAmbient(block, field, Math.round(inCells * AMBIENT_SHARE), false, random);
    const { genomicControls } = this.source.model.panel;
    const share = genomicControls.length > 0 ? GENOMIC_CONTROL_SHARE : CONTROL_SHARE;
    this.#addAmbient(block, field, Math.round(inCells * share), true, random);
    return shuffled(block, random.split("order"));
  }

  #addCell(block: TranscriptBlock, cell: number, random: Random): void {
    const { model, typing, shapes } = this.source;
    cellProgramInto(model, typing.typeOf[cell], cell, this.#program);
    const total = this.#program[this.#program.length - 1];
    const nuclei = shapes.nucleusStart[cell + 1] - shapes.nucleusStart[cell];
    const genes = this.#program.length, type = typing.typeOf[cell];
    const retention = model.retention.subarray(type * genes, (type + 1) * genes);
    const scale = retentionScale(this.#program, retention, model.nuclearShare[cell]);
    const point: [number, number] = [0, 0];
    for (let t = 0; t < model.depth[cell]; t++) {
      const gene = pick(this.#program, random.uniform() * total);
      const inNucleus = Math.min(MOST_RETAINED, scale * retention[gene]);
      const isNuclear = nuclei > 0 && random.uniform() < inNucleus;
      if (isNuclear) {
        const p = shapes.nucleusStart[cell] + random.integer(nuclei);
        pointInside(shapes.nuclei, p, random, point);
      } else this.#pointInCytoplasm(cell, random, point);
      if (random.uniform() < DRIFT_SHARE) {
        const angle = 2 * Math.PI * random.uniform();
        const distance = DRIFT_LEAST_UM - DRIFT_MEAN_UM * Math.log(1 - random.uniform());
        point[0] += distance * Math.cos(angle);
        point[1] += distance * Math.sin(angle);
      }
      this.#add(block, cell, gene, point, HIGH_QUALITY_SHARE, random);
    }
  }

  #pointInCytoplasm(cell: number, random: Random, point: [number, number]): void {
    for (let attempt = 0; attempt < 12; attempt++) {
      pointInside(this.source.shapes.cells, cell, random, point);
      if (!this.#locator.isInNucleusOf(cell, point[0], point[1])) return;
    }
  }

  #addAmbient(
    block: TranscriptBlock,
    field: number,
    count: number,
    isControl: boolean,
    random: Random,
  ): void {
    const { map, model: { panel } } = this.source;
    const { x0, y0, x1, y1 } = this.fields[field];
    const place = emptyPlace();
    for (let made = 0, tries = 0; made < count && tries < count * 60; tries++) {
      const point: [number, number] = [
        x0 + (x1 - x0) * random.uniform(),
        y0 + (y1 - y0) * random.uniform(),
      ];
      lookUp(map, point[0], point[1], place);
      if (place.tissueUm <= 0 && random.uniform() > GLASS_SHARE) continue;
      made++;
      const feature = isControl
        ? controlFeature(panel.genes.length, this.source, random)
        : pick(this.#ambient, random.uniform() * this.#ambient[this.#ambient.length - 1]);
      const quality = isControl ? CONTROL_HIGH_QUALITY : HIGH_QUALITY_SHARE - 0.12;
      this.#add(block, -1, feature, point, quality, random);
    }
  }

  #add(
    block: TranscriptBlock,
    origin: number,
    feature: number,
    point: readonly [number, number],
    highQuality: number,
    random: Random,
  ): void {
    const { plan } = this.source;
    const { um, qv } = plan.preset.grid;
    const x = onGrid(inside(point[0], plan.width * PIXEL_UM), um);
    const y = onGrid(inside(point[1], plan.height * PIXEL_UM), um);
    const cell = this.#locator.cellAt(x, y, origin);
    const inNucleus = cell >= 0 && this.#locator.isInNucleusOf(cell, x, y);
    const at = block.add();
    block.cell[at] = cell;
    block.feature[at] = feature;
    block.inNucleus[at] = inNucleus ? 1 : 0;
    block.x[at] = x;
    block.y[at] = y;
    block.z[at] = onGrid(16 + 1.9 * random.normal(), um);
    block.qv[at] = quality(highQuality, qv, random);
    block.nucleusDistance[at] = inNucleus
      ? 0
      : onGrid(Math.max(1 / 128, this.#locator.nucleusDistance(x, y)), um === 0 ? 0 : 1 / 128);
    const { made, madeInNucleus, leaked, received } = this.truth;
    if (origin >= 0) {
      made[origin]++;
      if (inNucleus && cell === origin) madeInNucleus[origin]++;
      if (cell >= 0 && cell !== origin) leaked[origin]++;
    }
    if (cell >= 0 && cell !== origin) received[cell]++;
  }
}

function onGrid(value: number, step: number): number {
  return step === 0 ? Math.fround(value) : Math.round(value / step) * step;
}

function inside(value: number, limit: number): number {
  return Math.min(limit - 0.02, Math.max(0.02, value));
}

/** A random point of an outline, evenly spread, by the triangles around its centre. */
function pointInside(
  { x, y, vertexX, vertexY }: Outlines,
  i: number,
  random: Random,
  point: [number, number],
): void {
  const at = i * DIRECTIONS;
  const cx = x[i], cy = y[i];
  let total = 0;
  const area = (k: number) => {
    const a = at + k, b = at + (k + 1) % DIRECTIONS;
    return Math.abs(
      (vertexX[a] * PIXEL_UM - cx) * (vertexY[b] * PIXEL_UM - cy) -
        (vertexX[b] * PIXEL_UM - cx) * (vertexY[a] * PIXEL_UM - cy),
    );
  };
  for (let k = 0; k < DIRECTIONS; k++) total += area(k);
  let rest = random.uniform() * total, k = 0;
  while (k < DIRECTIONS - 1 && rest > area(k)) rest -= area(k++);
  let u = random.uniform(), v = random.uniform();
  if (u + v > 1) {
    u = 1 - u;
    v = 1 - v;
  }
  const a = at + k, b = at + (k + 1) % DIRECTIONS;
  point[0] = cx + u * (vertexX[a] * PIXEL_UM - cx) + v * (vertexX[b] * PIXEL_UM - cx);
  point[1] = cy + u * (vertexY[a] * PIXEL_UM - cy) + v * (vertexY[b] * PIXEL_UM - cy);
}

/** Phred-like: often exactly 40, at least 20 with the given probability. */
function quality(highQuality: number, step: number, random: Random): number {
  const isHigh = random.uniform() < highQuality;
  const u = random.uniform();
  const value = isHigh ? (random.uniform() < 0.55 ? 40 : 20 + 20 * Math.sqrt(u)) : 19.9 * u ** 0.6;
  return step === 0 ? Math.fround(value) : Math.floor(value / step) * step;
}

/** How often each kind of control is found, relative to the others of the panel. */
const CONTROL_WEIGHTS = [
  ["negativeControlProbes", 2],
  ["negativeControlCodewords", 1],
  ["unassignedCodewords", 4],
  ["deprecatedCodewords", 2],
  ["genomicControls", 12],
] as const;

/** A random control; features are in the order of the weights, after the genes. */
function controlFeature(genes: number, { model: { panel } }: TranscriptSource, random: Random) {
  const kinds = CONTROL_WEIGHTS.filter(([kind]) => panel[kind].length > 0);
  const total = kinds.reduce((sum, [, weight]) => sum + weight, 0);
  const u = random.uniform();
  let first = genes, reached = 0;
  for (const [kind, weight] of kinds.slice(0, -1)) {
    reached += weight;
    if (u < reached / total) return first + random.integer(panel[kind].length);
    first += panel[kind].length;
  }
  return first + random.integer(panel[kinds[kinds.length - 1][0]].length);
}

/** What floats about: the mean of all cells. */
function ambientProgram({ model, typing }: TranscriptSource): Float64Array {
  const genes = model.panel.genes.length;
  const weight = new Float64Array(typing.types.length);
  typing.typeOf.forEach((t, i) => weight[t] += model.depth[i]);
  const cumulative = new Float64Array(genes);
  let sum = 0;
  for (let g = 0; g < genes; g++) {
    for (let t = 0; t < weight.length; t++) sum += weight[t] * model.programs[t * genes + g];
    cumulative[g] = sum;
  }
  return cumulative;
}

function shuffled(block: TranscriptBlock, random: Random): TranscriptBlock {
  const order = random.shuffle(Int32Array.from({ length: block.length }, (_, i) => i));
  const take = <T extends Int32Array | Uint16Array | Uint8Array | Float32Array>(from: T): T => {
    const to = from.slice(0, order.length) as T;
    for (let i = 0; i < order.length; i++) to[i] = from[order[i]];
    return to;
  };
  block.cell = take(block.cell);
  block.feature = take(block.feature);
  block.inNucleus = take(block.inNucleus);
  block.x = take(block.x);
  block.y = take(block.y);
  block.z = take(block.z);
  block.qv = take(block.qv);
  block.nucleusDistance = take(block.nucleusDistance);
  return block;
}
