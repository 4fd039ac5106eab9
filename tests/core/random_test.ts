import { assert, assertEquals, assertNotEquals } from "@std/assert";
import { Random } from "@/core/random.ts";

const draw = (random: Random, n: number) => Array.from({ length: n }, () => random.uniform());

Deno.test("equal seeds give equal numbers, other seeds others", () => {
  assertEquals(draw(new Random("a"), 5), draw(new Random("a"), 5));
  assertNotEquals(draw(new Random("a"), 5), draw(new Random("b"), 5));
});

Deno.test("a split does not depend on what was drawn before", () => {
  const random = new Random(3);
  const before = draw(random.split("x"), 3);
  draw(random, 100);
  assertEquals(draw(random.split("x"), 3), before);
});

Deno.test("uniform() is uniform and normal() normal, to sampling error", () => {
  const random = new Random(5);
  const n = 100_000;
  const uniform = draw(random, n);
  assert(uniform.every((value) => value >= 0 && value < 1));
  assert(Math.abs(uniform.reduce((a, b) => a + b) / n - 0.5) < 0.005);
  const normal = Array.from({ length: n }, () => random.normal());
  const mean = normal.reduce((a, b) => a + b) / n;
  const variance = normal.reduce((a, b) => a + (b - mean) ** 2, 0) / n;
  assert(Math.abs(mean) < 0.015 && Math.abs(variance - 1) < 0.03, `${mean} ${variance}`);
});

Deno.test("shuffle() keeps every element and moves them evenly", () => {
  const random = new Random(9);
  const firsts = new Array(5).fill(0);
  for (let i = 0; i < 5000; i++) {
    const shuffled = random.shuffle([0, 1, 2, 3, 4]);
    assertEquals(shuffled.toSorted(), [0, 1, 2, 3, 4]);
    firsts[shuffled[0]]++;
  }
  assert(firsts.every((count) => Math.abs(count - 1000) < 120), firsts.join());
});
