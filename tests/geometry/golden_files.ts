/** Reads the cases of a golden file; `STHELAR_GEOMETRY_GOLDEN` names another folder for longer runs. */
export function goldenCases<T>(name: string): readonly T[] {
  const folder = Deno.env.get("STHELAR_GEOMETRY_GOLDEN") ?? "tests/fixtures/geometry";
  return (JSON.parse(Deno.readTextFileSync(`${folder}/${name}`)) as { cases: readonly T[] }).cases;
}

/** Rings as lists of points, in one order that does not depend on where and which way they run. */
export function canonicalRings(rings: readonly number[][][]): string {
  return rings.map(canonicalRing).sort().join(" ");
}

/** Without vertices on straight lines, from the smallest on, counter-clockwise, to 1e-9. */
function canonicalRing(closed: readonly number[][]): string {
  let points = closed.slice(0, -1).map(([x, y]) => [x, y]);
  const isStraight = (_: unknown, i: number) => {
    const n = points.length;
    const [ax, ay] = points[(i + n - 1) % n], [bx, by] = points[i], [cx, cy] = points[(i + 1) % n];
    return Math.abs((bx - ax) * (cy - ay) - (cx - ax) * (by - ay)) < 1e-9;
  };
  for (let i = 0; i < points.length;) {
    if (isStraight(0, i)) {
      points.splice(i, 1);
      i = 0;
    } else i++;
  }
  const area = points.reduce((sum, [x, y], i) => {
    const [nextX, nextY] = points[(i + 1) % points.length];
    return sum + x * nextY - nextX * y;
  }, 0);
  if (area < 0) points = points.toReversed();
  const texts = points.map((point) =>
    point.map((value) => (value + 0).toFixed(9).replace(/^-(0\.0+)$/, "$1")).join(",")
  );
  const first = texts.indexOf([...texts].sort()[0]);
  return [...texts.slice(first), ...texts.slice(0, first)].join(";");
}
