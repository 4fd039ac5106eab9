import { assert, assertEquals } from "@std/assert";
import {
  type AxisValues,
  parseTransformations,
  serializeTransformations,
  toMatrix,
  type Transformation,
} from "@/formats/spatialdata/mod.ts";
import { affine, applyAffine, composeAffine, determinant, invertAffine } from "@/geometry/mod.ts";
import type { Draw } from "./draw.ts";
import { forAll } from "./for_all.ts";

function drawTransformation(draw: Draw, depth: number): Transformation {
  const factor = () => draw.pick([1, -1, 0.2125, draw.between(-5, 5)]);
  const values = (): AxisValues => ({ x: factor(), y: factor() });
  return draw.pick<() => Transformation>([
    () => ({ type: "identity" }),
    () => ({ type: "scale", factors: values() }),
    () => ({ type: "translation", offsets: values() }),
    () => ({
      type: "affine",
      inputAxes: ["x", "y"],
      outputAxes: ["x", "y"],
      rows: [[factor(), factor(), factor()], [factor(), factor(), factor()]],
    }),
    ...depth > 0
      ? [(): Transformation => ({
        type: "sequence",
        steps: draw.list(draw.integer(1, 3), () => drawTransformation(draw, depth - 1)),
      })]
      : [],
  ])();
}

forAll("transformations: what they do to x and y survives their JSON", { cases: 300 }, (draw) => {
  const systems = new Map(
    draw.list(draw.integer(1, 3), (i) => [`system ${i}`, drawTransformation(draw, 2)] as const),
  );
  const axes = draw.pick([["x", "y"], ["c", "y", "x"], ["x", "y", "z"]] as const);
  const json = JSON.parse(JSON.stringify(serializeTransformations(systems, axes)));
  const read = parseTransformations(json, "element");
  assertEquals([...read.keys()], [...systems.keys()]);
  for (const [name, transformation] of systems) {
    assertEquals(toMatrix(read.get(name)!), toMatrix(transformation));
  }
  assertEquals(serializeTransformations(read, axes), json);
});

function drawAffine<A extends string, B extends string>(draw: Draw, from: A, to: B) {
  const angle = draw.between(0, 2 * Math.PI), scale = 10 ** draw.between(-3, 3);
  const mirror = draw.pick([1, -1]), shear = draw.between(-1, 1);
  const [cos, sin] = [Math.cos(angle) * scale, Math.sin(angle) * scale];
  const shift = () => draw.between(-1e4, 1e4);
  return affine(from, to, [
    ...[cos, -sin * mirror + shear * cos, shift()] as const,
    ...[sin, cos * mirror + shear * sin, shift()] as const,
  ]);
}

function assertNear(actual: readonly number[], expected: readonly number[], scale: number): void {
  actual.forEach((value, i) => {
    assert(Math.abs(value - expected[i]) <= 1e-9 * scale, `${actual} is not ${expected}`);
  });
}

forAll("affine: the inverse leads back, and a composed map is one map after the other", {
  cases: 500,
}, (draw) => {
  const first = drawAffine(draw, "a", "b"), second = drawAffine(draw, "b", "c");
  const [x, y] = [draw.between(-1e4, 1e4), draw.between(-1e4, 1e4)];
  const [u, v] = applyAffine(first, x, y);
  // Rounding grows with the numbers on the way, as seen from where the point comes back to.
  const reach = (map: { readonly coefficients: readonly number[] }) =>
    Math.max(...map.coefficients.map(Math.abs));
  const back = invertAffine(first);
  assertNear(applyAffine(back, u, v), [x, y], 1e5 * (1 + reach(back)));
  const both = composeAffine(first, second);
  assertNear(applyAffine(both, x, y), applyAffine(second, u, v), 1e5 * (1 + reach(both)));
  const product = determinant(first) * determinant(second);
  assertNear([determinant(both) / product], [1], 1);
  assertEquals([both.from, both.to, back.from, back.to], ["a", "c", "b", "a"]);
});
