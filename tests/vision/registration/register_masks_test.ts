import { Random } from "@/core/random.ts";
import { SthelarError } from "@/core/errors.ts";
import { registerMasks, type SlideMask } from "@/vision/registration/mod.ts";
import { assert, assertEquals, assertThrows } from "@std/assert";

/** 2 x 2 pixels of 0.2125 µm. */
const UM_PER_PX = 0.425;
const SIZE = 640;

interface Nuclei {
  readonly dxUm: number;
  readonly dyUm: number;
  readonly share?: number;
  readonly extra?: number;
  readonly jitterUm?: number;
}

/** Disks at random places, of which a part is drawn, moved and jittered; and others elsewhere. */
function nuclei({ dxUm, dyUm, share = 1, extra = 0, jitterUm = 0 }: Nuclei): SlideMask {
  const places = new Random("places"), draw = new Random("draw");
  const data = new Float32Array(SIZE * SIZE);
  const disk = (x: number, y: number, radius: number) => {
    for (let row = Math.floor(y - radius); row <= y + radius; row++) {
      for (let column = Math.floor(x - radius); column <= x + radius; column++) {
        const isInside = (column + 0.5 - x) ** 2 + (row + 0.5 - y) ** 2 < radius ** 2;
        const isOnSlide = column >= 0 && column < SIZE && row >= 0 && row < SIZE;
        if (isInside && isOnSlide) data[row * SIZE + column] = 1;
      }
    }
  };
  for (let i = 0; i < 400; i++) {
    const [x, y] = [SIZE * places.uniform(), SIZE * places.uniform()];
    const radius = 5 + 5 * places.uniform();
    const jitter = () => jitterUm / UM_PER_PX * draw.normal();
    if (draw.uniform() >= share) continue;
    disk(x + dxUm / UM_PER_PX + jitter(), y + dyUm / UM_PER_PX + jitter(), radius);
  }
  for (let i = 0; i < extra; i++) disk(SIZE * draw.uniform(), SIZE * draw.uniform(), 7);
  return { data, width: SIZE, height: SIZE, umPerPx: UM_PER_PX };
}

const truth = nuclei({ dxUm: 0, dyUm: 0 });

for (const shiftUm of [0, 2, 5, 10]) {
  Deno.test(`registerMasks() finds a shift of ${shiftUm} µm within 0.5 µm, with noise and missing nuclei`, () => {
    const angle = 0.7 + shiftUm;
    const [dxUm, dyUm] = [shiftUm * Math.cos(angle), shiftUm * Math.sin(angle)];
    const predicted = nuclei({ dxUm, dyUm, share: 0.6, extra: 120, jitterUm: 0.8 });
    const { whole, quarters } = registerMasks(truth, predicted, 20);
    for (const [i, { best, confidence }] of [whole, ...quarters].entries()) {
      const error = Math.hypot(best!.dxUm - dxUm, best!.dyUm - dyUm);
      assert(error < 0.5, `window ${i}: ${error} µm`);
      assert(confidence > 5, `window ${i}: confidence ${confidence}`);
    }
  });
}

Deno.test("registerMasks() scores lower the farther the masks are shifted", () => {
  const scores = [0, 2, 5].map((dxUm) =>
    registerMasks(truth, nuclei({ dxUm, dyUm: 0 }), 20).whole.unshifted!
  );
  assert(scores[0] > scores[1] && scores[1] > scores[2], `${scores}`);
});

Deno.test("registerMasks() is not sure about masks that have nothing to do with each other", () => {
  const predicted = nuclei({ dxUm: 0, dyUm: 0, share: 0, extra: 300 });
  const { whole } = registerMasks(truth, predicted, 20);
  assert(whole.confidence < 5, `${whole.confidence}`);
});

Deno.test("registerMasks() finds nothing in empty masks", () => {
  const empty = { ...truth, data: new Float32Array(SIZE * SIZE) };
  for (const { best, confidence, curve } of registerMasks(truth, empty, 20).quarters) {
    assertEquals({ best, confidence, curve }, { best: undefined, confidence: 0, curve: [] });
  }
});

Deno.test("registerMasks() finds the same shift on masks so large that rows are left out", () => {
  // 10.24 million pixels: every second row is compared.
  const factor = 5;
  const enlarge = ({ data, ...grid }: SlideMask): SlideMask => {
    const side = SIZE * factor, large = new Uint8Array(side * side);
    for (let p = 0; p < large.length; p++) {
      const [x, y] = [Math.floor(p % side / factor), Math.floor(p / side / factor)];
      large[p] = data[y * SIZE + x];
    }
    return { ...grid, data: large, width: side, height: side };
  };
  const [dxUm, dyUm] = [1.7, -3.3];
  const predicted = nuclei({ dxUm, dyUm, share: 0.6, extra: 120 });
  const { whole, quarters } = registerMasks(enlarge(truth), enlarge(predicted), 20);
  for (const { best } of [whole, ...quarters]) {
    // Five pixels are of the size of one before.
    assert(Math.hypot(best!.dxUm / factor - dxUm, best!.dyUm / factor - dyUm) < 0.3);
  }
});

Deno.test("registerMasks() goes by shares, on whatever scale", () => {
  const predicted = nuclei({ dxUm: 2, dyUm: 1 });
  const scaled = (by: number) => ({ ...predicted, data: predicted.data.map((v) => v * by) });
  const bests = [1, 0.02, 900].map((by) => registerMasks(truth, scaled(by), 20).whole.best);
  assertEquals(bests[1], bests[0]);
  assertEquals(bests[2], bests[0]);
});

Deno.test("registerMasks() refuses masks of different grids", () => {
  assertThrows(
    () => registerMasks(truth, { ...truth, umPerPx: 0.5 }, 20),
    SthelarError,
    "found 640 x 640 px of 0.5 µm, expected 640 x 640 px of 0.425 µm",
  );
});
