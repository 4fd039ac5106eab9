import { assertEquals, assertRejects, assertThrows } from "@std/assert";
import { SthelarError } from "@/core/errors.ts";
import { packPolygons } from "@/core/polygons.ts";
import {
  type MaskShapes,
  PARITY_MASKS,
  patchBox,
  patchCandidates,
  patchGrid,
  type PatchMask,
  PatchMaskDrawer,
  type PatchMaskOptions,
  patchMasks,
  type PatchMaskStreamOptions,
  polygonBounds,
  prepareMaskShapes,
  rasterise,
} from "@/geometry/mod.ts";
import { goldenCases } from "./golden_files.ts";

interface Slide {
  readonly nuclei: number[][];
  readonly cells: number[][];
  readonly masks: readonly (readonly number[][])[];
  readonly kept: readonly boolean[];
}

const GRID = patchGrid(100, 80, { patchWidth: 32, overlap: 8 });
const SLIDES = goldenCases<Slide>("mask_golden.json");

function rawShapes({ nuclei, cells }: Pick<Slide, "nuclei" | "cells">): MaskShapes {
  const ids = Int32Array.from(nuclei, (_, i) => i + 1);
  const packed = [nuclei, cells].map((rings) => packPolygons(rings.map((ring) => [[ring]])));
  return { nuclei: packed[0], cells: packed[1], ids };
}

async function shapesOf(slide: Pick<Slide, "nuclei" | "cells">): Promise<MaskShapes> {
  return (await prepareMaskShapes(rawShapes(slide))).shapes;
}

function drawerOf(shapes: MaskShapes, options?: PatchMaskOptions): PatchMaskDrawer {
  return new PatchMaskDrawer(
    shapes,
    GRID,
    patchCandidates(GRID, polygonBounds(shapes.nuclei)),
    options,
  );
}

function unpack(runs: readonly number[]): Int32Array {
  const mask: number[] = [];
  for (let k = 0; k < runs.length; k += 2) mask.push(...new Array(runs[k + 1]).fill(runs[k]));
  return Int32Array.from(mask);
}

SLIDES.forEach((slide, i) => {
  Deno.test(`parity draws the masks of a loop of shapely and scikit-image, slide ${i}`, async () => {
    const drawer = drawerOf(await shapesOf(slide), PARITY_MASKS);
    slide.masks.forEach((masks, patch) => {
      const { instances, nucleusIds, cellIds, verdict } = drawer.draw(patch);
      const [theirs, theirIds, theirCells] = masks.map(unpack);
      assertEquals(instances, theirs, `instances of patch ${patch}`);
      assertEquals(nucleusIds, theirIds, `nuclei of patch ${patch}`);
      assertEquals(cellIds, theirCells, `cells of patch ${patch}`);
      assertEquals(verdict === "kept", slide.kept[patch]);
    });
  });

  Deno.test(`the two maps and the two masks cannot disagree, slide ${i}`, async () => {
    const shapes = await shapesOf(slide);
    const drawer = drawerOf(shapes);
    for (let patch = 0; patch < GRID.count; patch++) {
      const { instances, nucleusIds, cellIds, rows, nuclei } = drawer.draw(patch);
      instances.forEach((n, pixel) => {
        assertEquals(nucleusIds[pixel], n === 0 ? 0 : shapes.ids[rows[n - 1]]);
      });
      const seen = (mask: Int32Array) => [...new Set(mask)].filter((value) => value > 0).sort();
      assertEquals(seen(nucleusIds), seen(cellIds));
      assertEquals(seen(instances).length, nuclei);
      assertEquals([rows.length, Math.max(0, ...instances)], [nuclei, nuclei]);
      assertEquals([...rows], [...rows].sort((a, b) => a - b));
    }
  });

  Deno.test(`a pixel shows the last nucleus over its centre, slide ${i}`, async () => {
    const shapes = await shapesOf(slide);
    const drawer = drawerOf(shapes);
    for (let patch = 0; patch < GRID.count; patch++) {
      const { instances, rows, leftOut } = drawer.draw(patch);
      if (leftOut.hidden > 0) continue;
      const [x, y] = patchBox(GRID, patch);
      const expected = new Int32Array(32 * 32);
      rows.forEach((row, n) => {
        const mask = rasterise(shapes.nuclei, row, { width: 32, height: 32, x, y });
        mask.forEach((value, pixel) => value > 0 && (expected[pixel] = n + 1));
      });
      assertEquals(instances, expected);
    }
  });
});

async function collect(shapes: MaskShapes, options: PatchMaskStreamOptions): Promise<PatchMask[]> {
  const masks: PatchMask[] = [];
  for await (const mask of patchMasks(shapes, GRID, options)) {
    const [instances, nucleusIds, cellIds] = [mask.instances, mask.nucleusIds, mask.cellIds];
    masks.push({
      ...mask,
      instances: instances.slice(),
      nucleusIds: nucleusIds.slice(),
      cellIds: cellIds.slice(),
    });
  }
  return masks;
}

