/**
 * Splits a ring that touches itself in vertices into rings that do not.
 *
 * @param ring Closed: `x0, y0, …`, the last vertex repeats the first.
 * @returns Closed rings, run through in the same direction.
 */
export function splitAtRepeats(ring: readonly number[]): (readonly number[])[] {
  if (!hasRepeat(ring)) return [ring];
  const seen = new Map<string, number>();
  const open: number[] = [];
  const rings: number[][] = [];
  for (let k = 0; k < ring.length - 2; k += 2) {
    const key = `${ring[k]} ${ring[k + 1]}`;
    const before = seen.get(key);
    if (before !== undefined) {
      const loop = open.splice(before);
      for (let i = 0; i < loop.length; i += 2) seen.delete(`${loop[i]} ${loop[i + 1]}`);
      rings.push([...loop, loop[0], loop[1]]);
    }
    seen.set(key, open.length);
    open.push(ring[k], ring[k + 1]);
  }
  rings.push([...open, open[0], open[1]]);
  return rings;
}

function hasRepeat(ring: readonly number[]): boolean {
  for (let k = 0; k < ring.length - 2; k += 2) {
    for (let i = 0; i < k; i += 2) {
      if (ring[i] === ring[k] && ring[i + 1] === ring[k + 1]) return true;
    }
  }
  return false;
}
