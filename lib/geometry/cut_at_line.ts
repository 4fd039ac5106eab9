import { splitAtRepeats } from "./split_at_repeats.ts";

/** A closed ring: `x0, y0, x1, y1, …`, the last vertex repeats the first. */
export type Ring = readonly number[];

/** A stretch of a ring on the kept side, from the line to the line. */
interface Chain {
  /** Open: begins and ends on the line. */
  readonly vertices: readonly number[];
}

/**
 * A point at which an edge was cut, `[x, y, ax, ay, bx, by]`: further cuts of what is left of the edge
 * start from its ends, so that their rounding does not add up.
 */
export type Cut = readonly [number, number, number, number, number, number];

/** Where a chain meets the line. */
interface ChainEnd {
  readonly chain: number;
  readonly side: 0 | 1;
  /** Along the line. */
  readonly at: number;
  /** Along the line and away from it, towards the chain's next vertex: orders ends at one place. */
  readonly along: number;
  readonly away: number;
}

/**
 * Keeps what lies of a polygon on one side of a line along an axis. The polygon is cut just beside the
 * line, on the kept side, so that what only touches the line is neither here nor there.
 *
 * @param rings Its rings, the outer one first; a valid polygon.
 * @param axis 0 for the line `x = limit`, 1 for `y = limit`.
 * @param sign 1 to keep what is above the limit, -1 for what is below.
 * @param cuts Earlier cuts of the same polygon; new ones are added.
 * @returns The parts, each a list of rings with the outer one first.
 */
export function cutAtLine(
  rings: readonly Ring[],
  axis: 0 | 1,
  limit: number,
  sign: 1 | -1,
  cuts: Cut[],
): (readonly Ring[])[] {
  const depth = (ring: Ring, k: number) => sign * (ring[2 * k + axis] - limit);
  const some = (test: (depth: number) => boolean) =>
    rings.some((ring) => {
      for (let k = 0; 2 * k < ring.length; k++) if (test(depth(ring, k))) return true;
      return false;
    });
  if (!some((d) => d < 0)) return some((d) => d > 0) ? [rings] : [];
  const whole: Ring[] = [];
  const chains: Chain[] = [];
  rings.forEach((ring, r) => {
    const directed = turned(ring, r === 0);
    if (addChains(directed, { axis, limit, depth, cuts }, chains)) whole.push(directed);
  });
  const loops = joinChains(chains, axis, sign).flatMap(splitAtRepeats);
  return assignHoles([...whole, ...loops]);
}

/** The line that a polygon is cut at. */
interface Line {
  readonly axis: 0 | 1;
  readonly limit: number;
  /** How far a vertex lies on the kept side. */
  readonly depth: (ring: Ring, k: number) => number;
  readonly cuts: Cut[];
}

/** Outer rings counter-clockwise, holes clockwise. */
function turned(ring: Ring, isOuter: boolean): Ring {
  if (twiceArea(ring) > 0 === isOuter) return ring;
  const reversed: number[] = [];
  for (let k = ring.length - 2; k >= 0; k -= 2) reversed.push(ring[k], ring[k + 1]);
  return reversed;
}

function twiceArea(ring: Ring): number {
  let sum = 0;
  for (let k = 2; k + 3 < ring.length; k += 2) {
    sum += (ring[k] - ring[0]) * (ring[k + 3] - ring[k - 1]);
  }
  return sum;
}

/** @returns Whether the ring lies on the kept side whole, so that it has no chains. */
function addChains(ring: Ring, line: Line, chains: Chain[]): boolean {
  const { depth } = line;
  const count = ring.length / 2 - 1;
  let start = 0;
  while (start < count && depth(ring, start) > 0) start++;
  if (start === count) return true;
  let open: number[] | undefined;
  for (let i = 0; i < count; i++) {
    const k = (start + i) % count, next = k + 1;
    const isIn = depth(ring, k) > 0, willBeIn = depth(ring, next) > 0;
    if (isIn && open !== undefined) open.push(ring[2 * k], ring[2 * k + 1]);
    if (isIn === willBeIn) continue;
    const point = crossing(ring, isIn ? next : k, isIn ? k : next, line);
    if (open === undefined) open = point;
    else {
      chains.push({ vertices: [...open, ...point] });
      open = undefined;
    }
  }
  return false;
}