Deno.test("the number of workers changes nothing", async () => {
  const shapes = await shapesOf(SLIDES[1]);
  const alone = await collect(shapes, PARITY_MASKS);
  assertEquals(
    alone.map(({ patch }) => patch),
    alone.map(({ patch }) => patch).sort((a, b) => a - b),
  );
  assertEquals(await collect(shapes, { ...PARITY_MASKS, workers: 2 }), alone);
});

Deno.test("only the patches that are asked for are drawn, in that order", async () => {
  const patches = Int32Array.of(7, 2);
  const masks = await collect(await shapesOf(SLIDES[0]), { patches });
  assertEquals(masks.map(({ patch }) => patch), [7, 2]);
});

Deno.test("drawing stops when it is told to, in workers too", async () => {
  const shapes = await shapesOf(SLIDES[0]);
  for (const workers of [1, 2]) {
    const signal = AbortSignal.abort();
    const error = await assertRejects(() => collect(shapes, { workers, signal }), SthelarError);
    assertEquals(error.tag, "Aborted");
  }
});

const square = (
  x: number,
  y: number,
  side: number,
) => [x, y, x + side, y, x + side, y + side, x, y + side, x, y];

Deno.test("nuclei at the edge are kept and flagged, dropped, or kept by their share (hover_net #238)", async () => {
  const shapes = await shapesOf({
    nuclei: [square(4, 4, 6), square(29, 4, 6), square(31, 20, 8)],
    cells: [square(2, 2, 10), square(27, 2, 10), square(28, 18, 14)],
  });
  const draw = (options: PatchMaskOptions) => drawerOf(shapes, options).draw(0);
  const kept = draw({});
  assertEquals([[...kept.rows], [...kept.isCut]], [[0, 1, 2], [0, 1, 1]]);
  const dropped = draw({ cutNuclei: "drop" });
  assertEquals([[...dropped.rows], dropped.leftOut.cut], [[0], 2]);
  const half = draw({ cutNuclei: { minFraction: 0.5 } });
  assertEquals([[...half.rows], half.leftOut.cut], [[0, 1], 1]);
  assertEquals(draw({ minNuclei: 4 }).verdict, "too few nuclei");
  assertEquals(drawerOf(shapes).draw(GRID.count - 1).verdict, "no nuclei");
});

Deno.test("a patch that cells cover wholly is kept, and dropped as published", async () => {
  const shapes = await shapesOf({ nuclei: [square(4, 4, 6)], cells: [square(-2, -2, 60)] });
  assertEquals(drawerOf(shapes).draw(0).verdict, "kept");
  assertEquals(drawerOf(shapes, { keepCovered: false }).draw(0).verdict, "covered by cells");
});

Deno.test("a nucleus that another hides, or without a cell here, is in no mask, and counted", async () => {
  const shapes = await shapesOf({
    nuclei: [square(4, 4, 4), square(2, 2, 8), square(20, 20, 4), square(13, 13, 0.2)],
    cells: [square(3, 3, 6), square(1, 1, 12), square(70, 40, 6), square(12, 12, 2)],
  });
  const { instances, nuclei, rows, leftOut } = drawerOf(shapes).draw(0);
  assertEquals([nuclei, [...rows], Math.max(...instances)], [1, [1], 1]);
  assertEquals([leftOut.hidden, leftOut.withoutCell, leftOut.withoutPixels], [1, 1, 1]);
});

Deno.test("polygons that stay invalid are listed with their cell, and in no mask", async () => {
  const raw = rawShapes({
    nuclei: [square(4, 4, 6), square(14, 4, 6), [1, 1, 2, 2, 3, 3, 1, 1]],
    cells: [square(2, 2, 10), [12, 2, NaN, 2, 24, 14, 12, 2], square(0, 0, 4)],
  });
  const { shapes, invalid, repaired } = await prepareMaskShapes(raw);
  assertEquals(repaired, []);
  assertEquals(invalid.map(({ id, shape, reason }) => [id, shape, reason]), [
    [3, "nucleus", invalid[0].reason],
    [2, "cell", "Invalid Coordinate"],
  ]);
  assertEquals([...drawerOf(shapes).draw(0).rows], [0]);
});

Deno.test("masks are refused for other numbers of cells, and options that cannot be right", async () => {
  const shapes = rawShapes({ nuclei: [square(4, 4, 6)], cells: [square(2, 2, 10)] });
  const short = { ...shapes, ids: new Int32Array(0) };
  await assertRejects(
    () => prepareMaskShapes(short),
    SthelarError,
    "1 nuclei, 1 cells and 0 numbers",
  );
  await assertRejects(() => prepareMaskShapes({ ...shapes, ids: Int32Array.of(0) }), SthelarError);
  for (const options of [{ minNuclei: 0 }, { cutNuclei: { minFraction: 2 } }]) {
    assertThrows(() => drawerOf(shapes, options), SthelarError, "Cannot draw masks");
  }
});
