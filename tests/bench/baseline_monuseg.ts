/**
 * How good and how fast the baseline is on real H&E: Dice and PQ of the three tiles of MoNuSeg with the
 * parameters that are shipped, and milliseconds for a patch. With `--grid`, also with parameters chosen on
 * two tiles and tried on the third, for each of the three: what to expect of other slides. Ten minutes.
 *
 * deno run -A tests/bench/baseline_monuseg.ts [--grid]
 */
import {
  BASELINE,
  type BaselineOptions,
  BaselineSegmenter,
  baselineTypes,
  StainHistogram,
} from "@/vision/baseline/mod.ts";
import { binaryOverlap, panopticQuality } from "@/vision/metrics/mod.ts";
import { cpuUsage } from "node:process";
import {
  MONUSEG_TILE,
  MONUSEG_TILES,
  MONUSEG_UM_PER_PX,
  type MonusegTile,
  readMonusegTile,
} from "../vision/baseline/monuseg.ts";

const FOLDER = `${Deno.env.get("STHELAR_TEST_DATA") ?? "../shared/data"}/he_monuseg`;
const PATCH = 256, STEP = 192, PER_ROW = 4;

/** What is tried with `--grid`: every combination. */
const GRID: { readonly [Option in keyof BaselineOptions]?: readonly number[] } = {
  localShare: [0.5, 1],
  thresholdShare: [0.85, 0.95, 1.05],
  openingUm: [0.5, 0.75, 1],
  riseUm: [0.15, 0.25, 0.4],
  borderShare: [0.3, 0.4, 0.5],
  minContrast: [0.1, 0.2, 0.3],
};

interface Score {
  readonly dice: number;
  readonly pq: number;
}

function scoresOf(tiles: readonly MonusegTile[], options: BaselineOptions): Score[] {
  const segmenter = new BaselineSegmenter(MONUSEG_TILE, MONUSEG_UM_PER_PX, options);
  const labels = new Int32Array(MONUSEG_TILE.width * MONUSEG_TILE.height);
  return tiles.map(({ rgb, truth }) => {
    const histogram = new StainHistogram();
    segmenter.count(rgb, histogram);
    segmenter.segment(rgb, histogram.otsu(), labels);
    return {
      dice: binaryOverlap(truth, labels).dice,
      pq: panopticQuality(truth, labels)!.pq,
    };
  });
}

function meanOf(scores: readonly Score[]): Score {
  const mean = (part: keyof Score) =>
    scores.reduce((sum, score) => sum + score[part], 0) / scores.length;
  return { dice: mean("dice"), pq: mean("pq") };
}

function tell(what: string, { dice, pq }: Score, more = ""): void {
  console.log(`  ${what.padEnd(26)} Dice ${dice.toFixed(3)}  PQ ${pq.toFixed(3)}  ${more}`);
}

function combinations(): Partial<BaselineOptions>[] {
  return Object.entries(GRID).reduce<Partial<BaselineOptions>[]>(
    (all, [option, values]) =>
      all.flatMap((chosen) => values.map((value) => ({ ...chosen, [option]: value }))),
    [{}],
  );
}

/** Chooses by Dice and PQ together on all tiles but one, and tries that one. */
function tellLeftOut(tiles: readonly MonusegTile[]): void {
  const tried = combinations().map((options) => ({
    options,
    scores: scoresOf(tiles, { ...BASELINE, ...options }),
  }));
  const bestBy = (isSeen: (tile: number) => boolean) =>
    tried.map((one) => {
      const { dice, pq } = meanOf(one.scores.filter((_, tile) => isSeen(tile)));
      return { ...one, value: dice + pq };
    }).reduce((a, b) => b.value > a.value ? b : a);
  console.log(`  best of ${tried.length} combinations on the other two tiles`);
  const leftOut = tiles.map(({ name }, tile) => {
    const { options, scores } = bestBy((other) => other !== tile);
    tell(name, scores[tile], JSON.stringify(options));
    return scores[tile];
  });
  tell("mean", meanOf(leftOut));
  const all = bestBy(() => true);
  tell("best on all three", meanOf(all.scores), JSON.stringify(all.options));
}

function patchesOf({ rgb }: MonusegTile): Uint8Array[] {
  return Array.from({ length: PER_ROW ** 2 }, (_, i) => {
    const [x0, y0] = [i % PER_ROW * STEP, Math.floor(i / PER_ROW) * STEP];
    const patch = new Uint8Array(3 * PATCH * PATCH);
    for (let row = 0; row < PATCH; row++) {
      const from = 3 * ((y0 + row) * MONUSEG_TILE.width + x0);
      patch.set(rgb.subarray(from, from + 3 * PATCH), 3 * PATCH * row);
    }
    return patch;
  });
}

/** Processor time of nuclei and classes of a patch: the best of five turns, the first a warm-up. */
function tellTime(tiles: readonly MonusegTile[]): void {
  const size = { width: PATCH, height: PATCH };
  const segmenter = new BaselineSegmenter(size, MONUSEG_UM_PER_PX);
  const patches = tiles.flatMap(patchesOf), labels = new Int32Array(PATCH * PATCH);
  const histogram = new StainHistogram();
  for (const patch of patches) segmenter.count(patch, histogram);
  const threshold = histogram.otsu();
  const times = Array.from({ length: 6 }, () => {
    const before = cpuUsage().user;
    for (const patch of patches) {
      segmenter.segment(patch, threshold, labels);
      baselineTypes(labels, size, segmenter.stain, threshold, MONUSEG_UM_PER_PX);
    }
    return (cpuUsage().user - before) / 1e3 / patches.length;
  });
  console.log(`  ${Math.min(...times.slice(1)).toFixed(1)} ms of processor time for a patch`);
}

const tiles: MonusegTile[] = [];
for (const name of MONUSEG_TILES) tiles.push(await readMonusegTile(FOLDER, name));
const shipped = scoresOf(tiles, BASELINE);
tiles.forEach(({ name }, tile) => tell(name, shipped[tile]));
tell("mean", meanOf(shipped));
tellTime(tiles);
if (Deno.args.includes("--grid")) tellLeftOut(tiles);
