import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import { SthelarError } from "@/core/errors.ts";
import { Turns } from "@/core/turns.ts";

Deno.test("Turns lets timers run in a loop that never waits for anything else", async () => {
  let ran = false;
  setTimeout(() => ran = true);
  const turns = new Turns("Stopped looping", undefined);
  const start = performance.now();
  while (!ran && performance.now() - start < 5000) await turns.next();
  assert(ran);
});

Deno.test("Turns stops a loop as soon as the signal says so, with its reason", async () => {
  const stop = new AbortController();
  const turns = new Turns("Stopped looping", stop.signal);
  stop.abort("enough");
  const error = await assertRejects(() => turns.next(), SthelarError, "Stopped looping");
  assertEquals([error.tag, error.cause], ["Aborted", "enough"]);
});

Deno.test("Turns refuses to start what is already stopped", () => {
  assertThrows(() => new Turns("Stopped looping", AbortSignal.abort()), SthelarError, "looping");
});