/** Where the edge from `outer`, which may be on the line, to `inner` meets the line. */
function crossing(ring: Ring, outer: number, inner: number, { axis, limit, cuts }: Line): number[] {
  const x = ring[2 * outer], y = ring[2 * outer + 1];
  if ((axis === 0 ? x : y) === limit) return [x, y];
  const endX = ring[2 * inner], endY = ring[2 * inner + 1];
  const isLevel = x === endX || y === endY;
  const cut = isLevel
    ? undefined
    : cuts.find((c) => (c[0] === x && c[1] === y) || (c[0] === endX && c[1] === endY));
  const [, , ax, ay, bx, by] = cut ?? [0, 0, x, y, endX, endY];
  const point: [number, number] = axis === 0
    ? [limit, ay + (limit - ax) * (by - ay) / (bx - ax)]
    : [ax + (limit - ay) * (bx - ax) / (by - ay), limit];
  cuts.push([...point, ax, ay, bx, by]);
  return point;
}

/** Closes chains along the line: just beside it, every second stretch between them is inside. */
function joinChains(chains: readonly Chain[], axis: 0 | 1, sign: 1 | -1): Ring[] {
  const ends = chains.flatMap(({ vertices }, chain) => [
    endOf(vertices, chain, 0, axis, sign),
    endOf(vertices, chain, 1, axis, sign),
  ]).sort((a, b) => a.at - b.at || a.along * b.away - b.along * a.away);
  const partners = new Map<string, ChainEnd>();
  ends.forEach((end, i) => partners.set(`${end.chain} ${end.side}`, ends[i ^ 1]));
  const done = new Set<number>();
  const loops: Ring[] = [];
  for (let first = 0; first < chains.length; first++) {
    if (done.has(first)) continue;
    const loop: number[] = [];
    let chain = first, side: 0 | 1 = 0;
    do {
      done.add(chain);
      appendChain(loop, chains[chain].vertices, side);
      const partner: ChainEnd = partners.get(`${chain} ${1 - side}`) as ChainEnd;
      chain = partner.chain;
      side = partner.side;
    } while (chain !== first);
    loops.push([...loop, loop[0], loop[1]]);
  }
  return loops;
}

function endOf(
  vertices: readonly number[],
  chain: number,
  side: 0 | 1,
  axis: 0 | 1,
  sign: 1 | -1,
): ChainEnd {
  const k = side === 0 ? 0 : vertices.length - 2, next = side === 0 ? 2 : vertices.length - 4;
  return {
    chain,
    side,
    at: vertices[k + 1 - axis],
    along: vertices[next + 1 - axis] - vertices[k + 1 - axis],
    away: sign * (vertices[next + axis] - vertices[k + axis]),
  };
}

/** Adds a chain's vertices from one side, without one that repeats the loop's last. */
function appendChain(loop: number[], vertices: readonly number[], side: 0 | 1): void {
  for (let k = 0; k < vertices.length; k += 2) {
    const from = side === 0 ? k : vertices.length - 2 - k;
    const x = vertices[from], y = vertices[from + 1];
    const n = loop.length;
    if (n === 0 || loop[n - 2] !== x || loop[n - 1] !== y) loop.push(x, y);
  }
}

/** Groups loops into polygons: counter-clockwise ones are outer rings, clockwise ones their holes. */
function assignHoles(loops: readonly Ring[]): (readonly Ring[])[] {
  const shells: Ring[] = [], holes: Ring[] = [];
  for (const loop of loops) {
    const area = twiceArea(loop);
    if (area > 0) shells.push(loop);
    else if (area < 0) holes.push(loop);
  }
  if (shells.length === 1) return [[...shells, ...holes]];
  return shells.map((shell) => [shell, ...holes.filter((hole) => isWithin(hole, shell))]);
}

/** Whether a hole lies in a ring that it does not cross: its first vertex off the boundary tells. */
function isWithin(hole: Ring, shell: Ring): boolean {
  for (let k = 0; k < hole.length; k += 2) {
    // Between two vertices, since vertices may touch the shell.
    const x = (hole[k] + hole[(k + 2) % hole.length]) / 2;
    const y = (hole[k + 1] + hole[(k + 3) % hole.length]) / 2;
    const place = placeInRing(shell, x, y);
    if (place !== "on") return place === "in";
  }
  return false;
}

function placeInRing(ring: Ring, x: number, y: number): "in" | "out" | "on" {
  let isIn = false;
  for (let k = 0; k + 3 < ring.length; k += 2) {
    const ax = ring[k], ay = ring[k + 1], bx = ring[k + 2], by = ring[k + 3];
    const side = (bx - ax) * (y - ay) - (x - ax) * (by - ay);
    const isBeside = Math.min(ax, bx) <= x && x <= Math.max(ax, bx) &&
      Math.min(ay, by) <= y && y <= Math.max(ay, by);
    if (side === 0 && isBeside) return "on";
    if (ay > y !== by > y && side > 0 === by > ay) isIn = !isIn;
  }
  return isIn ? "in" : "out";
}
