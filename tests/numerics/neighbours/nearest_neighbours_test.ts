import { assert, assertAlmostEquals, assertEquals, assertRejects } from "@std/assert";
import { SthelarError } from "@/core/errors.ts";
import { Random } from "@/core/random.ts";
import { type NearestNeighbours, nearestNeighbours } from "@/numerics/neighbours/mod.ts";
import { nearestByForce, randomPoints } from "./random_points.ts";

type Points = ReturnType<typeof randomPoints>;

function assertExact(points: Points, found: NearestNeighbours, step = 1): void {
  const { neighbours, indices, distances } = found;
  for (let row = 0; row < found.rows; row += step) {
    const expected = nearestByForce(points, row, neighbours);
    const from = row * neighbours;
    assertEquals([...indices.subarray(from, from + neighbours)], expected.indices, `row ${row}`);
    expected.distances.forEach((distance, k) =>
      assertAlmostEquals(distances[from + k], distance, 1e-6 * distance)
    );
  }
}

/** Share of the exact neighbours, without the points themselves, that were found. */
function recall(found: NearestNeighbours, exact: NearestNeighbours): number {
  const { neighbours, rows } = exact;
  let hits = 0;
  for (let row = 0; row < rows; row++) {
    const of = ({ indices }: NearestNeighbours) =>
      indices.subarray(row * neighbours + 1, (row + 1) * neighbours);
    const wanted = new Set(of(exact));
    for (const other of of(found)) if (wanted.has(other)) hits++;
  }
  return hits / (rows * (neighbours - 1));
}

const exactly = (points: Points, neighbours: number, threads = 1) =>
  nearestNeighbours(points, { neighbours, random: new Random(1), method: "exact", threads });
const roughly = (points: Points, neighbours: number, seed = 1, threads = 1) =>
  nearestNeighbours(points, { neighbours, random: new Random(seed), method: "descent", threads });

for (const [count, columns] of [[400, 7], [3500, 16], [3001, 3]]) {
  Deno.test(`nearestNeighbours() finds exactly what brute force finds: ${count} x ${columns}`, async () => {
    const points = randomPoints(count, columns);
    assertExact(points, await exactly(points, 15), Math.ceil(count / 60));
  });
}

Deno.test("nearestNeighbours() is exact far from the origin, where float32 is coarse", async () => {
  const points = randomPoints(3000, 5);
  const data = points.data.map((value, i) => i % 5 === 0 ? value + 5000 : value);
  const far = { ...points, data };
  assertExact(far, await exactly(far, 10), 50);
});

Deno.test("nearestNeighbours() puts the first of equally far points first, on a grid of 3,000", async () => {
  const data = Float32Array.from({ length: 6000 }, (_, i) => {
    const point = i >> 1;
    return i % 2 === 0 ? point % 60 : Math.floor(point / 60);
  });
  const points = { data, shape: [3000, 2] as const };
  assertExact(points, await exactly(points, 6), 47);
});

for (const method of ["exact", "descent"] as const) {
  Deno.test(`nearestNeighbours() puts each point before its duplicates: ${method}`, async () => {
    const points = randomPoints(2800, 4);
    for (let row = 100; row < 140; row++) points.data.set(points.data.subarray(0, 4), row * 4);
    for (let row = 2000; row < 2100; row++) {
      points.data.copyWithin(row * 4, (row - 1000) * 4, (row - 999) * 4);
    }
    const { indices, distances } = await nearestNeighbours(points, {
      ...{ neighbours: 8, random: new Random(1), method },
    });
    for (let row = 0; row < 2800; row++) assertEquals(indices[row * 8], row);
    assertEquals([...distances.subarray(120 * 8, 121 * 8)], new Array(8).fill(0));
    assertEquals(distances[2050 * 8 + 1], 0);
    assertEquals(indices[2050 * 8 + 1], 1050);
    if (method === "exact") {
      assertEquals([...indices.subarray(960, 968)], [120, 0, 100, 101, 102, 103, 104, 105]);
    }
  });
}

Deno.test("nearestNeighbours() by descent finds almost all", async () => {
  const points = randomPoints(6000, 16);
  const exact = await exactly(points, 15, 2);
  const found = await roughly(points, 15, 1, 2);
  assert(recall(found, exact) > 0.985, String(recall(found, exact)));
  for (let row = 0; row < 6000; row += 100) {
    const { distances } = nearestByForce(points, row, 1);
    assertEquals([found.indices[row * 15], found.distances[row * 15]], [row, distances[0]]);
    const own = found.distances.subarray(row * 15, (row + 1) * 15);
    assertEquals([...own], [...own].sort((a, b) => a - b));
    assertEquals(new Set(found.indices.subarray(row * 15, (row + 1) * 15)).size, 15);
  }
});

Deno.test("nearestNeighbours() by descent finds all of a few points", async () => {
  const points = randomPoints(60, 4);
  assertExact(points, await roughly(points, 10));
});

