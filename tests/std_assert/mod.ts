/**
 * The part of `jsr:@std/assert` that this project uses, over `node:assert`, for machines that
 * cannot reach JSR. Drop `links` from deno.json to use the original.
 * @module
 */
import nodeAssert from "node:assert/strict";

type ErrorClass<E extends Error> = abstract new (...args: never[]) => E;

/** Fails unless `condition` is truthy. */
export function assert(condition: unknown, message?: string): asserts condition {
  nodeAssert.ok(condition, message);
}

/** Fails unless `actual` deep-equals `expected`. */
export function assertEquals<T>(actual: T, expected: T, message?: string): void {
  nodeAssert.deepStrictEqual(actual, expected, message);
}

/** Fails if `actual` deep-equals `expected`. */
export function assertNotEquals<T>(actual: T, expected: T, message?: string): void {
  nodeAssert.notDeepStrictEqual(actual, expected, message);
}

/** Fails unless the two numbers differ by at most `tolerance`. */
export function assertAlmostEquals(
  actual: number,
  expected: number,
  tolerance = 1e-7,
  message?: string,
): void {
  if (Object.is(actual, expected) || Math.abs(actual - expected) <= tolerance) return;
  nodeAssert.fail(message ?? `${actual} is not within ${tolerance} of ${expected}`);
}

/** Fails unless `actual` contains `expected`. */
export function assertStringIncludes(actual: string, expected: string, message?: string): void {
  if (!actual.includes(expected)) {
    nodeAssert.fail(message ?? `"${actual}" does not include "${expected}"`);
  }
}

/** Fails unless `actual` matches `expected`. */
export function assertMatch(actual: string, expected: RegExp, message?: string): void {
  nodeAssert.match(actual, expected, message);
}

function checkThrown<E extends Error>(
  thrown: unknown,
  errorClass?: ErrorClass<E>,
  includes?: string,
): E {
  if (!(thrown instanceof Error)) nodeAssert.fail(`threw a value that is no Error: ${thrown}`);
  if (errorClass && !(thrown instanceof errorClass)) {
    nodeAssert.fail(`threw ${thrown.constructor.name}, expected ${errorClass.name}: ${thrown}`);
  }
  if (includes !== undefined) assertStringIncludes(thrown.message, includes);
  return thrown as E;
}

/** Fails unless `fn` throws, and returns what it threw. */
export function assertThrows<E extends Error = Error>(
  fn: () => unknown,
  errorClass?: ErrorClass<E>,
  includes?: string,
): E {
  try {
    fn();
  } catch (thrown) {
    return checkThrown(thrown, errorClass, includes);
  }
  return nodeAssert.fail("expected the function to throw");
}

/** Fails unless `fn` rejects, and returns what it rejected with. */
export async function assertRejects<E extends Error = Error>(
  fn: () => PromiseLike<unknown>,
  errorClass?: ErrorClass<E>,
  includes?: string,
): Promise<E> {
  try {
    await fn();
  } catch (thrown) {
    return checkThrown(thrown, errorClass, includes);
  }
  return nodeAssert.fail("expected the promise to reject");
}
