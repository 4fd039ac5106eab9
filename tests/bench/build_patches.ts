/**
 * Stage 3-01 on a synthetic slide, pictures and masks and all: by default of the size of the published
 * slide of middle size, 24,544 x 10,645 px with 26,366 nuclei.
 *
 * deno run -A tests/bench/build_patches.ts [WIDTH HEIGHT NUCLEI]
 */
import { encodeCellId } from "@/core/ids.ts";
import { parseParams } from "@/core/params.ts";
import { silentProgress } from "@/core/progress.ts";
import { Random } from "@/core/random.ts";
import { localDisk } from "@/formats/disk/mod.ts";
import { createImageWriter, identity, writeShapes } from "@/formats/spatialdata/mod.ts";
import { openCheckpoints } from "@/pipeline/checkpoints.ts";
import { slideFolder } from "@/pipeline/slide_folder.ts";
import { buildPatches } from "@/stages/3_01_build_patches.ts";
import { peakMb, resetPeak } from "./shared/measure.ts";
import { HEART_NUCLEI, syntheticNuclei } from "./shared/synthetic_nuclei.ts";

const TILE = 512;
const global = new Map([["global", identity]]);

/** A texture that deflates about as tissue does: waves, and noise of three bits. */
async function writeHe(root: string, width: number, height: number): Promise<void> {
  const writer = await createImageWriter(localDisk, root, {
    ...{ name: "he", shape: [3, height, width], dtype: "uint8", channels: ["r", "g", "b"] },
    ...{ tile: [3, TILE, TILE], transformations: global },
    pyramid: { kind: "given", sizes: [] },
  });
  let state = 1;
  for (let row = 0; row * TILE < height; row++) {
    for (let column = 0; column * TILE < width; column++) {
      const [h, w] = [Math.min(TILE, height - row * TILE), Math.min(TILE, width - column * TILE)];
      const tile = new Uint8Array(3 * h * w);
      for (let i = 0; i < tile.length; i++) {
        state = (1664525 * state + 1013904223) >>> 0;
        const wave = 40 * Math.sin((i % w) / 11) * Math.cos(Math.floor(i / w) / 17);
        tile[i] = 180 + wave + (state >>> 29);
      }
      await writer.writeTile({ row, column }, tile);
    }
  }
  await writer.finish();
}

async function run(folder: string): Promise<string> {
  const location = { resolve: (node: string) => `${folder}/${node}`, disk: localDisk };
  const { he, nuclei, cells } = buildPatches.inputs;
  const writer = buildPatches.outputs.patches.open({ root: `${folder}/out`, disk: localDisk });
  await Deno.mkdir(`${folder}/scratch`);
  await resetPeak();
  const start = performance.now();
  const opened = {
    he: await he.open(location),
    nuclei: await nuclei.open(location),
    cells: await cells.open(location),
  };
  const { report } = await buildPatches.run(opened, parseParams("3-01", buildPatches.params, {}), {
    out: { patches: writer },
    ...{ slide: { id: "heart_s0", simulated: true }, random: new Random("patches") },
    ...{ progress: silentProgress, signal: new AbortController().signal },
    limits: { memoryBytes: 4e9, threads: navigator.hardwareConcurrency },
    scratch: `${folder}/scratch`,
    checkpoints: openCheckpoints(localDisk, slideFolder(folder, "heart_s0"), "3-01", ""),
    ...{ inform: () => {}, warn: console.warn, note: () => {} },
  });
  const drawn = performance.now();
  await writer.finish();
  const [draw, finish] = [drawn - start, performance.now() - drawn].map((ms) => ms / 1e3);
  return `${report.patches.kept} patches, ${report.nuclei.instances} instances: ` +
    `${(draw + finish).toFixed(1)} s (masks and pictures ${draw.toFixed(1)}, npz ` +
    `${finish.toFixed(1)}), ${(await peakMb()).toFixed(0)} MB peak`;
}

const [width, height, count] = [HEART_NUCLEI.width, HEART_NUCLEI.height, HEART_NUCLEI.count]
  .map((usual, i) => Number(Deno.args[i] ?? usual));
const folder = await Deno.makeTempDir({ prefix: "build_patches_" });
try {
  await writeHe(folder, width, height);
  const ids = Array.from({ length: count }, (_, i) => encodeCellId(i));
  const shapes = syntheticNuclei({ ...HEART_NUCLEI, width, height, count });
  for (const [name, geometries] of [["nucleus", shapes.nuclei], ["cell", shapes.cells]] as const) {
    const spec = { ids, geometries, transformations: global };
    await writeShapes(localDisk, folder, `${name}_boundaries`, spec);
  }
  console.log(await run(folder));
} finally {
  await Deno.remove(folder, { recursive: true });
}
