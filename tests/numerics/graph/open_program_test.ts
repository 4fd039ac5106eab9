import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import { isSthelarError, SthelarError } from "@/core/errors.ts";
import * as t from "@/numerics/graph/mod.ts";

/** x <- x * factor, with the sum of x put out. */
function scaling(length: number): t.Model {
  const program = new t.Program();
  const x = program.parameter("x", [length]);
  const factor = program.input("factor", []);
  const next = t.mul(x, factor);
  program.update(x, next);
  program.output("total", t.sum(next));
  return program.build();
}

/** A run that takes minutes. */
function endless(): t.Model {
  const program = new t.Program();
  const x = program.parameter("x", [1500, 1500]);
  program.update(x, t.matmul(x, x));
  program.output("total", t.sum(x));
  return program.build();
}

Deno.test("run() keeps parameters from step to step and returns what was watched", async () => {
  await using running = await t.openProgram(scaling(3));
  await running.write("x", Float32Array.of(1, 2, 3));
  const { watched } = await running.run({ steps: 3, feeds: { factor: 2 } });
  assertEquals(watched, { total: Float64Array.of(12, 24, 48) });
  await running.run();
  assertEquals(await running.read("x"), Float32Array.of(16, 32, 48));
});

Deno.test("run() reports steps while it runs, each once", async () => {
  await using running = await t.openProgram(scaling(200_000));
  const seen: number[] = [];
  const result = await running.run({
    steps: 2000,
    feeds: { factor: 1 },
    onSteps(firstStep, { total }) {
      assertEquals(firstStep, seen.length);
      seen.push(...total);
    },
  });
  assertEquals(seen, [...result.watched.total]);
});

Deno.test("run() feeds each step its own entry", async () => {
  const program = new t.Program();
  const x = program.parameter("x", []);
  const change = program.input("change", [2], { per: "step" });
  program.update(x, t.add(x, t.sum(change)));
  program.output("now", t.add(x, t.sum(change)));
  await using running = await t.openProgram(program.build());
  const feeds = { change: Float32Array.of(1, 1, 2, 2, 3, 3) };
  assertEquals((await running.run({ steps: 3, feeds })).watched.now, Float64Array.of(2, 6, 12));
  await assertRejects(
    () => running.run({ steps: 4 }),
    SthelarError,
    'Cannot feed "change" to step',
  );
});

Deno.test("models share tensors by name, in the order of each step", async () => {
  const first = new t.Program();
  first.output("half", t.mul(first.input("x", [2]), 0.5));
  const second = new t.Program();
  const sum = second.parameter("sum", [2]);
  second.update(sum, t.add(sum, second.input("half", [2])));
  await using running = await t.openProgram({ first: first.build(), second: second.build() });
  await running.run({ steps: 3, feeds: { x: Float32Array.of(2, 4) } });
  assertEquals(await running.read("sum"), Float32Array.of(3, 6));
  await running.run({ order: [{ zero: "sum" }, "second"] });
  assertEquals(await running.read("sum"), Float32Array.of(1, 2));
});

Deno.test("a model of blocks runs over a range of a table's rows", async () => {
  const build = (rows: number) => {
    const program = new t.Program();
    const x = program.parameter("x", [rows, 2], { per: "block" });
    program.update(x, t.add(x, rows));
    return program;
  };
  const model = t.buildBlocks(5, 2, build, { firstRow: 1, tableRows: 7 });
  await using running = await t.openProgram(model);
  await running.run();
  const expected = [0, 2, 2, 2, 2, 1, 0].flatMap((value) => [value, value]);
  assertEquals(await running.read("x"), Float32Array.from(expected));
  const beyond = { firstRow: 3, tableRows: 7 };
  assertThrows(() => t.buildBlocks(5, 2, build, beyond), SthelarError, "5 rows from 3 of 7");
});

