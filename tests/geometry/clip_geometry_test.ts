import { assertEquals } from "@std/assert";
import { packPolygons } from "@/core/polygons.ts";
import { clipGeometry, closeRing } from "@/geometry/mod.ts";
import { ringsOf } from "../properties/random_polygons.ts";
import { canonicalRings, goldenCases } from "./golden_files.ts";

interface Case {
  readonly name: string;
  readonly polygons: number[][][][];
  readonly parts: number[][][][];
  readonly hasPointsOrLines: boolean;
}

const pointsOf = (ring: readonly number[]) =>
  ring.flatMap((x, i) => i % 2 === 0 ? [[x, ring[i + 1]]] : []);
const packed = (polygons: number[][][][]) =>
  packPolygons([polygons.map((rings) => rings.map((ring) => closeRing(ring.flat())))]);

for (const golden of goldenCases<Case>("clip_golden.json")) {
  Deno.test(`clipGeometry() leaves the parts that shapely leaves: ${golden.name}`, () => {
    const { parts, hasPointsOrLines } = clipGeometry(packed(golden.polygons), 0, [0, 0, 16, 16]);
    const ours = ringsOf(parts, 0).map((rings) => canonicalRings(rings.map(pointsOf)));
    assertEquals(ours.sort(), golden.parts.map(canonicalRings).sort());
    assertEquals(hasPointsOrLines, golden.hasPointsOrLines);
  });
}
