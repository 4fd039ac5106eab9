import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import { Random } from "@/core/random.ts";
import { SthelarError } from "@/core/errors.ts";
import type { SparseMatrix } from "@/core/sparse.ts";
import {
  type CountSource,
  scviLatent,
  scviMetadata,
  scviModelOf,
  type ScviOptions,
  sparseCounts,
  trainScvi,
} from "@/numerics/scvi/mod.ts";
import { denseCounts } from "./goldens.ts";

const CELLS = 300, GENES = 30, TYPES = 3;
const NAMES = Array.from({ length: GENES }, (_, gene) => `gene ${gene}`);
const LABELS = Int32Array.from({ length: CELLS }, (_, cell) => cell % TYPES);

/** Three types of cells, each with ten genes of its own. */
function plantedCounts(): Float32Array<ArrayBuffer> {
  const random = new Random("planted");
  return Float32Array.from({ length: CELLS * GENES }, (_, i) => {
    const own = Math.floor((i % GENES) / 10) === LABELS[Math.floor(i / GENES)];
    return Math.max(0, Math.round((own ? 6 : 0.5) + (own ? 2.5 : 0.8) * random.normal()));
  });
}

const DENSE = plantedCounts();
const COUNTS = denseCounts({ data: DENSE, shape: [CELLS, GENES] });

/** The same counts by rows, each row's genes from the last to the first, with 64-bit indices. */
function reversedRows(): SparseMatrix {
  const data: number[] = [], indices: bigint[] = [], indptr = [0n];
  for (let cell = 0; cell < CELLS; cell++) {
    for (let gene = GENES - 1; gene >= 0; gene--) {
      const count = DENSE[cell * GENES + gene];
      if (count === 0) continue;
      data.push(count);
      indices.push(BigInt(gene));
    }
    indptr.push(BigInt(data.length));
  }
  return {
    format: "csr",
    shape: [CELLS, GENES],
    data: Uint16Array.from(data),
    indices: BigInt64Array.from(indices),
    indptr: BigInt64Array.from(indptr),
  };
}

const SMALL = { hidden: 16, latent: 4, batchSize: 64, epochs: 2 } as const;

function optionsOf(options: Partial<ScviOptions> = {}): ScviOptions {
  return { ...SMALL, random: new Random("scvi"), ...options };
}

async function trained(counts: CountSource = COUNTS, options: Partial<ScviOptions> = {}) {
  return await trainScvi(counts, NAMES, optionsOf(options));
}

Deno.test("trainScvi() separates planted types, and reports what scvi-tools' history has", async () => {
  const seen: (readonly [number, number, string])[] = [];
  const { model, history } = await trained(COUNTS, {
    epochs: 60,
    learningRate: 3e-3,
    progress: { update: (...step) => seen.push(step) },
  });
  const { data } = await scviLatent(model, COUNTS, NAMES);
  assert(nearestShare(data, 4) > 0.98, `${nearestShare(data, 4)} of neighbours of the same type`);
  const { train, validation, learningRate, epochs } = history;
  for (const losses of [train, validation]) {
    for (const values of Object.values(losses)) assertEquals(values.length, epochs);
    assertEquals(losses.elbo[3], losses.reconstruction[3] + losses.klLocal[3]);
    const weighted = losses.reconstruction[3] + 3 / 400 * losses.klLocal[3];
    assert(Math.abs(losses.loss[3] - weighted) < 1e-9);
    assert(losses.reconstruction[epochs - 1] < 0.9 * losses.reconstruction[0]);
    assert(losses.klGlobal.every((value) => value === 0));
  }
  assertEquals(learningRate.length, epochs);
  // 270 rows are 4 batches of 64 and one of 14.
  assertEquals(seen.at(-1), [5 * epochs, 300, "steps"]);
});

function nearestShare(points: Float32Array, components: number): number {
  let same = 0;
  for (let i = 0; i < CELLS; i++) {
    let nearest = -1, least = Infinity;
    for (let j = 0; j < CELLS; j++) {
      if (j === i) continue;
      let distance = 0;
      for (let c = 0; c < components; c++) {
        distance += (points[i * components + c] - points[j * components + c]) ** 2;
      }
      if (distance < least) [nearest, least] = [j, distance];
    }
    if (LABELS[nearest] === LABELS[i]) same++;
  }
  return same / CELLS;
}

