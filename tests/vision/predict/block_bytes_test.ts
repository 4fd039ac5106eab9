import { assertEquals } from "@std/assert";
import { Random } from "@/core/random.ts";
import { packBlock, unpackBlock } from "@/vision/predict/block_bytes.ts";
import { BlockPredictor, type PredictionRules } from "@/vision/predict/predict_tasks.ts";

const WIDTH = 24, PIXELS = WIDTH * WIDTH;
const PUBLISHED: PredictionRules = {
  spec: { kind: "published", path: "/maps.h5", slide: "heart_s9" },
  ...{ patchWidth: WIDTH, magnification: 40, classes: 2 },
};
const BASELINE: PredictionRules = {
  spec: { kind: "baseline", umPerPx: 0.5, threshold: 0.1 },
  ...{ patchWidth: WIDTH, magnification: 20, classes: 6 },
};

/** A patch with nuclei, one without a prediction, one without nuclei on either side. */
function blockOf(rules: PredictionRules) {
  const random = new Random("block");
  const instances = new Int32Array(PIXELS).fill(1, 50, 120).fill(3, 300, 420);
  const empty = new Int32Array(PIXELS);
  const pictures = Array.from(
    { length: 3 },
    () => Uint8Array.from({ length: 3 * PIXELS }, () => 256 * random.uniform()),
  );
  return new BlockPredictor(rules).predict({
    ...{ first: 4, patches: Int32Array.of(9, 11, 12) },
    masks: [instances, instances, empty].map((labels) => ({
      instances: labels,
      nucleusIds: labels.map((label) => 7 * label),
    })),
    ...rules.spec.kind === "baseline"
      ? { pictures }
      : { given: [instances.map((label) => 5 * label), undefined, empty] },
  });
}

Deno.test("unpackBlock() gives what packBlock() was given", () => {
  for (const rules of [PUBLISHED, BASELINE]) {
    const block = blockOf(rules), { first, patches } = block;
    assertEquals(block.classPixels !== undefined, rules === BASELINE);
    assertEquals(unpackBlock(packBlock(block, rules), { first, patches, rules }), block);
  }
});

Deno.test("unpackBlock() takes no bytes that are cut short or differ in one bit", () => {
  const block = blockOf(BASELINE), { first, patches } = block, rules = BASELINE;
  const bytes = packBlock(block, rules);
  for (let length = 0; length < bytes.length; length++) {
    assertEquals(unpackBlock(bytes.subarray(0, length), { first, patches, rules }), undefined);
  }
  for (let at = 0; at < bytes.length; at++) {
    const damaged = bytes.slice();
    damaged[at] ^= 1 << at % 8;
    assertEquals(unpackBlock(damaged, { first, patches, rules }), undefined);
  }
});

Deno.test("unpackBlock() takes no block of other patches or rules", () => {
  const block = blockOf(BASELINE), { first, patches } = block, rules = BASELINE;
  const bytes = packBlock(block, rules);
  const others = [
    { first: 5, patches, rules },
    { first, patches: Int32Array.of(9, 11, 13), rules },
    { first, patches, rules: { ...rules, magnification: 40 as const } },
    { first, patches, rules: PUBLISHED },
  ];
  for (const other of others) assertEquals(unpackBlock(bytes, other), undefined);
});
