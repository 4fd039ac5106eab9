/** A pixel whose point is nearer than this to where it matters is tested by itself. */
const NEAR = 1e-6;
/** Distance at which scikit-image takes a point for a vertex. */
const VERTEX = 1e-12;

/**
 * The rule of `skimage.draw.polygon` for one point: inside, on an edge or on a vertex (O'Rourke,
 * "Computational Geometry in C", 7.4), with its floating-point arithmetic.
 *
 * @param xy Vertices; the last is joined to the first.
 * @param count How many there are.
 */
export function parityCovers(xy: Float64Array, count: number, x: number, y: number): boolean {
  let right = 0, left = 0;
  let x1 = xy[2 * count - 2] - x, y1 = xy[2 * count - 1] - y;
  for (let k = 0; k < count; k++) {
    const x0 = xy[2 * k] - x, y0 = xy[2 * k + 1] - y;
    if (Math.abs(x0) < VERTEX && Math.abs(y0) < VERTEX) return true;
    if (y0 > 0 !== y1 > 0 && (x0 * y1 - x1 * y0) / (y1 - y0) > 0) right++;
    if (y0 < 0 !== y1 < 0 && (x0 * y1 - x1 * y0) / (y1 - y0) < 0) left++;
    x1 = x0;
    y1 = y0;
  }
  return (right & 1) !== (left & 1) || (right & 1) === 1;
}

/**
 * Finds the pixels of a row where the parity of crossings may not tell, those at an edge, a vertex or a
 * level edge; {@link parityCovers} decides for them.
 *
 * @param onRows Vertices that lie on a row, as from {@link findOnRows}.
 * @param crossings X where edges cross the row, `start .. end` of them.
 * @param into Receives their columns, in no order, perhaps repeated; it is emptied first.
 */
export function findNearColumns(
  xy: Float64Array,
  count: number,
  onRows: readonly number[],
  row: number,
  crossings: Float64Array,
  start: number,
  end: number,
  into: number[],
): void {
  into.length = 0;
  for (let k = start; k < end; k++) pushIfNear(crossings[k], into);
  for (const k of onRows) {
    if (Math.abs(xy[2 * k + 1] - row) >= NEAR) continue;
    pushIfNear(xy[2 * k], into);
    const before = k === 0 ? count - 1 : k - 1;
    if (Math.abs(xy[2 * before + 1] - row) >= NEAR) continue;
    const x0 = xy[2 * k], x1 = xy[2 * before];
    const low = x0 < x1 ? x0 : x1, high = x0 < x1 ? x1 : x0;
    for (let c = Math.ceil(low - NEAR); c <= high + NEAR; c++) into.push(c);
  }
}

/** Whether {@link findNearColumns} would find any. */
export function hasNearColumns(
  xy: Float64Array,
  onRows: readonly number[],
  row: number,
  crossings: Float64Array,
  start: number,
  end: number,
): boolean {
  for (let k = start; k < end; k++) {
    if (Math.abs(crossings[k] - Math.round(crossings[k])) < NEAR) return true;
  }
  for (const k of onRows) if (Math.abs(xy[2 * k + 1] - row) < NEAR) return true;
  return false;
}

/** Finds the vertices that lie on the line of a row, into `into`. */
export function findOnRows(xy: Float64Array, count: number, into: number[]): void {
  into.length = 0;
  for (let k = 0; k < count; k++) {
    const y = xy[2 * k + 1];
    if (Math.abs(y - Math.round(y)) < NEAR) into.push(k);
  }
}

function pushIfNear(x: number, into: number[]): void {
  const column = Math.round(x);
  if (Math.abs(x - column) < NEAR) into.push(column);
}
