import type { MultiPolygons } from "@/core/polygons.ts";
import { type Progress, silentProgress } from "@/core/progress.ts";
import { Turns } from "@/core/turns.ts";
import { onSharedMemory, WorkerPool } from "@/numerics/workers/mod.ts";
import type { MaskShapes } from "./mask_shapes.ts";
import { patchCandidates, type PatchGrid } from "./patch_grid.ts";
import type { PatchMaskOptions } from "./patch_mask_options.ts";
import { type MaskAnswers, type MaskInputs, withoutUnkept } from "./patch_mask_tasks.ts";
import { type PatchMask, PatchMaskDrawer } from "./patch_masks.ts";
import { polygonBounds } from "./ring.ts";

/** How the masks of many patches are drawn. */
export interface PatchMaskStreamOptions extends PatchMaskOptions {
  /** Patches to draw, in this order; by default all that have a nucleus in reach, ascending. */
  readonly patches?: Int32Array;
  /** Workers; 1 draws in this thread (default 1). */
  readonly workers?: number;
  /** Told of each patch. */
  readonly progress?: Progress;
  /** Stops the drawing. */
  readonly signal?: AbortSignal;
}

/** Patches that a worker draws at once: what waits for the reader is bounded by them. */
const BLOCK_PATCHES = 16;
const BLOCKS_AHEAD = 2;

/**
 * Draws the masks of many patches, in order: the number of workers changes nothing but the time.
 *
 * @param shapes Valid polygons, as from `prepareMaskShapes`.
 * @returns Each patch, also those that are not kept: these without pixels. The pixels of a patch may be
 *   overwritten when the next is asked for.
 * @throws {SthelarError} `Aborted`, or `StageFailed` if a worker dies.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { packPolygons } from "@/core/polygons.ts";
 * import { patchGrid, patchMasks } from "@/geometry/mod.ts";
 *
 * const square = packPolygons([[[[20, 20, 40, 20, 40, 40, 20, 40, 20, 20]]]]);
 * const shapes = { nuclei: square, cells: square, ids: Int32Array.of(1) };
 * const kept = [];
 * for await (const mask of patchMasks(shapes, patchGrid(500, 300))) kept.push(mask.patch);
 * assertEquals(kept, [0]);
 * ```
 */
export async function* patchMasks(
  shapes: MaskShapes,
  grid: PatchGrid,
  options: PatchMaskStreamOptions = {},
): AsyncGenerator<PatchMask> {
  const { workers = 1, progress = silentProgress, signal, patches: wanted, ...rules } = options;
  const candidates = patchCandidates(grid, polygonBounds(shapes.nuclei));
  const patches = wanted ?? Int32Array.from(patchesWithCandidates(candidates.start));
  const source = { shapes, grid, candidates, options: rules };
  const masks = workers === 1
    ? drawHere(new PatchMaskDrawer(shapes, grid, candidates, rules), patches, signal)
    : drawInWorkers(source, patches, workers, signal);
  let done = 0;
  for await (const mask of masks) {
    yield mask;
    progress.update(++done, patches.length, "patches");
  }
}

function* patchesWithCandidates(start: Int32Array): Generator<number> {
  for (let patch = 0; patch < start.length - 1; patch++) {
    if (start[patch + 1] > start[patch]) yield patch;
  }
}

async function* drawHere(
  drawer: PatchMaskDrawer,
  patches: Int32Array,
  signal: AbortSignal | undefined,
): AsyncGenerator<PatchMask> {
  const turns = new Turns("Stopped drawing masks", signal);
  for (const patch of patches) {
    await turns.next();
    yield withoutUnkept(drawer.draw(patch));
  }
}

async function* drawInWorkers(
  { shapes, candidates, ...source }: MaskInputs["start"],
  patches: Int32Array,
  workers: number,
  signal: AbortSignal | undefined,
): AsyncGenerator<PatchMask> {
  using pool = new WorkerPool<MaskInputs, MaskAnswers>(
    new URL("./patch_mask_worker.ts", import.meta.url),
    {
      size: workers,
      action: "Cannot draw masks",
      stopped: "Stopped drawing masks",
      signal,
    },
  );
  const shared = {
    ...source,
    shapes: {
      nuclei: shareFlat(shapes.nuclei),
      cells: shareFlat(shapes.cells),
      ids: onSharedMemory(shapes.ids),
    },
    candidates: {
      start: onSharedMemory(candidates.start),
      rows: onSharedMemory(candidates.rows),
    },
  };
  await Promise.all(
    Array.from({ length: workers }, (_, worker) => pool.ask(worker, "start", shared)),
  );
  const blocks = Math.ceil(patches.length / BLOCK_PATCHES);
  const asked: Promise<readonly PatchMask[]>[] = [];
  for (let block = 0, next = 0; block < blocks; block++) {
    while (next < Math.min(blocks, block + workers * BLOCKS_AHEAD)) {
      const part = patches.slice(next * BLOCK_PATCHES, (next + 1) * BLOCK_PATCHES);
      const answer = pool.ask(next % workers, "draw", part);
      // An answer that is never waited for fails nothing.
      answer.catch(() => {});
      asked.push(answer);
      next++;
    }
    yield* await asked.shift() as readonly PatchMask[];
  }
}

function shareFlat({ xy, ringStart, polygonStart, geometryStart }: MultiPolygons): MultiPolygons {
  return {
    xy: onSharedMemory(xy),
    ringStart: onSharedMemory(ringStart),
    polygonStart: onSharedMemory(polygonStart),
    geometryStart: onSharedMemory(geometryStart),
  };
}
