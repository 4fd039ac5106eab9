import { assertEquals } from "@std/assert";
import { hardLabels } from "@/numerics/tangram/mod.ts";

Deno.test("hardLabels() chooses what sopa's clip, min-max and idxmax choose", () => {
  // pandas: df.clip(df.quantile(.05), df.quantile(.95), axis=1), (df - min) / (max - min), idxmax
  const scores = Float32Array.from({ length: 60 }, (_, i) => ((i * 37) % 61) / (1 + i % 3));
  const expected = "10221102211102211022";
  assertEquals([...hardLabels(scores, 20, 3).labels].join(""), expected);
});

Deno.test("hardLabels() takes the first of columns that are equally full", () => {
  assertEquals([...hardLabels(Float32Array.of(0, 0, 1, 1), 2, 2).labels], [0, 0]);
});

Deno.test("hardLabels() falls back on the largest score where nothing tells rows apart", () => {
  assertEquals([...hardLabels(Float32Array.of(1, 3, 2), 1, 3).labels], [1]);
});