Deno.test("trainScvi() gives the same on any number of threads and however counts are stored", async () => {
  const runs = [
    await trained(),
    await trained(COUNTS, { threads: 2 }),
    await trained(sparseCounts(reversedRows())),
  ];
  for (const { model, history } of runs.slice(1)) {
    assertEquals(model.tensors, runs[0].model.tensors);
    assertEquals(history, runs[0].history);
  }
  const other = await trained(COUNTS, { random: new Random("other") });
  assert(other.history.train.loss[0] !== runs[0].history.train.loss[0]);
  const latents = [1, 2].map((threads) => scviLatent(other.model, COUNTS, NAMES, { threads }));
  assertEquals(await latents[0], await latents[1]);
});

Deno.test("trainScvi() stops early, and lowers the learning rate, once the validation gets no better", async () => {
  const { history } = await trained(COUNTS, {
    ...{ epochs: 30, stopMinDelta: 1e6, stopPatience: 4, plateauPatience: 0, learningRate: 0 },
  });
  assertEquals([history.epochs, history.stoppedEarly], [5, true]);
  const all = await trained(COUNTS, { epochs: 3, learningRate: 1e-5, stopPatience: 3 });
  assertEquals([all.history.epochs, all.history.stoppedEarly], [3, false]);
});

Deno.test("trainScvi() drops a last batch of one row, which batch norm cannot take", async () => {
  // 0.9 of 72 rows, rounded up, are one batch of 64 and one row.
  const counts = denseCounts({ data: DENSE.subarray(0, 72 * GENES), shape: [72, GENES] });
  const steps: number[] = [];
  const { history } = await trained(counts, {
    progress: { update: (_, total) => steps.push(total) },
  });
  assertEquals(steps[0], SMALL.epochs);
  assert(history.train.loss.every(Number.isFinite));
});

Deno.test("trainScvi() takes batches larger than all rows, several samples, and rows without counts", async () => {
  const data = DENSE.slice();
  data.fill(0, 0, 40 * GENES);
  const codes = Int32Array.from({ length: CELLS }, (_, cell) => cell % 2);
  const counts = denseCounts({ data, shape: [CELLS, GENES] });
  const samples = { codes, names: ["left", "right"] };
  const { model, history } = await trained(counts, { batchSize: 1000, samples });
  assert(history.validation.elbo.every(Number.isFinite));
  assertEquals(model.samples, ["left", "right"]);
  assertEquals(model.tensors.get("decoder.px_decoder.fc_layers.Layer 0.0.weight")?.shape, [16, 6]);
  const { data: latent } = await scviLatent(model, counts, NAMES);
  assert(latent.every(Number.isFinite));
  const one = await trained(COUNTS, { samples: { codes: new Int32Array(CELLS), names: ["only"] } });
  assertEquals(one.model.tensors, (await trained()).model.tensors);
});

async function refusal(counts: CountSource, options: Partial<ScviOptions> = {}): Promise<string> {
  const error = await assertRejects(() => trained(counts, options), SthelarError);
  return `${error.tag}: ${error.message}`;
}

Deno.test("trainScvi() refuses what are no counts, with the first of them", async () => {
  const changed = (value: number) => {
    const data = DENSE.slice();
    data[7 * GENES + 4] = value;
    return denseCounts({ data, shape: [CELLS, GENES] });
  };
  for (const value of [-1, 0.5, NaN, Infinity]) {
    const message = await refusal(changed(value));
    assert(message.includes(`found ${value} of gene "gene 4" in row 7`), message);
  }
});

Deno.test("trainScvi() refuses too few rows, names that do not fit, and settings out of range", async () => {
  const rows = (count: number) =>
    denseCounts({ data: DENSE.subarray(0, count * GENES), shape: [count, GENES] });
  for (const count of [0, 1, 2, 5]) {
    assert((await refusal(rows(count))).includes(`${count} rows`));
  }
  const samples = (codes: Int32Array) => ({ samples: { codes, names: ["a", "b"] } });
  const cases: readonly [Partial<ScviOptions>, string][] = [
    [{ epochs: 0 }, "epochs 0"],
    [{ dropout: 1 }, "dropout 1"],
    [{ batchSize: 1 }, "batchSize 1"],
    [{ trainShare: 1 }, "trainShare 1"],
    [{ learningRate: NaN }, "learningRate NaN"],
    [samples(new Int32Array(CELLS - 1)), "samples of 299 rows"],
    [samples(new Int32Array(CELLS).fill(2)), "sample 2 of 2 in row 0"],
  ];
  for (const [options, expected] of cases) {
    const message = await refusal(COUNTS, options);
    assert(message.startsWith("InvalidArgument") && message.includes(expected), message);
  }
  for (const names of [NAMES.slice(1), NAMES.with(3, "gene 2")]) {
    await assertRejects(() => trainScvi(COUNTS, names, optionsOf()), SthelarError, "each once");
  }
});

