import { assert, assertEquals } from "@std/assert";
import { Random } from "@/core/random.ts";
import { planReads, type Stretch } from "@/formats/atlas/plan_reads.ts";

Deno.test("reads cover every wanted value once, in order, within bounds", () => {
  const random = new Random("plan");
  for (let round = 0; round < 200; round++) {
    const limits = { chunk: 1 + random.integer(40), most: 1 + random.integer(100) };
    const stretches: Stretch[] = [];
    for (let at = 0, owner = 0; owner < 30; owner++) {
      const start = at + random.integer(60);
      at = start + random.integer(50);
      stretches.push({ owner, start, stop: at });
    }
    const reads = planReads(stretches, limits);
    const wanted = stretches.flatMap(({ owner, start, stop }) =>
      Array.from({ length: stop - start }, (_, i) => `${owner} ${start + i}`)
    );
    const planned = reads.flatMap((read) =>
      read.stretches.flatMap(({ owner, start, stop }) =>
        Array.from({ length: stop - start }, (_, i) => `${owner} ${start + i}`)
      )
    );
    assertEquals(planned, wanted);
    for (const { start, stop, stretches } of reads) {
      assert(stop - start <= limits.most);
      assertEquals([stretches[0].start, stretches.at(-1)?.stop], [start, stop]);
    }
  }
});

Deno.test("what lies between is read over only where its chunk is decoded anyway", () => {
  const at = (start: number) => ({ owner: 0, start, stop: start + 1 });
  const reads = (...starts: number[]) =>
    planReads(starts.map(at), { chunk: 10, most: 1000 }).map(({ start, stop }) => [start, stop]);
  assertEquals(reads(0, 9), [[0, 10]]);
  assertEquals(reads(9, 19), [[9, 20]]);
  assertEquals(reads(9, 20), [[9, 10], [20, 21]]);
});
