import { messageOf } from "@/core/errors.ts";
import { Draw } from "./draw.ts";

/** How often a property is tried, and how large its cases grow. */
export interface PropertyOptions {
  /** Cases that are tried. */
  readonly cases: number;
  /** Size of the largest. */
  readonly size?: number;
}

/**
 * Registers a test of a property that must hold for every case drawn. The seed of a case is the
 * property's name and the case's number, so a failure comes back; a failing case is tried again at
 * smaller sizes, and the smallest that fails is told.
 */
export function forAll(
  name: string,
  { cases, size = 8 }: PropertyOptions,
  property: (draw: Draw) => void | Promise<void>,
): void {
  Deno.test(name, async () => {
    for (let i = 0; i < cases; i++) {
      const seed = `${name} #${i}`;
      const caseSize = Math.ceil((i + 1) * size / cases);
      const failure = await failureOf(property, seed, caseSize);
      if (failure === undefined) continue;
      const smallest = await smallestFailure(property, seed, caseSize) ??
        { size: caseSize, error: failure.error };
      throw new Error(
        `fails for new Draw("${seed}", ${smallest.size}): ${messageOf(smallest.error)}`,
        { cause: smallest.error },
      );
    }
  });
}

async function failureOf(
  property: (draw: Draw) => void | Promise<void>,
  seed: string,
  size: number,
): Promise<{ readonly error: unknown } | undefined> {
  try {
    await property(new Draw(seed, size));
    return undefined;
  } catch (error) {
    return { error };
  }
}

async function smallestFailure(
  property: (draw: Draw) => void | Promise<void>,
  seed: string,
  below: number,
): Promise<{ readonly size: number; readonly error: unknown } | undefined> {
  for (let size = 0; size < below; size++) {
    const failure = await failureOf(property, seed, size);
    if (failure !== undefined) return { size, ...failure };
  }
  return undefined;
}
