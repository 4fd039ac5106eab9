import { assertAlmostEquals, assertEquals } from "@std/assert";
import { EarlyStop, klWeightAt, ReduceOnPlateau } from "@/numerics/scvi/schedules.ts";

function ratesOf(losses: readonly number[], patience: number, start = 1): number[] {
  const plateau = new ReduceOnPlateau(start, 0.6, patience);
  return losses.map((loss) => {
    plateau.add(loss);
    return plateau.learningRate;
  });
}

Deno.test("the learning rate falls after more bad epochs than the patience, as torch's", () => {
  // torch.optim.lr_scheduler.ReduceLROnPlateau(factor=0.6, patience=2, threshold=0, threshold_mode="abs")
  const losses = [5, 4, 4, 4, 4, 4, 4, 4, 3, 3.5];
  const expected = [1, 1, 1, 1, 0.6, 0.6, 0.6, 0.36, 0.36, 0.36];
  ratesOf(losses, 2).forEach((rate, i) => assertAlmostEquals(rate, expected[i], 1e-12));
});

Deno.test("the least fall of the loss is a new best, and starts the count of bad epochs again", () => {
  assertEquals(ratesOf([5, 5, 5, 5 - 1e-9, 5, 5], 2), [1, 1, 1, 1, 1, 1]);
});

Deno.test("the learning rate is not lowered by less than 1e-8, as torch's", () => {
  assertEquals(ratesOf([5, 5, 5], 0, 2e-8), [2e-8, 2e-8, 2e-8]);
});

Deno.test("training stops at the patience's last epoch without a fall of more than the least", () => {
  const stop = new EarlyStop(0.1, 3);
  // lightning: 9.95 is not better than 10 by 0.1, 9.8 is.
  const stopped = [10, 9.95, 9.91, 9.8, 9.8, 9.75, 9.71].map((loss) => stop.add(loss));
  assertEquals(stopped, [false, false, false, false, false, false, true]);
});

Deno.test("the weight of the divergence rises with the epoch and ends at 1", () => {
  assertEquals([0, 1, 100, 399, 400, 500].map((epoch) => klWeightAt(epoch, 400)), [
    0,
    1 / 400,
    0.25,
    399 / 400,
    1,
    1,
  ]);
  assertEquals(klWeightAt(0, 0), 1);
});
