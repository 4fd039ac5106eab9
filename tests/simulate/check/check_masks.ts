import type { BundleParts } from "./bundle_parts.ts";
import { PIXEL_UM } from "@/simulate/slide_plan.ts";
import { type StoredRing, storedRings } from "./stored_rings.ts";

/** Left, top, right, bottom in pixels. */
type Box = [number, number, number, number];

/** How far the box of a label may exceed that of its polygon. */
const PIXEL = 1;
/** The same the other way round: a sharp tip may cover no pixel's centre. */
const TIP = 2;

/**
 * Masks hold exactly the labels 1 to P, each with nearly the bounding box of its polygon (for rings
 * of 13, that leave vertices out, its polygon within it); imported polygons have no masks.
 */
export async function maskFaults(parts: BundleParts): Promise<string[]> {
  const { zarr, preset, nucleusRings, cellRings, manifest } = parts;
  const has = await zarr.has("masks");
  if (preset.ranger?.isImport) return has ? ["masks of imported polygons"] : [];
  if (!has) return ["no masks"];
  const faults: string[] = [];
  for (const [set, table] of [nucleusRings, cellRings].entries()) {
    const { data, shape } = await (await zarr.array(`masks/${set}`)).read();
    const boxes = labelBoxes(data as Uint32Array, shape[1]);
    faults.push(...boxFaults(`masks/${set}`, boxes, storedRings(table), preset.rings === 13));
  }
  if (preset.cellsZarr === "seg-mask-value") {
    const { data } = await (await zarr.array("seg_mask_value")).read();
    const isRow = data.length === manifest["num_cells"] &&
      Array.from(data, Number).every((value, row) => value === row + 1);
    if (!isRow) faults.push("seg_mask_value is not 1 to the number of cells");
  }
  return faults;
}

function labelBoxes(labels: Uint32Array, width: number): Map<number, Box> {
  const boxes = new Map<number, Box>();
  for (let n = 0; n < labels.length; n++) {
    if (labels[n] === 0) continue;
    const x = n % width, y = Math.floor(n / width);
    const box = boxes.get(labels[n]);
    if (box === undefined) boxes.set(labels[n], [x, y, x + 1, y + 1]);
    else {
      box[0] = Math.min(box[0], x);
      box[2] = Math.max(box[2], x + 1);
      box[3] = y + 1;
    }
  }
  return boxes;
}

function boxFaults(
  name: string,
  boxes: ReadonlyMap<number, Box>,
  rings: readonly StoredRing[],
  isThinned: boolean,
): string[] {
  const labels = [...boxes.keys()].sort((a, b) => a - b);
  if (labels.length !== rings.length || labels.some((label, i) => label !== i + 1)) {
    return [`${name}: ${labels.length} labels for ${rings.length} polygons`];
  }
  const wrong = rings.findIndex(({ xy }, p) => {
    const label = boxes.get(p + 1)!, polygon = ringBox(xy);
    return !isWithin(polygon, label, TIP) || (!isThinned && !isWithin(label, polygon, PIXEL));
  });
  return wrong < 0 ? [] : [`${name}: polygon ${wrong + 1} lies elsewhere than its label`];
}

function ringBox(xy: readonly number[]): Box {
  const pixels = xy.map((um) => um / PIXEL_UM);
  const x = pixels.filter((_, v) => v % 2 === 0), y = pixels.filter((_, v) => v % 2 === 1);
  return [Math.min(...x), Math.min(...y), Math.max(...x), Math.max(...y)];
}

function isWithin(inner: Box, outer: Box, margin: number): boolean {
  const slack = margin + 1e-3;
  return inner[0] >= outer[0] - slack && inner[1] >= outer[1] - slack &&
    inner[2] <= outer[2] + slack && inner[3] <= outer[3] + slack;
}
