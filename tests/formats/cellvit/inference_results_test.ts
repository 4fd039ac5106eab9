import { assert, assertEquals, assertThrows } from "@std/assert";
import { isSthelarError, SthelarError } from "@/core/errors.ts";
import {
  inferenceResultsJson,
  parseInferenceResults,
  parsePythonJson,
  pythonJson,
} from "@/formats/cellvit/mod.ts";

const TEXT = Deno.readTextFileSync("tests/fixtures/cellvit/inference_results.json");
const parse = (text: string) => parseInferenceResults(text, "results.json");

Deno.test("parseInferenceResults() reads NaN as missing and keeps infinity", () => {
  const { dataset, tissues, patches, pq, detection } = parse(TEXT);
  assertEquals([dataset.bPQ, dataset.mPQ], [1e-5, undefined]);
  assertEquals(tissues.heart, { dice: 0.8, jaccard: 0.7, mPQ: 0.1, bPQ: undefined });
  assertEquals(patches.get("0.png"), { dice: 0.75, jaccard: 0.6, bPQ: undefined });
  assertEquals(patches.get("361.png")?.bPQ, Infinity);
  assertEquals(patches.get("361.png")?.typeProbabilities, { "Dead é": 0.30000000000000004 });
  assertEquals(pq.Dead, -Infinity);
  assertEquals(detection.Dead, { f1: 0.0001, precision: 123456789, recall: -0 });
});

Deno.test("inferenceResultsJson() writes what Python's json writes, to the byte", () => {
  assertEquals(inferenceResultsJson(parse(TEXT)), TEXT);
});

Deno.test("a slide that was run in parts has lists outside of its patches", () => {
  const text = '{"image_metrics": {}, "dataset": {"bPQ": [0.5, NaN]}}';
  const results = parse(text);
  assertEquals(results.dataset.bPQ, [0.5, undefined]);
  assertEquals(parse(inferenceResultsJson(results)), results);
});

Deno.test("parsePythonJson() leaves texts alone", () => {
  const text = '{"a \\" NaN": ["Infinity", "\\\\", NaN, -Infinity, 1e5]}';
  assertEquals(parsePythonJson(text), { 'a " NaN': ["Infinity", "\\", NaN, -Infinity, 1e5] });
  assertEquals(
    pythonJson({ a: [], b: {}, c: [1e-7, 1e22, 0.0001, -0] }).replaceAll(/\s/g, ""),
    '{"a":[],"b":{},"c":[1e-07,1e+22,0.0001,-0.0]}',
  );
});

for (
  const [name, text] of [
    ["no JSON", "metrics"],
    ["nothing", ""],
    ["a list", "[]"],
    ["no patches", '{"dataset": {}}'],
    ["a text for a number", '{"image_metrics": {"1.png": {"Dice": "0.5"}}}'],
    ["a number for metrics", '{"image_metrics": {"1.png": 5}}'],
    ["a list for patches", '{"image_metrics": []}'],
  ]
) {
  Deno.test(`parseInferenceResults() refuses ${name}`, () => {
    const error = assertThrows(() => parse(text), SthelarError);
    assertEquals([error.tag, error.path], ["CorruptData", "results.json"]);
  });
}

Deno.test("parseInferenceResults() refuses a text that is cut anywhere", () => {
  for (let end = 0; end < TEXT.length; end++) {
    try {
      parse(TEXT.slice(0, end));
      assert(false, `cut at ${end}`);
    } catch (error) {
      assert(isSthelarError(error, "CorruptData"), String(error));
    }
  }
});