Deno.test("nearestNeighbours() by descent gets on with points all in one place", async () => {
  const points = { data: new Float32Array(1500 * 3).fill(2), shape: [1500, 3] as const };
  const { indices, distances } = await roughly(points, 5);
  assertEquals(distances, new Float32Array(7500));
  for (let row = 0; row < 1500; row++) {
    assertEquals(indices[row * 5], row);
    assertEquals(new Set(indices.subarray(row * 5, row * 5 + 5)).size, 5);
  }
});

Deno.test("nearestNeighbours() by descent finds those of points far from all others", async () => {
  const points = randomPoints(2000, 3);
  for (let row = 0; row < 40; row++) {
    for (let k = 0; k < 3; k++) {
      points.data[row * 3 + k] = (k === row % 3 ? 1 : -1) * 10 ** (row / 2);
    }
  }
  const found = await roughly(points, 20);
  assert(found.indices.every((index) => index >= 0 && index < 2000));
  assert(found.distances.every(Number.isFinite));
  assert(recall(found, await exactly(points, 20)) > 0.985);
});

Deno.test("nearestNeighbours() by descent gives the same bits with 1, 2 and 3 workers", async () => {
  const points = randomPoints(5000, 9);
  const one = await roughly(points, 12, 3, 1);
  assertEquals(await roughly(points, 12, 3, 2), one);
  assertEquals(await roughly(points, 12, 3, 3), one);
});

Deno.test("nearestNeighbours() by descent depends on the seed alone", async () => {
  const points = randomPoints(5000, 20);
  const [a, b, c] = [
    await roughly(points, 6, 3),
    await roughly(points, 6, 3),
    await roughly(points, 6, 4),
  ];
  assertEquals(a, b);
  assert(a.indices.some((index, k) => index !== c.indices[k]));
});

Deno.test("nearestNeighbours() is exact with 1 and 2 threads alike", async () => {
  const points = randomPoints(4000, 12);
  assertEquals(await exactly(points, 9, 2), await exactly(points, 9, 1));
});

Deno.test("nearestNeighbours() takes the first components only", async () => {
  const points = randomPoints(300, 5);
  const data = Float32Array.from(
    { length: 900 },
    (_, i) => points.data[Math.floor(i / 3) * 5 + i % 3],
  );
  const some = { neighbours: 7, components: 3, random: new Random(1) };
  assertEquals(
    await nearestNeighbours(points, some),
    await exactly({ data, shape: [300, 3] }, 7),
  );
});

Deno.test("nearestNeighbours() refuses more neighbours than there are points", async () => {
  const error = await assertRejects(() => exactly(randomPoints(15, 3), 15), SthelarError);
  assertEquals(error.tag, "InvalidArgument");
  assertEquals(
    error.message,
    "Cannot find nearest neighbours: found 15 points, expected more than the 15 neighbours of " +
      "each; ask for 8 neighbours or fewer, or filter out fewer points",
  );
  assertEquals((await exactly(randomPoints(16, 3), 15)).rows, 16);
});

for (const value of [NaN, Infinity]) {
  Deno.test(`nearestNeighbours() names the point with a coordinate of ${value}`, async () => {
    const points = randomPoints(50, 4);
    points.data[4 * 9 + 2] = value;
    const error = await assertRejects(() => exactly(points, 5), SthelarError);
    assertEquals(error.tag, "CorruptData");
    assert(error.message.includes(`found ${value} in point 9, component 2`), error.message);
  });
}

Deno.test("nearestNeighbours() refuses options that cannot be right", async () => {
  const points = randomPoints(50, 4);
  const base = { neighbours: 5, random: new Random(1) };
  for (
    const [options, found] of [
      [{ neighbours: 1 }, "found 1 neighbours"],
      [{ neighbours: 2.5 }, "found 2.5 neighbours"],
      [{ components: 5 }, "found 5 components, expected a whole number from 1 to 4"],
      [{ components: 0 }, "found 0 components"],
      [{ threads: 0 }, "found 0 threads"],
    ] as const
  ) {
    await assertRejects(
      () => nearestNeighbours(points, { ...base, ...options }),
      SthelarError,
      found,
    );
  }
  const torn = { data: points.data.subarray(1), shape: points.shape };
  await assertRejects(() => nearestNeighbours(torn, base), SthelarError, "found 199 values");
});

for (const method of ["exact", "descent"] as const) {
  Deno.test(`nearestNeighbours() is stopped by a signal: ${method}`, async () => {
    const points = randomPoints(20_000, 16);
    const signal = AbortSignal.timeout(60);
    const options = { neighbours: 15, random: new Random(1), method, signal };
    const error = await assertRejects(() => nearestNeighbours(points, options), SthelarError);
    assertEquals(error.tag, "Aborted");
  });
}

for (const method of ["exact", "descent"] as const) {
  Deno.test(`nearestNeighbours() reports its progress to the end: ${method}`, async () => {
    const shares: number[] = [];
    const progress = { update: (done: number, total: number) => void shares.push(done / total) };
    const options = { neighbours: 5, random: new Random(1), method, progress };
    await nearestNeighbours(randomPoints(3000, 4), options);
    assertEquals(shares.at(-1), 1);
    assertEquals(shares, shares.toSorted((a, b) => a - b));
  });
}
