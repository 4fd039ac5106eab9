import { assertEquals, assertThrows } from "@std/assert";
import { SthelarError } from "@/core/errors.ts";
import {
  affineXY,
  type Axis,
  identity,
  parseTransformations,
  serializeTransformations,
  toMatrix,
  type Transformation,
} from "@/formats/spatialdata/mod.ts";
import { openGroup } from "@/formats/zarr/mod.ts";
import { openSmallStore } from "./small_store.ts";

Deno.test("parsing and writing again gives the JSON of spatialdata, for image and points", async () => {
  const { disk, root } = await openSmallStore(3);
  const image = await openGroup(disk, `${root}/images/odd`);
  const [multiscale] = (image.attributes.ome as { multiscales: { [key: string]: never }[] })
    .multiscales;
  const ofImage: unknown = multiscale.coordinateTransformations;
  assertEquals(
    serializeTransformations(parseTransformations(ofImage, "odd"), ["c", "y", "x"]),
    ofImage,
  );
  const points = await openGroup(disk, `${root}/points/st`);
  const ofPoints: unknown = points.attributes.coordinateTransformations;
  assertEquals(
    serializeTransformations(parseTransformations(ofPoints, "st"), ["x", "y", "z"]),
    ofPoints,
  );
});

Deno.test("toMatrix() gives the matrices that the store was made with", async () => {
  const { store } = await openSmallStore(3);
  const { transformations } = await store.image("odd");
  const matrixTo = (name: string) => toMatrix(transformations.get(name) as Transformation);
  assertEquals(matrixTo("global"), [[1, 0, 0], [0, 1, 0], [0, 0, 1]]);
  assertEquals(matrixTo("um"), [[2, 0.5, 1], [0, 3, 4], [0, 0, 1]]);
  assertEquals(matrixTo("crop 2"), [[2, 0, 1], [0, 3, 2], [0, 0, 1]]);
  assertEquals(matrixTo("crop 10"), [[1, 0, -1], [0, 1, 5], [0, 0, 1]]);
});

Deno.test("any coordinate system is read, those of other elements too", async () => {
  const { store } = await openSmallStore(3);
  const { transformations } = await store.points("st");
  assertEquals([...transformations.keys()], ["global", "_st_intrinsic"]);
});

Deno.test("an affine of x and y leaves the channel of an image alone", () => {
  const [json] = serializeTransformations(
    new Map([["global", affineXY([[2, 0, 10], [0, 3, 20]])]]),
    ["c", "y", "x"],
  ) as { affine: number[][]; output: { axes: { name: Axis }[] } }[];
  assertEquals(json.affine, [[1, 0, 0, 0], [0, 0, 2, 10], [0, 3, 0, 20]]);
  assertEquals(json.output.axes.map(({ name }) => name), ["c", "x", "y"]);
});

Deno.test("a sequence applies its first step first, and nests", () => {
  const scale: Transformation = { type: "scale", factors: { x: 2 } };
  const shift: Transformation = { type: "translation", offsets: { x: 5, y: 1 } };
  const turn = affineXY([[0, -1, 0], [1, 0, 0]]);
  const inner: Transformation = { type: "sequence", steps: [shift, turn] };
  assertEquals(toMatrix({ type: "sequence", steps: [scale, inner, identity] }), [
    [0, -1, -1],
    [2, 0, 5],
    [0, 0, 1],
  ]);
});

Deno.test("toMatrix() refuses an x that depends on z", () => {
  const skew: Transformation = {
    type: "affine",
    inputAxes: ["x", "y", "z"],
    outputAxes: ["x", "y", "z"],
    rows: [[1, 0, 0.5, 0], [0, 1, 0, 0], [0, 0, 1, 0]],
  };
  assertThrows(() => toMatrix(skew), SthelarError, "a new x that depends on z");
});

const XY = { name: "xy", axes: [{ name: "x", type: "space" }, { name: "y", type: "space" }] };

Deno.test("an unknown type is refused and named with its element", () => {
  const json = [{ type: "rotation", rotation: [1, 0, 0, 1], input: XY, output: XY }];
  const error = assertThrows(() => parseTransformations(json, "shapes/a"), SthelarError);
  assertEquals([error.tag, error.found, error.path], [
    "UnsupportedVersion",
    'type "rotation"',
    "shapes/a",
  ]);
});

Deno.test("damaged transformations are CorruptData", () => {
  const damaged: unknown[] = [
    undefined,
    "identity",
    [null],
    [{ type: "identity", input: XY }],
    [{ type: "identity", input: XY, output: { axes: XY.axes } }],
    [{ type: "scale", scale: [1, 2, 3], input: XY, output: XY }],
    [{ type: "scale", input: XY, output: XY }],
    [{ type: "translation", translation: [1, "2"], input: XY, output: XY }],
    [{ type: "affine", affine: [[1, 0], [0, 1]], input: XY, output: XY }],
    [{ type: "sequence", input: XY, output: XY }],
    [{ type: "scale", scale: [1], input: { name: "t", axes: [{ name: "t" }] }, output: XY }],
  ];
  for (const json of damaged) {
    const error = assertThrows(() => parseTransformations(json, "shapes/a"), SthelarError);
    assertEquals([error.tag, error.path], ["CorruptData", "shapes/a"], JSON.stringify(json));
  }
});
