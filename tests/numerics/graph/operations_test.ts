import { assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import { SthelarError } from "@/core/errors.ts";
import { Random } from "@/core/random.ts";
import * as t from "@/numerics/graph/mod.ts";

/** Values of the outputs of a program without inputs. */
async function evaluate(
  build: (program: t.Program) => Readonly<Record<string, t.Tensor>>,
): Promise<Record<string, number[]>> {
  const program = new t.Program();
  const outputs = Object.entries(build(program));
  for (const [name, tensor] of outputs) program.output(name, tensor);
  await using running = await t.openProgram(program.build());
  await running.run({ watch: [] });
  const values = outputs.map(async (
    [name],
  ) => [name, Array.from(await running.read(name), Number)]);
  return Object.fromEntries(await Promise.all(values));
}

function matrix(program: t.Program, rows: number[][], dtype: t.DType = "float32"): t.Tensor {
  const flat = rows.flat();
  const data = dtype === "float64" ? Float64Array.from(flat) : Float32Array.from(flat);
  return program.constant(data, [rows.length, rows[0].length], dtype);
}

Deno.test("arithmetic broadcasts rows, columns and numbers", async () => {
  const values = await evaluate((p) => {
    const a = matrix(p, [[1, 2, 3], [4, 5, 6]]);
    const row = matrix(p, [[10, 20, 30]]);
    const column = matrix(p, [[1], [2]]);
    return {
      add: t.add(a, row),
      outer: t.mul(column, row),
      sub: t.sub(1, a),
      div: t.div(a, column),
      pow: t.pow(column, a),
      where: t.where(t.greaterOrEqual(a, 3), a, t.neg(column)),
    };
  });
  assertEquals(values, {
    add: [11, 22, 33, 14, 25, 36],
    outer: [10, 20, 30, 20, 40, 60],
    sub: [0, -1, -2, -3, -4, -5],
    div: [1, 2, 3, 2, 2.5, 3],
    pow: [1, 1, 1, 16, 32, 64],
    where: [-1, -1, 3, 4, 5, 6],
  });
});

Deno.test("matmul() uses either matrix or its transpose, and adds", async () => {
  const values = await evaluate((p) => {
    const a = matrix(p, [[1, 2, 3], [4, 5, 6]]);
    const b = matrix(p, [[1, 0, 2], [0, 1, 1]]);
    const bias = matrix(p, [[100, 200]]);
    return {
      abT: t.matmul(a, b, { transposeB: true }),
      aTb: t.matmul(a, b, { transposeA: true }),
      plus: t.matmul(a, b, { transposeB: true, plus: bias }),
      batch: t.matmul(t.reshape(a, [1, 2, 3]), t.transpose(b)),
      bTaT: t.matmul(b, a, { transposeB: true }),
    };
  });
  assertEquals(values.abT, [7, 5, 16, 11]);
  assertEquals(values.aTb, [1, 4, 6, 2, 5, 9, 3, 6, 12]);
  assertEquals(values.plus, [107, 205, 116, 211]);
  assertEquals(values.batch, values.abT);
  assertEquals(values.bTaT, [7, 16, 5, 11]);
});

Deno.test("reductions work on any axes", async () => {
  const values = await evaluate((p) => {
    const x = matrix(p, [[1, 7, 3], [4, 5, 7]]);
    return {
      sum: t.sum(x),
      columns: t.sum(x, 0),
      mean: t.mean(x, -1, { keepDims: true }),
      max: t.max(x, 1),
      min: t.min(x),
      argMax: t.argMax(x),
      argMin: t.argMin(x, 0),
      norm: t.norm(x, 0),
    };
  });
  const norm = [Math.hypot(1, 4), Math.hypot(7, 5), Math.hypot(3, 7)];
  values.norm.forEach((value, i) => assertAlmostEquals(value, norm[i], 1e-6));
  assertEquals({ ...values, norm: [] }, {
    sum: [27],
    columns: [5, 12, 10],
    mean: [11 / 3, 16 / 3].map(Math.fround),
    max: [7, 7],
    min: [1],
    argMax: [1, 2],
    argMin: [0, 1, 0],
    norm: [],
  });
});

Deno.test("shapes are cut, joined, turned and filled", async () => {
  const values = await evaluate((p) => {
    const x = matrix(p, [[1, 2, 3], [4, 5, 6]]);
    return {
      transpose: t.transpose(x),
      slice: t.slice(x, 1, 1, 3),
      concat: t.concat([x, t.slice(x, 0, 1, 2)], 0),
      pad: t.pad(t.slice(x, 0, 0, 1), -1, 1, 0),
      broadcast: t.broadcastTo(t.slice(x, 1, 0, 1), [2, 2]),
    };
  });
  assertEquals(values, {
    transpose: [1, 4, 2, 5, 3, 6],
    slice: [2, 3, 5, 6],
    concat: [1, 2, 3, 4, 5, 6, 4, 5, 6],
    pad: [0, 1, 2, 3],
    broadcast: [1, 1, 4, 4],
  });
});

Deno.test("rows are gathered, scattered, ranked and made one-hot", async () => {
  const values = await evaluate((p) => {
    const x = matrix(p, [[1, 2], [3, 4], [5, 6]]);
    const indices = p.constant(BigInt64Array.of(2n, 0n, 2n), [3], "int64");
    const { values, indices: places } = t.topK(matrix(p, [[3, 9, 1, 9]]), 3);
    return {
      gather: t.gather(x, indices),
      scatter: t.scatterAdd(x, indices, 4),
      best: values,
      places,
      smallest: t.topK(matrix(p, [[3, 9, 1, 9]]), 2, { largest: false }).indices,
      oneHot: t.oneHot(indices, 3),
    };
  });
  assertEquals(values, {
    gather: [5, 6, 1, 2, 5, 6],
    scatter: [3, 4, 0, 0, 6, 8, 0, 0],
    best: [9, 9, 3],
    places: [1, 3, 0],
    smallest: [2, 0],
    oneHot: [0, 0, 1, 1, 0, 0, 0, 0, 1],
  });
});

Deno.test("softmax, logSoftmax and logSumExp survive large values", async () => {
  const values = await evaluate((p) => {
    const x = matrix(p, [[1000, 1001], [-1000, -1000]]);
    return { soft: t.softmax(x), log: t.logSoftmax(x), sum: t.logSumExp(x) };
  });
  const small = 1 / (1 + Math.E);
  const expected = [small, 1 - small, 0.5, 0.5];
  values.soft.forEach((value, i) => assertAlmostEquals(value, expected[i], 1e-7));
  values.log.forEach((value, i) => assertAlmostEquals(value, Math.log(expected[i]), 1e-6));
  assertAlmostEquals(values.sum[0], 1000 + Math.log(1 + Math.E), 1e-4);
});

Deno.test("comparisons, sign, clip and casts", async () => {
  const values = await evaluate((p) => {
    const x = matrix(p, [[-2, -0.5, 0, 0.5, 2]]);
    return {
      inside: t.both(t.greater(x, -1), t.lessOrEqual(x, 0.5)),
      less: t.less(x, 0),
      equal: t.equal(x, 0),
      sign: t.sign(x),
      clip: t.clip(x, -1, 1),
      ints: t.cast(x, "int32"),
    };
  });
  assertEquals(values, {
    inside: [0, 1, 1, 1, 0],
    less: [1, 1, 0, 0, 0],
    equal: [0, 0, 1, 0, 0],
    sign: [-1, -1, 0, 1, 1],
    clip: [-1, -0.5, 0, 0.5, 1],
    ints: [-2, 0, 0, 0, 2],
  });
});

Deno.test("lgamma() is right from 1e-3 to 1e6, in both precisions", async () => {
  // scipy.special.gammaln
  const known: [number, number][] = [
    [1e-3, 6.907178885383853],
    [0.5, 0.5723649429247],
    [1, 0],
    [2, 0],
    [3.7, 1.428072326665388],
    [11.999, 17.499865227646108],
    [12, 17.502307845873887],
    [100, 359.1342053695754],
    [1e6, 12815504.569147611],
  ];
  const xs = known.map(([x]) => [x]);
  const { single, double } = await evaluate((p) => ({
    single: t.lgamma(matrix(p, xs)),
    double: t.lgamma(matrix(p, xs, "float64")),
  }));
  known.forEach(([x, value], i) => {
    assertAlmostEquals(double[i], value, 3e-9 * Math.max(1, value), `lgamma(${x})`);
    // x itself is rounded to float32, which moves the result by x ψ(x) ε.
    assertAlmostEquals(single[i], value, 3e-6 * Math.max(1, value), `lgamma(${x})`);
  });
});

Deno.test("cosineSimilarity() is 0 for a column of zeros, with a finite gradient", async () => {
  const { cosine, gradient } = await evaluate((p) => {
    const a = matrix(p, [[0, 1], [0, 1]]);
    const cosine = t.cosineSimilarity(a, matrix(p, [[1, 1], [2, 0]]), 0);
    return { cosine, gradient: t.gradients(t.sum(cosine), [a])[0] };
  });
  assertEquals(cosine[0], 0);
  assertAlmostEquals(cosine[1], Math.SQRT1_2, 1e-6);
  assertEquals(gradient.every(Number.isFinite), true);
});

Deno.test("batchNorm() gives each column mean 0 and variance 1", async () => {
  const { output, mean, variance } = await evaluate((p) => {
    const x = matrix(p, [[1, 10], [2, 30], [3, 50]]);
    return { ...t.batchNorm(x, matrix(p, [[1, 2]]), matrix(p, [[0, 1]]), 0) };
  });
  assertEquals(mean, [2, 30]);
  assertAlmostEquals(variance[0], 2 / 3, 1e-6);
  assertAlmostEquals(output[0], -Math.sqrt(1.5), 1e-6);
  assertAlmostEquals(output[5], 2 * Math.sqrt(1.5) + 1, 1e-5);
});

Deno.test("a misfit names the operation, the tensors, what was found and what is expected", () => {
  const program = new t.Program();
  const counts = program.input("counts", [5, 3]);
  const weights = program.input("weights", [4, 2]);
  const labels = program.input("labels", [5], { dtype: "int64" });
  const refused: [() => unknown, string][] = [
    [
      () => t.matmul(counts, weights),
      'Cannot build matmul of "counts" and "weights": found float32 [5, 3] and float32 [4, 2], ' +
      "expected equal inner extents, and one type",
    ],
    [() => t.add(counts, weights), 'Cannot build add of "counts" and "weights"'],
    [() => t.exp(labels), 'Cannot build exp of "labels": found int64 [5]'],
    [() => t.sum(counts, 2), 'Cannot build sum of "counts": found axes [2] of [5, 3]'],
    [() => t.reshape(counts, [4, 4]), 'Cannot build reshape of "counts": found [4, 4]'],
    [() => t.slice(counts, 0, 3, 9), 'Cannot build slice of "counts": found 3 to 9 of axis 0'],
    [() => t.mul(counts, t.cast(labels, "float64")), "Cannot build mul"],
    [() => t.topK(counts, 4), "found k 4, expected k from 1 to 3"],
    [() => t.gather(counts, weights), 'Cannot build gather of "weights"'],
    [() => t.concat([counts, weights], 0), "Cannot build concat"],
    [() => t.transpose(counts, [0, 0]), "Cannot build transpose"],
    [() => t.add(1, 2), "expected at least one tensor"],
    [() => t.add(counts, new t.Program().input("counts", [5, 3])), "several programs"],
    [() => program.input("counts", [1]), 'Cannot declare "counts"'],
    [() => program.input("empty", [0, 3]), 'Cannot declare "empty"'],
    [() => program.update(counts, t.exp(counts)), 'Cannot build update of "counts"'],
    [() => new t.Program().build(), "found no output and no update"],
    [() => program.constant(new Float32Array(3), [2]), "found 3 values, expected 2 values"],
    [() => t.cosineSimilarity(counts, weights, 0), "shapes that broadcast"],
    [() => t.softmax(labels.named("M")), `Cannot build softmax of "M"`],
  ];
  for (const [build, message] of refused) assertThrows(build, SthelarError, message);
});

Deno.test("products of few rows are the same on any number of threads", async () => {
  const [rows, inner, columns] = [20, 377, 128];
  const program = new t.Program();
  const a = program.input("a", [rows, inner]), b = program.input("b", [inner, columns]);
  const c = program.input("c", [columns, inner]);
  program.output("plain", t.matmul(a, b, { plus: program.input("plus", [columns]) }));
  program.output("turned", t.matmul(a, c, { transposeB: true }));
  const model = program.build();
  const random = new Random("threads");
  const feeds = Object.fromEntries(model.inputs.map(({ name, shape }) => {
    const values = new Float32Array(shape.reduce((size, extent) => size * extent, 1));
    random.fillNormal(values);
    return [name, values];
  }));
  const results = [];
  for (const threads of [1, 2, 7]) {
    await using running = await t.openProgram(model, { threads });
    await running.run({ feeds });
    results.push([await running.read("plain"), await running.read("turned")]);
  }
  assertEquals(results[1], results[0]);
  assertEquals(results[2], results[0]);
});
