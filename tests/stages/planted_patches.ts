import { packPolygons } from "@/core/polygons.ts";
import { defineStage } from "@/core/stage.ts";
import { affineXY, identity, type ShapesSpec } from "@/formats/spatialdata/mod.ts";
import { imageOutput, shapesOutput } from "@/formats/spatialdata/stage_elements.ts";
import { definePipeline } from "@/pipeline/pipeline.ts";
import { Slide } from "@/pipeline/slide.ts";
import { buildPatches } from "@/stages/3_01_build_patches.ts";
import { budget, sourceInput } from "./planting.ts";

/** µm of a pixel of `global`, as shapes are scaled to it. */
const GLOBAL_UM = 0.2;
/** A pixel of the H&E is 2 of `global`, mirrored in y, moved. */
const HE = { scale: 2, x: 100, y: 5000 } as const;

/** A closed ring in px of the H&E. */
export type PxRing = readonly number[];

/** What is planted; rings are in px of the H&E. */
export interface PlantedPatches {
  readonly width?: number;
  readonly height?: number;
  /** Nuclei by id. */
  readonly nuclei: ReadonlyMap<string, PxRing>;
  /** Cells by id. */
  readonly cells: ReadonlyMap<string, PxRing>;
  /** Whether there is an H&E (default yes). */
  readonly he?: boolean;
  /** Px of `global` that the H&E is moved by. */
  readonly shift?: number;
  /** The picture of the H&E (default {@link plantedPixel}). */
  readonly pixel?: (x: number, y: number) => readonly [number, number, number];
  /** Sizes of the levels below level 0. */
  readonly levels?: readonly (readonly [y: number, x: number])[];
}

/** A square with its corner at x, y. */
export function square(x: number, y: number, side: number): PxRing {
  return [x, y, x + side, y, x + side, y + side, x, y + side, x, y];
}

/** The pixel of the planted H&E: red tells the column, green the row. */
export function plantedPixel(x: number, y: number): [number, number, number] {
  return [x & 255, y & 255, (x >> 8) * 16 + (y >> 8)];
}

function shapesOf(rings: ReadonlyMap<string, PxRing>): ShapesSpec {
  const toUm = (ring: PxRing) =>
    ring.map((px, i) => GLOBAL_UM * (i % 2 === 0 ? HE.scale * px + HE.x : HE.y - HE.scale * px));
  return {
    ids: [...rings.keys()],
    geometries: packPolygons([...rings.values()].map((ring) => [[toUm(ring)]])),
    transformations: new Map([["global", {
      type: "scale",
      factors: { x: 1 / GLOBAL_UM, y: 1 / GLOBAL_UM },
    }]]),
  };
}

/** Stages that plant nuclei, cells and H&E, and the one that cuts them into patches. */
export function plantPatches(planted: PlantedPatches) {
  const { width = 600, height = 500, nuclei, cells, shift = 0, levels = [] } = planted;
  const { pixel: pixelOf = plantedPixel } = planted;
  const plantShapes = defineStage({
    id: "1-02",
    name: "plant",
    version: 1,
    doc: "Plants nuclei and cells.",
    inputs: {},
    outputs: {
      nuclei: shapesOutput("nucleus_boundaries"),
      cells: shapesOutput("cell_boundaries"),
    },
    params: {},
    budget,
    run: () => Promise.resolve({ nuclei: shapesOf(nuclei), cells: shapesOf(cells) }),
  });
  const plantHe = defineStage({
    id: "1-03",
    name: "plant_he",
    version: 1,
    doc: "Plants an H&E.",
    inputs: { he: sourceInput("he", "H&E image (--he)") },
    outputs: { he: imageOutput("he") },
    params: {},
    budget,
    async run(_inputs, _params, ctx) {
      const rows = [[HE.scale, 0, HE.x + shift], [0, -HE.scale, HE.y]] as const;
      const writer = await ctx.out.he.create({
        ...{ shape: [3, height, width], dtype: "uint8", channels: ["r", "g", "b"] },
        tile: [3, 128, 160],
        transformations: new Map([["global", affineXY(rows)], ["other", identity]]),
        pyramid: { kind: "given", sizes: levels },
      });
      for (const [level, [h, w]] of [[height, width] as const, ...levels].entries()) {
        for (let row = 0; row * 128 < h; row++) {
          for (let column = 0; column * 160 < w; column++) {
            const [th, tw] = [Math.min(128, h - row * 128), Math.min(160, w - column * 160)];
            const tile = new Uint8Array(3 * th * tw);
            for (let i = 0; i < th * tw; i++) {
              const pixel = pixelOf(column * 160 + i % tw, row * 128 + Math.floor(i / tw));
              for (let k = 0; k < 3; k++) tile[k * th * tw + i] = pixel[k];
            }
            await writer.writeTile({ level, row, column }, tile);
          }
        }
      }
      return {};
    },
  });
  return [plantShapes, plantHe, buildPatches];
}

/** Opens a slide with planted nuclei, cells and H&E. */
export function openPlantedPatches(
  folder: string,
  planted: PlantedPatches,
  { params = {}, threads = 1 }: {
    readonly params?: Readonly<Record<string, unknown>>;
    readonly threads?: number;
  } = {},
): Promise<Slide> {
  return Slide.open("heart_s9", {
    pipeline: definePipeline(plantPatches(planted)),
    out: `${folder}/out`,
    data: folder,
    sources: { bundle: folder, ...(planted.he === false ? {} : { he: folder }) },
    params: { "3-01": params },
    limits: { memoryBytes: 2e9, threads },
  });
}