Deno.test("rows are written and read, and a tensor is moved in and out", async () => {
  const program = new t.Program();
  program.output("y", t.mul(program.input("x", [3, 2]), 1));
  await using running = await t.openProgram(program.build());
  await running.write("x", Float32Array.of(3, 4), { firstRow: 1 });
  await running.run();
  assertEquals(await running.read("y", { firstRow: 1, rows: 2 }), Float32Array.of(3, 4, 0, 0));
  const moved = Float32Array.of(1, 2, 3, 4, 5, 6);
  await running.write("x", moved, { transfer: true });
  assertEquals(moved.length, 0);
  await running.run();
  assertEquals(await running.take("y"), Float32Array.of(1, 2, 3, 4, 5, 6));
  await assertRejects(() => running.run(), SthelarError, 'Cannot use the tensor "y"');
  assertEquals(running.bufferBytes, 48);
});

Deno.test("run() stops at the first value that is not finite, with step and name", async () => {
  const program = new t.Program();
  const x = program.parameter("x", [2]);
  const next = t.mul(t.add(x, 1), 1e6);
  program.update(x, next);
  program.output("growth", next);
  program.output("loss", t.sum(next));
  await using running = await t.openProgram(program.build());
  const error = await assertRejects(() => running.run({ steps: 100 }), SthelarError);
  assert(isSthelarError(error, "CorruptData"));
  assertEquals(
    error.message,
    'Stopped a tensor program at step 6: found "loss" is Infinity, expected finite values',
  );
  await running.run({ order: [{ zero: "x" }], watch: [] });
  await assertRejects(
    () => running.run({ steps: 100, watch: ["growth"] }),
    SthelarError,
    'found "growth" at 0 is Infinity',
  );
});

Deno.test("unknown names, wrong types and wrong lengths are refused before anything runs", async () => {
  await using running = await t.openProgram(scaling(3));
  const refused: [() => Promise<unknown>, string][] = [
    [() => running.run({ feeds: { facter: 2 } }), 'did you mean "factor"?'],
    [() => running.run({ feeds: { x: new Float32Array(4) } }), "expected float32 [3]"],
    [() => running.run({ feeds: { x: new Float64Array(3) } }), "found Float64Array of 3"],
    [() => running.run({ watch: ["totle"] }), 'Cannot watch "totle"'],
    [() => running.run({ order: ["program", "objective"] }), 'found no model "objective"'],
    [() => running.run({ order: [{ zero: "y" }] }), "found no tensor"],
    [() => running.run({ steps: 0 }), "found 0 steps"],
    [() => running.write("x", new Float32Array(2), { firstRow: 2 }), "from row 2"],
    [() => running.read("x", { rows: 4 }), "found 4 rows from 0"],
    [() => running.read("z"), 'Cannot read "z"'],
    [() => t.openProgram(scaling(3), { threads: 0 }), "found 0 threads"],
  ];
  for (const [act, message] of refused) {
    const error = await assertRejects(act, SthelarError, message);
    assertEquals(error.tag, "InvalidArgument");
  }
});

Deno.test("models that disagree about a tensor are refused", async () => {
  await assertRejects(
    () => t.openProgram({ one: scaling(3), two: scaling(4) }),
    SthelarError,
    'Cannot share "x" with the model "two": found float32 [4], expected float32 [3]',
  );
});

Deno.test("a provider that is not here is refused with the list of those that are", async () => {
  for (const provider of ["cuda", "dml"] as const) {
    const error = await assertRejects(() => t.openProgram(scaling(3), { provider }), SthelarError);
    assertEquals(error.tag, "InvalidArgument");
    assert(error.message.startsWith(`Cannot run tensor programs on "${provider}": found `));
    assert(error.message.includes("expected one that works here of cpu"));
  }
});

Deno.test("the handle tells what runs the program", async () => {
  await using running = await t.openProgram(scaling(3), { threads: 2 });
  assertEquals([running.provider, running.threads, running.runtime], ["cpu", 2, "1.30.0"]);
});

