import { type RasterSize, requirePixels } from "./raster_size.ts";

/** Which pixels touch: those that share an edge (4), or a corner too (8). */
export type Connectivity = 4 | 8;

/**
 * Numbers the connected components of a mask 1, 2, … in the order of their first pixels, as
 * `scipy.ndimage.label` does. The map of labels itself holds the union-find forest meanwhile: each
 * pixel points at one before it.
 *
 * @param mask Not 0 inside, (height, width).
 * @param into Gets the labels, 0 outside.
 * @returns How many components there are.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { labelComponents } from "@/vision/raster/mod.ts";
 *
 * const labels = new Int32Array(6);
 * assertEquals(labelComponents(Uint8Array.of(1, 0, 1, 0, 1, 1), { width: 3, height: 2 }, labels), 2);
 * assertEquals([...labels], [1, 0, 2, 0, 2, 2]);
 * ```
 */
export function labelComponents(
  mask: Uint8Array,
  size: RasterSize,
  into: Int32Array,
  connectivity: Connectivity = 4,
): number {
  requirePixels("Cannot label components", size, mask, into);
  const { width, height } = size;
  const isWide = connectivity === 8;
  for (let y = 0, p = 0; y < height; y++) {
    let root = -1;
    for (let x = 0; x < width; x++, p++) {
      if (mask[p] === 0) {
        root = -1;
        continue;
      }
      const up = p - width;
      // The pixel on the left, if it is inside, is joined with all that touches it.
      const isNew = root < 0;
      if (isNew) root = p;
      if (y > 0) {
        if (mask[up] !== 0 && (isNew || mask[up - 1] === 0)) root = join(into, up, root);
        if (isWide && isNew && x > 0 && mask[up - 1] !== 0) root = join(into, up - 1, root);
        if (isWide && x + 1 < width && mask[up + 1] !== 0) root = join(into, up + 1, root);
      }
      into[p] = root;
    }
  }
  return numberRoots(mask, into);
}

function findRoot(parents: Int32Array, pixel: number): number {
  let p = pixel;
  while (parents[p] !== p) {
    parents[p] = parents[parents[p]];
    p = parents[p];
  }
  return p;
}

/** Joins the trees of a pixel and of a root (or of a pixel without a tree yet); the first pixel wins. */
function join(parents: Int32Array, pixel: number, root: number): number {
  const other = findRoot(parents, pixel);
  if (other === root) return root;
  if (other < root) {
    parents[root] = other;
    return other;
  }
  parents[other] = root;
  return root;
}

/** Parents come before their children, so that they have their numbers already. */
function numberRoots(mask: Uint8Array, labels: Int32Array): number {
  let count = 0;
  for (let p = 0; p < labels.length; p++) {
    if (mask[p] === 0) labels[p] = 0;
    else labels[p] = labels[p] === p ? ++count : labels[labels[p]];
  }
  return count;
}