Deno.test("trainScvi() says in which epoch a loss is not finite", async () => {
  const message = await refusal(COUNTS, { learningRate: 1e30, epochs: 20 });
  assert(message.startsWith("CorruptData: Stopped scVI in epoch "), message);
});

Deno.test("trainScvi() and scviLatent() stop at once", async () => {
  const stop = new AbortController();
  const running = trained(COUNTS, {
    epochs: 10_000,
    signal: stop.signal,
    progress: { update: () => stop.abort() },
  });
  const error = await assertRejects(() => running, SthelarError);
  assertEquals(error.tag, "Aborted");
  const { model } = await trained();
  const signal = AbortSignal.abort();
  const late = await assertRejects(
    () => scviLatent(model, COUNTS, NAMES, { signal }),
    SthelarError,
  );
  assertEquals(late.tag, "Aborted");
});

Deno.test("scviLatent() refuses other genes than the model's, with their names", async () => {
  const { model } = await trained();
  const cases: readonly [readonly string[], string][] = [
    [NAMES.with(2, "CD3E"), 'without "gene 2" and with "CD3E" besides'],
    [NAMES.toReversed(), "in another order"],
    [NAMES.slice(1), 'without "gene 0"'],
  ];
  for (const [genes, expected] of cases) {
    await assertRejects(() => scviLatent(model, COUNTS, genes), SthelarError, expected);
  }
});

Deno.test("scviLatent() refuses what are no counts, with the first of them", async () => {
  const { model } = await trained();
  const data = DENSE.slice();
  data[50 * GENES + 3] = 0.25;
  const counts = denseCounts({ data, shape: [CELLS, GENES] });
  const refused = () => scviLatent(model, counts, NAMES);
  await assertRejects(refused, SthelarError, 'found 0.25 of gene "gene 3" in row 50');
});

Deno.test("scviModelOf() reads what scviMetadata() says, and refuses damaged models", async () => {
  const { model } = await trained();
  const metadata = scviMetadata(model);
  assertEquals(scviModelOf(model.tensors, metadata), model);
  const unused = { data: new Float32Array(2), shape: [2] };
  const more = new Map([...model.tensors, ["l_encoder.mean_encoder.weight", unused]]);
  assertEquals(scviModelOf(more, metadata), model);
  const name = "z_encoder.mean_encoder.weight";
  const good = model.tensors.get(name)!;
  const replaced = (tensor: { data: Float32Array | Float64Array; shape: readonly number[] }) =>
    new Map([...model.tensors, [name, tensor]]);
  const without = new Map(model.tensors);
  without.delete(name);
  const wrong: readonly [Parameters<typeof scviModelOf>[0], Record<string, string>, string][] = [
    [without, metadata, `no tensor "${name}"`],
    [replaced({ ...good, shape: [16, 4] }), metadata, "16 x 4"],
    [replaced({ ...good, data: good.data.slice(1) }), metadata, "of 63"],
    [replaced({ ...good, data: Float64Array.from(good.data) }), metadata, "Float64Array"],
    [replaced({ ...good, data: good.data.with(5, NaN) }), metadata, `NaN in "${name}" at 5`],
    [new Map([...model.tensors, ["extra", unused]]), metadata, '"extra"'],
    [model.tensors, {}, '"format" that is missing'],
    [model.tensors, { ...metadata, format_version: "9" }, 'version "9"'],
    [model.tensors, { ...metadata, genes: "[1" }, '"genes"'],
    [model.tensors, { ...metadata, genes: '["A"]' }, "16 x 30"],
    [model.tensors, { ...metadata, hidden: "-1" }, '"hidden" "-1"'],
  ];
  for (const [tensors, said, expected] of wrong) {
    assertThrows(() => scviModelOf(tensors, said), SthelarError, expected);
  }
});
