import { SthelarError } from "@/core/errors.ts";
import { type Progress, silentProgress } from "@/core/progress.ts";
import { Turns } from "@/core/turns.ts";
import { type InstanceMaps, openInstanceMaps } from "@/formats/cellvit/mod.ts";
import type { PatchSet, StoredPatchMasks } from "@/formats/patches/mod.ts";
import { WorkerPool } from "@/numerics/workers/mod.ts";
import { packBlock, unpackBlock } from "./block_bytes.ts";
import { type MatchedMaps, matchPublishedMaps } from "./match_published_maps.ts";
import {
  type BlockInput,
  BlockPredictor,
  type PredictAnswers,
  type PredictInputs,
  type PredictionRules,
} from "./predict_tasks.ts";
import { type BlockContent, PredictedBlock } from "./predicted_block.ts";
import { predictorInfo, type PredictorSpec } from "./predictor.ts";

/** How patches are predicted. */
export interface PredictOptions {
  /** What the constants of pairing are for (default 40). */
  readonly magnification?: 40 | 20;
  /** Patches that are predicted at once, and kept together (default 32). */
  readonly blockPatches?: number;
  /** Workers; 1 predicts in this thread (default 1). */
  readonly workers?: number;
  /** Told of each block. */
  readonly progress?: Progress;
  /** Stops. */
  readonly signal?: AbortSignal | undefined;
  /** Told how published maps fit the patches, before the first block. */
  matched?(maps: MatchedMaps): void;
  /** What an unfinished run has kept of a block; damaged bytes are computed again. */
  kept?(block: number): Promise<Uint8Array | undefined>;
  /** Keeps a block for the run after a kill. */
  keep?(block: number, bytes: Uint8Array): Promise<void>;
}

const BLOCK_PATCHES = 32;
const BLOCKS_AHEAD = 2;
/** Where classes are not told there are background and nucleus. */
const UNTOLD_CLASSES = 2;

/**
 * Predicts the patches of a set, block by block and in order, and compares them with the masks. The
 * results do not depend on the workers, nor on the blocks that were kept; a few blocks are in memory.
 *
 * Predicted nuclei whose classes are not told are of the first class, as all those of the masks are: as
 * published.
 *
 * @throws {SthelarError} `IdMismatch` for published maps of none of the patches, `CorruptData` for one
 *   that is damaged or of another size; `Aborted`.
 *
 * @example One patch, with a map that somebody has published
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { writeInstanceMaps } from "@/formats/cellvit/mod.ts";
 * import { localDisk, MemoryDisk } from "@/formats/disk/mod.ts";
 * import { openSparseNpz, sparseNpzBytes, sparseOf } from "@/formats/npz/mod.ts";
 * import { PatchSet } from "@/formats/patches/mod.ts";
 * import { predictPatches } from "@/vision/predict/mod.ts";
 *
 * const nucleus = new Int32Array(256).fill(1, 64, 128);
 * const disk = new MemoryDisk(), path = await Deno.makeTempFile({ suffix: ".h5" });
 * await disk.write("/masks.npz", await sparseNpzBytes(sparseOf(nucleus, [256, 1])));
 * const masks = await openSparseNpz(disk, "/masks.npz");
 * const images = { kind: "npy", read: () => Promise.resolve(new Uint8Array(768)) } as const;
 * const set = new PatchSet("/", undefined, Int32Array.of(7), 16, images, masks, masks);
 * const map = { name: "heart_s0_7", instances: nucleus, shape: [16, 16] as const };
 * await writeInstanceMaps(localDisk, path, [map]);
 * for await (const block of predictPatches(set, { kind: "published", path, slide: "heart_s0" })) {
 *   assertEquals([block.nuclei[0], block.predicted[0], block.evaluations[0]?.dice], [1, 1, 1]);
 * }
 * await Deno.remove(path);
 * ```
 */
