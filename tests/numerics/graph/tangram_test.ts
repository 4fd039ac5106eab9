import { assert, assertAlmostEquals, assertEquals } from "@std/assert";
import { Random } from "@/core/random.ts";
import * as t from "@/numerics/graph/mod.ts";

const CELLS = 37;
const SPOTS = 23;
const GENES = 11;

const random = new Random("tangram");
const values = (length: number, low = 0) =>
  Float32Array.from({ length }, () => Math.max(low, random.normal()));
const START = values(CELLS * SPOTS, -9);
const CELL_COUNTS = values(CELLS * GENES);
const SPOT_COUNTS = values(SPOTS * GENES);

/** Minus the mean cosine over genes and over spots. */
function objective(predicted: t.Tensor, measured: t.Tensor): t.Tensor {
  const overGenes = t.mean(t.cosineSimilarity(predicted, measured, 0));
  const overSpots = t.mean(t.cosineSimilarity(predicted, measured, 1));
  return t.neg(t.add(overGenes, overSpots));
}

const OPTIONS: t.AdamOptions = { learningRate: 0.1 };

function atOnce(): t.Model {
  const program = new t.Program();
  const map = program.parameter("map", [CELLS, SPOTS]);
  const cells = program.input("cells", [CELLS, GENES]);
  const spots = program.input("spots", [SPOTS, GENES]);
  const predicted = t.matmul(t.softmax(map), cells, { transposeA: true });
  const loss = objective(predicted, spots);
  program.output("loss", loss);
  t.adam(program, [map], t.gradients(loss, [map]), OPTIONS);
  return program.build();
}

/** Two passes over blocks of cells: the softmax is recomputed, so that only a block of it exists. */
function inBlocks(blockRows: number): Record<string, t.Model> {
  const forward = t.buildBlocks(CELLS, blockRows, (rows) => {
    const program = new t.Program();
    const map = program.input("map", [rows, SPOTS], { per: "block" });
    const cells = program.input("cells", [rows, GENES], { per: "block" });
    const predicted = program.parameter("predicted", [SPOTS, GENES]);
    const more = t.matmul(t.softmax(map), cells, { transposeA: true, plus: predicted });
    program.update(predicted, more);
    return program;
  });
  const middle = new t.Program();
  const predicted = middle.input("predicted", [SPOTS, GENES]);
  const loss = objective(predicted, middle.input("spots", [SPOTS, GENES]));
  middle.output("loss", loss);
  middle.output("slope", t.gradients(loss, [predicted])[0]);
  t.adamClock(middle, OPTIONS);
  const update = t.buildBlocks(CELLS, blockRows, (rows) => {
    const program = new t.Program();
    const map = program.parameter("map", [rows, SPOTS], { per: "block" });
    const cells = program.input("cells", [rows, GENES], { per: "block" });
    const slope = program.input("slope", [SPOTS, GENES]);
    const part = t.matmul(t.softmax(map), cells, { transposeA: true });
    t.adam(program, [map], t.gradients(part, [map], slope), { ...OPTIONS, clock: "shared" });
    return program;
  });
  return { forward, middle: middle.build(), update };
}

async function train(models: t.Model | Record<string, t.Model>, order?: t.OrderItem[]) {
  await using running = await t.openProgram(models);
  await running.write("map", START);
  const feeds = { cells: CELL_COUNTS, spots: SPOT_COUNTS };
  const { watched } = await running.run({ steps: 30, feeds, ...(order && { order }) });
  return { losses: watched.loss, map: await running.read("map") };
}

Deno.test("Tangram in two passes over blocks of cells learns the same as at once", async () => {
  const whole = await train(atOnce());
  assert(whole.losses[29] < whole.losses[0] - 0.1);
  const order = [{ zero: "predicted" }, "forward", "middle", "update"];
  for (const blockRows of [10, CELLS]) {
    const blocks = await train(inBlocks(blockRows), order);
    whole.losses.forEach((loss, step) => assertAlmostEquals(blocks.losses[step], loss, 1e-6));
    whole.map.forEach((value, i) => assertAlmostEquals(Number(blocks.map[i]), Number(value), 2e-4));
  }
});

Deno.test("Tangram's blocks are updated where they are", () => {
  const { forward, update } = inBlocks(10);
  for (const model of [forward, forward.blocks!.rest!, update, update.blocks!.rest!]) {
    assertEquals(model.updates.filter(({ inPlace }) => !inPlace), []);
  }
  assertEquals([update.blocks?.rows, update.blocks?.rest?.inputs[0].shape[0]], [CELLS, 7]);
});
