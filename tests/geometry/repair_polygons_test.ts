import { assertEquals } from "@std/assert";
import { packPolygons } from "@/core/polygons.ts";
import { closeRing, repairPolygons } from "@/geometry/mod.ts";
import { ringsOf } from "../properties/random_polygons.ts";
import { canonicalRings, goldenCases } from "./golden_files.ts";

interface Case {
  readonly name: string;
  readonly polygons: number[][][][];
  readonly reason: string;
  readonly isValid: boolean;
  readonly parts: number[][][][];
}

const pointsOf = (ring: readonly number[]) =>
  ring.flatMap((x, i) => i % 2 === 0 ? [[x, ring[i + 1]]] : []);
const packed = (polygons: number[][][][]) =>
  packPolygons([polygons.map((rings) => rings.map((ring) => closeRing(ring.flat())))]);

for (const golden of goldenCases<Case>("repair_golden.json")) {
  Deno.test(`repairPolygons() does what shapely's buffer(0) does: ${golden.name}`, async () => {
    const { polygons, repaired, invalid } = await repairPolygons(packed(golden.polygons));
    const reason = [...repaired, ...invalid].map((fault) => fault.reason)[0] ?? "Valid Geometry";
    // GEOS has two words for what `buffer(0)` is asked to mend.
    const short = (text: string) => text.replace("Ring Self-i", "Self-i");
    assertEquals([short(reason), invalid.length === 0], [short(golden.reason), golden.isValid]);
    const ours = ringsOf(polygons, 0).map((rings) => canonicalRings(rings.map(pointsOf)));
    assertEquals(ours.sort(), golden.parts.map(canonicalRings).sort());
  });
}