export async function* predictPatches(
  set: PatchSet,
  spec: PredictorSpec,
  options: PredictOptions = {},
): AsyncGenerator<PredictedBlock> {
  const { blockPatches = BLOCK_PATCHES, workers = 1, progress = silentProgress } = options;
  const rules: PredictionRules = {
    ...{ spec, patchWidth: set.patchWidth, magnification: options.magnification ?? 40 },
    classes: predictorInfo(spec).classes?.length ?? UNTOLD_CLASSES,
  };
  using maps = spec.kind === "published"
    ? await openInstanceMaps(spec.path, spec.slide)
    : undefined;
  const matched = maps && matchPublishedMaps(maps, set);
  if (matched !== undefined) options.matched?.(matched);
  const reader = new BlockReader(set, maps);
  using pool = workers === 1 ? undefined : startPool(workers, options.signal);
  if (pool !== undefined) {
    await Promise.all(Array.from({ length: workers }, (_, k) => pool.ask(k, "start", rules)));
  }
  const here = pool === undefined ? new BlockPredictor(rules) : undefined;
  const compute = async (block: number, [first, end]: readonly [number, number]) => {
    const input = await reader.read(first, end);
    const content = here?.predict(input) ??
      await pool!.ask(block % workers, "predict", input, buffersOf(input));
    await options.keep?.(block, packBlock(content, rules));
    return content;
  };
  const count = Math.ceil(set.count / blockPatches);
  const turns = new Turns("Stopped predicting nuclei", options.signal);
  const asked: Promise<BlockContent>[] = [];
  for (let block = 0, next = 0; block < count; block++) {
    await turns.next();
    while (next < Math.min(count, block + (pool === undefined ? 1 : workers * BLOCKS_AHEAD))) {
      const range = [next * blockPatches, Math.min(set.count, (next + 1) * blockPatches)] as const;
      const bytes = await options.kept?.(next);
      const patches = set.patchIds.slice(...range);
      const kept = bytes && unpackBlock(bytes, { first: range[0], patches, rules });
      const answer = kept === undefined ? compute(next, range) : Promise.resolve(kept);
      // An answer that is never waited for fails nothing.
      answer.catch(() => {});
      asked.push(answer);
      next++;
    }
    const content = await asked.shift()!;
    yield new PredictedBlock(content);
    progress.update(content.first + content.patches.length, set.count, "patches");
  }
}

function startPool(workers: number, signal: AbortSignal | undefined) {
  return new WorkerPool<PredictInputs, PredictAnswers>(
    new URL("./predict_worker.ts", import.meta.url),
    {
      size: workers,
      action: "Cannot predict nuclei",
      stopped: "Stopped predicting nuclei",
      signal,
    },
  );
}

function buffersOf({ masks, pictures }: BlockInput): ArrayBuffer[] {
  return [
    ...masks.flatMap(({ instances, nucleusIds }) => [instances.buffer, nucleusIds.buffer]),
    ...(pictures ?? []).map(({ buffer }) => buffer),
  ];
}

/** Reads what a block is predicted from; one block after another, since masks are read forwards. */
class BlockReader {
  readonly #set: PatchSet;
  readonly #maps: InstanceMaps | undefined;
  #last: Promise<unknown> = Promise.resolve();

  constructor(set: PatchSet, maps: InstanceMaps | undefined) {
    this.#set = set;
    this.#maps = maps;
  }

  read(first: number, end: number): Promise<BlockInput> {
    const read = this.#last.then(() => this.#read(first, end));
    this.#last = read.catch(() => {});
    return read;
  }

  async #read(first: number, end: number): Promise<BlockInput> {
    const patches = this.#set.patchIds.slice(first, end);
    const masks: StoredPatchMasks[] = [];
    for (let index = first; index < end; index++) masks.push(await this.#set.nuclei(index));
    if (this.#maps !== undefined) {
      return { first, patches, masks, given: Array.from(patches, (patch) => this.#map(patch)) };
    }
    const pictures: Uint8Array<ArrayBuffer>[] = [];
    for (let index = first; index < end; index++) pictures.push(await this.#set.image(index));
    return { first, patches, masks, pictures };
  }

  #map(patch: number): Int32Array | undefined {
    const found = this.#maps?.read(patch), { patchWidth } = this.#set;
    if (found === undefined) return undefined;
    const { shape: [height, width], instances } = found;
    if (height === patchWidth && width === patchWidth) return instances;
    throw new SthelarError("CorruptData", {
      action: `Cannot compare the predictions of patch ${patch} in "${this.#maps!.path}"`,
      found: `a map of ${height} x ${width} px`,
      expected: `${patchWidth} x ${patchWidth} px, as the patches`,
      remedy: "cut patches of that size: --param 3-01.patchWidth=PX",
      path: this.#maps!.path,
    });
  }
}
