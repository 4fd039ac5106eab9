import { assert, assertAlmostEquals, assertEquals } from "@std/assert";
import { Random } from "@/core/random.ts";
import { SlideMasks } from "@/vision/registration/mod.ts";

const WIDTH = 256, STEP = 192, GRID = 5;
const SIZE = (GRID - 1) * STEP + WIDTH;

interface Shift {
  readonly x: number;
  readonly y: number;
}

/** Labels of nuclei on an image, where each is moved by a shift, px. */
function image(shiftAt: (x: number, y: number) => Shift, share = 1, extra = 0): Int32Array {
  const places = new Random("places"), draw = new Random("draw");
  const labels = new Int32Array(SIZE * SIZE);
  const disk = (x: number, y: number, radius: number, label: number) => {
    const [top, bottom] = [Math.max(0, Math.floor(y - radius)), Math.min(SIZE, y + radius + 1)];
    const [left, right] = [Math.max(0, Math.floor(x - radius)), Math.min(SIZE, x + radius + 1)];
    for (let row = top; row < bottom; row++) {
      for (let column = left; column < right; column++) {
        if (Math.hypot(column - x, row - y) < radius) labels[row * SIZE + column] = label;
      }
    }
  };
  for (let i = 1; i <= 500; i++) {
    const [x, y] = [SIZE * places.uniform(), SIZE * places.uniform()];
    const radius = 10 + 8 * places.uniform(), shift = shiftAt(x, y);
    if (draw.uniform() < share) disk(x + shift.x, y + shift.y, radius, i);
  }
  for (let i = 0; i < extra; i++) disk(SIZE * draw.uniform(), SIZE * draw.uniform(), 14, 1000 + i);
  return labels;
}

function patchOf(labels: Int32Array, x0: number, y0: number): Int32Array {
  const patch = new Int32Array(WIDTH * WIDTH);
  for (let row = 0; row < WIDTH; row++) {
    const from = (y0 + row) * SIZE + x0;
    patch.set(labels.subarray(from, from + WIDTH), row * WIDTH);
  }
  return patch;
}

/** Adds the patches of a grid, but for some. */
function added(
  masks: SlideMasks,
  truth: Int32Array,
  predicted: Int32Array,
  without: readonly number[] = [],
): SlideMasks {
  for (let patch = 0; patch < GRID * GRID; patch++) {
    if (without.includes(patch)) continue;
    const [x0, y0] = [patch % GRID * STEP, Math.floor(patch / GRID) * STEP];
    masks.add(x0, y0, WIDTH, patchOf(truth, x0, y0), patchOf(predicted, x0, y0));
  }
  return masks;
}

const still = { x: 0, y: 0 };
const truth = image(() => still);

for (const umPerPixel of [0.2125, 0.5]) {
  // Coarse masks are those of the largest slides: seven pixels a side.
  for (const maxPixels of [80e6, (SIZE / 7) ** 2]) {
    const masks = () => new SlideMasks({ ...{ width: SIZE, height: SIZE }, umPerPixel, maxPixels });
    const what = `${umPerPixel} µm a pixel, masks of ${masks().umPerPx.toFixed(2)}`;
    Deno.test(`SlideMasks find shifts within 0.5 µm with missing and false nuclei: ${what}`, () => {
      for (const [dxUm, dyUm] of [[0, 0], [2, -1], [-5, 3.3], [10, 0.4]]) {
        const shift = { x: dxUm / umPerPixel, y: dyUm / umPerPixel };
        const predicted = image(() => shift, 0.7, 60);
        const { whole } = added(masks(), truth, predicted, [7, 24]).register(15);
        const error = Math.hypot(whole.best!.dxUm - dxUm, whole.best!.dyUm - dyUm);
        assert(error < 0.5, `(${dxUm}, ${dyUm}): off by ${error} µm`);
        assert(whole.confidence > 5, `(${dxUm}, ${dyUm}): confidence ${whole.confidence}`);
      }
    });
  }
}

Deno.test("SlideMasks tell quarters that are shifted apart", () => {
  const predicted = image((x, y) => ({ x: x < SIZE / 2 ? -12 : 12, y: y < SIZE / 2 ? 8 : -8 }));
  const masks = new SlideMasks({ width: SIZE, height: SIZE, umPerPixel: 0.25 });
  const { quarters } = added(masks, truth, predicted).register(10);
  const expected = [[-3, 2], [3, 2], [-3, -2], [3, -2]];
  quarters.forEach(({ best }, i) => {
    assertAlmostEquals(best!.dxUm, expected[i][0], 0.5);
    assertAlmostEquals(best!.dyUm, expected[i][1], 0.5);
  });
});

Deno.test("SlideMasks count pixels once, from the patch that has them further within", () => {
  const empty = new Int32Array(WIDTH * WIDTH), full = empty.slice().fill(1);
  const scoreOf = (order: readonly number[]) => {
    const masks = new SlideMasks({ width: STEP + WIDTH, height: WIDTH, umPerPixel: 0.5 });
    // Two patches that share 64 px; what is predicted at their edges differs.
    const edges = full.map((_, p) => p % WIDTH < 24 || p % WIDTH >= WIDTH - 24 ? 0 : 1);
    for (const k of order) masks.add(k * STEP, 0, WIDTH, full, edges);
    masks.add(0, 0, WIDTH, full, edges);
    return masks.register(2).whole.unshifted;
  };
  assertEquals(scoreOf([0, 1]), scoreOf([1, 0]));
  const none = new SlideMasks({ width: WIDTH, height: WIDTH, umPerPixel: 0.5 });
  none.add(0, 0, WIDTH, full, empty);
  assertEquals(none.register(2).whole.best, undefined);
});

Deno.test("SlideMasks find a shift of scattered patches, whose places alone agree without any", () => {
  const predicted = image(() => ({ x: 40, y: -20 }), 0.5, 250);
  const masks = new SlideMasks({ width: SIZE, height: SIZE, umPerPixel: 0.25 });
  const every2nd = Array.from({ length: GRID * GRID }, (_, i) => i).filter((i) => i % 2 === 0);
  const { best, confidence } = added(masks, truth, predicted, every2nd).register(15).whole;
  assertAlmostEquals(best!.dxUm, 10, 0.5);
  assertAlmostEquals(best!.dyUm, -5, 0.5);
  assert(confidence > 5, `${confidence}`);
});

Deno.test("SlideMasks of the largest slides stay within bytes that were set", () => {
  const masks = new SlideMasks({ width: 75_000, height: 51_000, umPerPixel: 0.2125 });
  assert(masks.umPerPx < 1.6, `${masks.umPerPx} µm`);
});
