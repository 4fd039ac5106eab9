import { assert, assertAlmostEquals, assertEquals } from "@std/assert";
import { DIRECTIONS, isInside, outlineAreaUm2, type Outlines } from "@/simulate/cell_shapes.ts";
import { MaskPainter } from "@/simulate/draw_mask.ts";
import { MorphologyPainter } from "@/simulate/render_morphology.ts";
import { growTissue } from "@/simulate/simulated_tissue.ts";
import { HePainter } from "@/simulate/render_he.ts";
import { PIXEL_UM, planSlide } from "@/simulate/slide_plan.ts";

const plan = planSlide({ slideId: "breast_s0", cells: 200 });
const tissue = growTissue(plan);

function labelCounts(outlines: Outlines): Map<number, number> {
  const size = Math.max(plan.width, plan.height);
  const counts = new Map<number, number>();
  for (const label of new MaskPainter(outlines, plan.width, plan.height).paint(0, 0, size)) {
    counts.set(label, (counts.get(label) ?? 0) + 1);
  }
  counts.delete(0);
  return counts;
}

Deno.test("growTissue() makes cells and nuclei that do not overlap", () => {
  for (const outlines of [tissue.shapes.cells, tissue.shapes.nuclei]) {
    const counts = labelCounts(outlines);
    assertEquals(counts.size, outlines.x.length);
    for (const [label, pixels] of counts) {
      const area = outlineAreaUm2(outlines, label - 1);
      assertAlmostEquals(pixels * PIXEL_UM * PIXEL_UM, area, 0.03 * area + 0.5);
    }
  }
});

Deno.test("growTissue() puts every nucleus inside its cell", () => {
  const { cells, nuclei, owner } = tissue.shapes;
  for (let p = 0; p < owner.length; p++) {
    for (let v = p * DIRECTIONS; v < (p + 1) * DIRECTIONS; v++) {
      const x = nuclei.vertexX[v] * PIXEL_UM, y = nuclei.vertexY[v] * PIXEL_UM;
      assert(isInside(cells, owner[p], x, y), `nucleus ${p}`);
    }
  }
});

Deno.test("paint() gives the same pixels whichever way the image is cut", () => {
  for (const painter of [new MorphologyPainter(tissue, 0), new HePainter(tissue)]) {
    const samples = painter instanceof HePainter ? 3 : 1;
    const whole = painter.paint(128, 128, 256, 64);
    const part = painter.paint(256, 128, 128, 64);
    for (let y = 0; y < 64; y++) {
      const from = (y * 256 + 128) * samples;
      assertEquals(
        [...whole.subarray(from, from + 8)],
        [...part.subarray(y * 128 * samples, y * 128 * samples + 8)],
        `row ${y}`,
      );
    }
  }
});

Deno.test("paint() stains nuclei darker than what lies around them", () => {
  const painter = new MorphologyPainter(tissue, 0);
  const mask = new MaskPainter(tissue.shapes.nuclei, plan.width, plan.height).paint(0, 0, 512);
  const pixels = painter.paint(0, 0, 512, 512);
  const sums = [0, 0], counts = [0, 0];
  pixels.forEach((value, n) => {
    const inside = mask[n] > 0 ? 1 : 0;
    sums[inside] += value;
    counts[inside]++;
  });
  assert(sums[1] / counts[1] > 4 * sums[0] / counts[0]);
});