Deno.test("a failure inside onnxruntime is a tagged error, and the program goes on", async () => {
  const program = new t.Program();
  const indices = program.input("indices", [2], { dtype: "int64" });
  program.output("rows", t.gather(program.input("x", [3, 2]), indices));
  await using running = await t.openProgram(program.build());
  const feeds = { indices: BigInt64Array.of(0n, 7n) };
  const error = await assertRejects(() => running.run({ feeds }), SthelarError);
  assertEquals(error.tag, "StageFailed");
  assert(error.message.includes("indices element out of data bounds"), error.message);
  await running.run({ feeds: { indices: BigInt64Array.of(0n, 1n) } });
});

Deno.test("a model that onnxruntime cannot read is a tagged error", async () => {
  const model = { ...scaling(3), bytes: Uint8Array.of(1, 2, 3) };
  const error = await assertRejects(() => t.openProgram(model), SthelarError);
  assert(error.message.startsWith('Cannot open the tensor program "program": found '));
});

Deno.test("an abort ends a long run at once, and all that follows", async () => {
  const controller = new AbortController();
  await using running = await t.openProgram(endless(), { signal: controller.signal });
  const started = performance.now();
  const run = running.run({ steps: 1_000_000, onSteps: () => controller.abort() });
  const error = await assertRejects(() => run, SthelarError);
  assertEquals(error.tag, "Aborted");
  await assertRejects(() => running.read("x"), SthelarError, "Stopped a tensor program");
  assert(performance.now() - started < 20_000);
});

Deno.test("a signal that is aborted already opens nothing", async () => {
  const signal = AbortSignal.abort();
  const error = await assertRejects(() => t.openProgram(scaling(3), { signal }), SthelarError);
  assertEquals(error.tag, "Aborted");
});

Deno.test("disposing ends a run that nobody waits for", async () => {
  const running = await t.openProgram(endless());
  const ended = assertRejects(
    () => running.run({ steps: 1_000_000 }),
    SthelarError,
    "found that it was disposed",
  );
  await running[Symbol.asyncDispose]();
  await ended;
  await assertRejects(() => running.run(), SthelarError, "found that it was disposed");
});

Deno.test("an error in onSteps ends the program with that error", async () => {
  await using running = await t.openProgram(endless());
  const onSteps = () => {
    throw new RangeError("no more");
  };
  await assertRejects(() => running.run({ steps: 1_000_000, onSteps }), RangeError, "no more");
});

Deno.test("a worker's death fails all questions instead of leaving them without answer", async () => {
  // In a process of its own: Deno prints what a worker did not catch.
  const script = new URL("./crashing_worker.ts", import.meta.url).pathname;
  const { stdout } = await new Deno.Command(Deno.execPath(), { args: ["run", "-A", script] })
    .output();
  const died = "Cannot run a tensor program: its worker died: found Uncaught Error: out of order";
  assertEquals(JSON.parse(new TextDecoder().decode(stdout)), [died, died, died]);
});

Deno.test("results do not depend on the number of threads", async () => {
  const program = new t.Program();
  const [a, b] = [program.input("a", [901, 301]), program.input("b", [301, 257])];
  const x = t.softmax(t.matmul(a, b));
  const loss = t.mean(t.cosineSimilarity(x, t.exp(x), 0));
  program.output("loss", loss);
  program.output("times column", t.matmul(a, t.slice(b, 1, 0, 1)));
  t.gradients(loss, [a, b]).forEach((g, i) => program.output(`gradient ${i}`, g));
  const model = program.build();
  const fill = (length: number) => Float32Array.from({ length }, (_, i) => Math.sin(i * i + 1));
  const feeds = { a: fill(901 * 301), b: fill(301 * 257) };
  const results = [];
  for (const threads of [1, 2, 3]) {
    await using running = await t.openProgram(model, { threads });
    await running.run({ feeds });
    const names = ["loss", "times column", "gradient 0", "gradient 1"];
    results.push(await Promise.all(names.map((name) => running.read(name))));
  }
  assertEquals(results[1], results[0]);
  assertEquals(results[2], results[0]);
});

Deno.test("build() refuses more constants than a model can hold", () => {
  const program = new t.Program();
  const large = program.constant(new Float32Array(2 ** 29), [2 ** 29]);
  program.output("sum", t.sum(large));
  assertThrows(() => program.build(), SthelarError, "found 2.1 GB of constants");
});
