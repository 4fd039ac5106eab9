import { SthelarError } from "@/core/errors.ts";
import { serveTasks } from "@/numerics/workers/mod.ts";

/** What the worker of the tests can do. */
export interface TestTasks {
  readonly double: Float64Array<ArrayBuffer>;
  readonly report: number;
  readonly refuse: string;
  readonly fail: string;
  readonly die: string;
  readonly wait: null;
}

/** What it answers. */
export interface TestAnswers {
  readonly double: Float64Array<ArrayBuffer>;
  readonly report: number;
  readonly refuse: never;
  readonly fail: never;
  readonly die: undefined;
  readonly wait: undefined;
}

serveTasks<TestTasks, TestAnswers>({
  double: (values) => values.map((value) => 2 * value),
  report(total, progress) {
    for (let done = 1; done <= total; done++) progress.update(done, total, "steps");
    return total;
  },
  refuse(action) {
    throw new SthelarError("InvalidArgument", { action });
  },
  fail(message) {
    throw new RangeError(message);
  },
  die(message) {
    setTimeout(() => {
      throw new Error(message);
    });
    return new Promise<undefined>(() => {});
  },
  wait: () => new Promise<undefined>(() => {}),
}, (answer) => answer instanceof Float64Array ? [answer.buffer] : []);
