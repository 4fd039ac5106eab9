import { assertEquals } from "@std/assert";
import * as t from "@/numerics/graph/mod.ts";

type Build = (program: t.Program, a: t.Tensor, b: t.Tensor) => void;

const SIZE = 3;

/** The programs update `a` and `b`; what they should be afterwards is computed from copies. */
const CASES: Record<string, { readonly inPlace: readonly boolean[]; readonly build: Build }> = {
  "a value that only the last operation reads": {
    inPlace: [true],
    build: (p, a) => p.update(a, t.add(a, 1)),
  },
  "an operation that depends on all other readers": {
    inPlace: [true],
    build: (p, a) => p.update(a, t.sub(a, t.mul(t.sum(a, 0, { keepDims: true }), 0.5))),
  },
  "the addend of a matrix product": {
    inPlace: [true],
    build: (p, a, b) => p.update(a, t.matmul(b, b, { plus: a })),
  },
  "a matrix product that reads the old value": {
    inPlace: [false],
    build: (p, a, b) => p.update(a, t.matmul(a, b)),
  },
  "a factor that is also the addend": {
    inPlace: [false],
    build: (p, a, b) => p.update(a, t.matmul(a, b, { plus: a })),
  },
  "a transposed value": {
    inPlace: [false],
    build: (p, a) => p.update(a, t.transpose(a)),
  },
  "two parameters that are swapped": {
    inPlace: [false, false],
    build: (p, a, b) => {
      p.update(a, b);
      p.update(b, a);
    },
  },
  "each computed from the other": {
    inPlace: [false, false],
    build: (p, a, b) => {
      const sum = t.add(a, b);
      p.update(a, t.mul(b, 2));
      p.update(b, t.add(sum, t.mul(b, 3)));
    },
  },
  "a value that is also put out unchanged": {
    inPlace: [false],
    build: (p, a) => {
      p.update(a, t.add(a, 1));
      p.output("old", t.reshape(a, [SIZE * SIZE]));
    },
  },
  "a later reader of a reshaped view": {
    inPlace: [false],
    build: (p, a) => {
      const view = t.reshape(a, [SIZE * SIZE]);
      p.update(a, t.mul(a, -1));
      p.output("sum", t.sum(view, 0));
    },
  },
};

/** The same, with nothing in place: copies of the parameters go in. */
async function expected(build: Build, a: Float32Array<ArrayBuffer>, b: Float32Array<ArrayBuffer>) {
  const program = new t.Program();
  const values = new Map<string, t.Tensor>();
  const inputs = ["a", "b"].map((name) => program.input(name, [SIZE, SIZE]));
  const update = (parameter: t.Tensor, value: t.Tensor) => void values.set(parameter.name, value);
  const output = (name: string, tensor: t.Tensor) => program.output(name, tensor);
  build({ update, output } as unknown as t.Program, inputs[0], inputs[1]);
  program.output("both are used", t.add(inputs[0], inputs[1]));
  for (const [name, value] of values) program.output(`new ${name}`, t.add(value, 0));
  await using running = await t.openProgram(program.build());
  await running.run({ feeds: { a, b }, watch: [] });
  const read = [...values.keys()].map(async (name) => [name, await running.read(`new ${name}`)]);
  return new Map(await Promise.all(read) as [string, t.TensorData][]);
}

for (const [name, { build, inPlace }] of Object.entries(CASES)) {
  Deno.test(`a parameter's new value is right, in place or not: ${name}`, async () => {
    const a = Float32Array.from({ length: SIZE * SIZE }, (_, i) => i + 1);
    const b = Float32Array.from({ length: SIZE * SIZE }, (_, i) => (i * 7) % 5 - 2);
    const program = new t.Program();
    build(
      program,
      program.parameter("a", [SIZE, SIZE]),
      program.parameter("b", [SIZE, SIZE]),
    );
    const model = program.build();
    assertEquals(model.updates.map((update) => update.inPlace), inPlace);
    await using running = await t.openProgram(model);
    for (const [key, start] of [["a", a], ["b", b]] as const) {
      const used = model.inputs.some((input) => input.name === key);
      if (used) await running.write(key, start);
    }
    await running.run({ watch: [] });
    for (const [key, value] of await expected(build, a, b)) {
      assertEquals(await running.read(key), value, key);
    }
  });
}
