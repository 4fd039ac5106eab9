import { assert, assertEquals } from "@std/assert";
import { add, log, openProgram, Program } from "@/numerics/graph/mod.ts";
import { BatchFeeds } from "@/numerics/scvi/batch_feeds.ts";
import { scviLatent, scviMetadata, scviModelOf } from "@/numerics/scvi/mod.ts";
import { decoder, draw, encoder, learnedParts, linearOf } from "@/numerics/scvi/scvi_network.ts";
import { trainingProgram, validationProgram } from "@/numerics/scvi/scvi_programs.ts";
import { readTensors, writeTensors } from "@/numerics/scvi/stored_tensors.ts";
import { NAMES } from "@/numerics/scvi/tensor_layout.ts";
import { COUNTED, zinb } from "@/numerics/scvi/zinb.ts";
import {
  denseCounts,
  furthest,
  type Golden,
  GOLDENS,
  klWeight,
  learningRate,
  STEPS,
  valuesOf,
  weightDecay,
} from "./goldens.ts";

/** scvi-tools computes in float32 as well, in another order. */
const TOLERANCE = 1e-5;
/** All that have counts above 16, and others. */
const TAIL_GENES = Int32Array.from({ length: 59 }, (_, gene) => gene);

function feedsOf(golden: Golden) {
  const { counts, size, codes } = golden;
  return new BatchFeeds({
    ...{ counts: denseCounts(counts), size },
    codes: size.samples > 1 ? codes : undefined,
    tailGenes: TAIL_GENES,
  });
}

function rowsOf([first, end]: readonly number[]): Int32Array {
  return Int32Array.from({ length: end - first }, (_, i) => first + i);
}

function noiseOf({ noise, size: { latent } }: Golden, [first, end]: readonly number[]) {
  return noise.data.slice(first * latent, end * latent);
}

for (const golden of GOLDENS) {
  const { name, size, expected, counts } = golden;
  const cells = counts.shape[0];

  Deno.test(`the posterior of a model with ${name} is scvi-tools'`, async () => {
    const genes = Array.from({ length: size.genes }, (_, i) => `gene ${i}`);
    const samples = Array.from({ length: size.samples }, (_, i) => `sample ${i}`);
    const model = scviModelOf(
      golden.before,
      scviMetadata({
        genes,
        samples,
        hidden: size.hidden,
        latent: size.latent,
        tensors: new Map(),
      }),
    );
    const latent = await scviLatent(model, denseCounts(counts), genes);
    assertEquals(latent.shape, expected.mean.shape);
    const error = furthest(latent.data, expected.mean.data);
    assert(error < TOLERANCE, `means differ by ${error}`);
  });

  Deno.test(`what a model with ${name} decodes is scvi-tools'`, async () => {
    const shown = expected.scale.shape[0];
    const program = new Program();
    const learned = learnedParts(program, size);
    const x = program.input("x", [shown, size.genes]);
    const posterior = encoder(program, learned, log(add(x, 1)), "evaluate");
    const codes = size.samples > 1
      ? program.input("codes", [shown], { dtype: "int32" })
      : undefined;
    const latent = draw(posterior, program.input("noise", [shown, size.latent]));
    const { scale, mean, dropout } = zinb(program, {
      counts: x,
      above: program.input("above", [COUNTED, size.genes]),
      tail: undefined,
      hidden: decoder(program, learned, latent, codes, size, "evaluate"),
      rate: linearOf(learned, NAMES.rate),
      dropout: linearOf(learned, NAMES.dropout),
      logDispersion: learned.parts.get(NAMES.logDispersion)!,
    });
    const outputs = { variance: posterior.variance, scale, rate: mean, dropout };
    for (const [key, tensor] of Object.entries(outputs)) program.output(key, tensor);
    await using running = await openProgram(program.build());
    await writeTensors(running, size, valuesOf(golden.before));
    await running.run({
      feeds: {
        x: counts.data.slice(0, shown * size.genes),
        noise: noiseOf(golden, [0, shown]),
        ...(codes === undefined ? {} : { codes: golden.codes.slice(0, shown) }),
      },
    });
    for (const key of Object.keys(outputs)) {
      const values = await running.read(key) as Float32Array;
      const error = furthest(values, expected[key].data.subarray(0, values.length));
      assert(error < TOLERANCE, `${key} differs by ${error}`);
    }
  });

  Deno.test(`reconstruction and divergence of each cell with ${name} are scvi-tools'`, async () => {
    const program = validationProgram(size, 1, { tailGenes: TAIL_GENES }, "");
    await using running = await openProgram(program);
    await writeTensors(running, size, valuesOf(golden.before));
    const feeds = await feedsOf(golden).counts(rowsOf([0, cells]), cells, 1, "");
    const { watched } = await running.run({
      steps: cells,
      feeds: { ...feeds, noise: golden.noise.data, weights: new Float32Array(cells).fill(1) },
    });
    for (const key of ["reconstruction", "klLocal"]) {
      const error = furthest(watched[key], expected[key].data);
      assert(error < TOLERANCE, `${key} differs by ${error}`);
    }
  });

  Deno.test(`rows that only fill a batch of validation do not count, with ${name}`, async () => {
    const rows = 48;
    await using running = await openProgram(
      validationProgram(size, rows, { tailGenes: TAIL_GENES }, ""),
    );
    await writeTensors(running, size, valuesOf(golden.before));
    const noise = new Float32Array(rows * size.latent).fill(3);
    noise.set(golden.noise.data);
    const weights = new Float32Array(rows).fill(1, 0, cells);
    const feeds = await feedsOf(golden).counts(rowsOf([0, cells]), 1, rows, "");
    const { watched } = await running.run({ feeds: { ...feeds, noise, weights } });
    for (const key of ["reconstruction", "klLocal"]) {
      const sum = expected[key].data.reduce((total, value) => total + value, 0);
      const error = furthest(watched[key], [sum]);
      assert(error < TOLERANCE, `${key} differs by ${error}`);
    }
  });

  Deno.test(`three steps of AdamW on a model with ${name} are torch's`, async () => {
    const settings = { dropout: 0, weightDecay, tailGenes: TAIL_GENES };
    const models = {
      full: trainingProgram(size, cells, settings, "full/"),
      rest: trainingProgram(size, STEPS[2][1] - STEPS[2][0], settings, "rest/"),
    };
    await using running = await openProgram(models);
    await writeTensors(running, size, valuesOf(golden.before));
    for (const [i, range] of STEPS.entries()) {
      const model = i < 2 ? "full" : "rest";
      const rows = rowsOf(range);
      const { watched } = await running.run({
        order: [model],
        feeds: {
          ...await feedsOf(golden).counts(rows, 1, rows.length, `${model}/`),
          [`${model}/noise`]: noiseOf(golden, range),
          ...{ klWeight, learningRate },
        },
      });
      for (const [key, value] of Object.entries(golden.losses[i])) {
        const error = furthest(watched[key], [value]);
        assert(error < TOLERANCE, `${key} of step ${i} differs by ${error}`);
      }
    }
    for (const [tensor, values] of await readTensors(running, size)) {
      const error = furthest(values, golden.after.get(tensor)!.data);
      assert(error < TOLERANCE, `${tensor} differs by ${error}`);
    }
  });
}
