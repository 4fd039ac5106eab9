import { Random } from "@/core/random.ts";
import { mutateBytes, type Mutation, pick } from "./mutate_bytes.ts";
import { mutateJson } from "./mutate_json.ts";
import { mutateText } from "./mutate_text.ts";
import type { Bytes, NamedSample, Sample } from "./target.ts";

/** A sample with one or a few changes. */
export interface MutatedSample {
  readonly files: Sample;
  /** Name of the sample before. */
  readonly seed: string;
  /** What was changed, in words. */
  readonly what: string;
  /** Files that were changed, "" for one that was removed: chunks may be missing. */
  readonly changed: readonly string[];
}

/** Mutation `number` of a target: the same whenever it is made. */
export function mutateSample(
  target: string,
  number: number,
  seeds: readonly NamedSample[],
): MutatedSample {
  const random = new Random(`${target}/${number}`);
  const seed = pick(seeds, random);
  const files = new Map(seed.files);
  const mutable = seed.mutable ?? [...files.keys()];
  const draw = random.uniform();
  const count = draw < 0.8 ? 1 : draw < 0.95 ? 2 : 5;
  const what: string[] = [];
  const changed: string[] = [];
  for (let i = 0; i < count; i++) {
    const path = pick(mutable, random);
    const before = files.get(path);
    if (before === undefined) continue;
    if (mutable.length > 1 && random.uniform() < 0.03) {
      files.delete(path);
      changed.push("");
      what.push(`${path} removed`);
      continue;
    }
    const mutation = mutateFile(path, before, random);
    files.set(path, mutation.bytes);
    changed.push(path);
    what.push(`${path}: ${mutation.what}`);
  }
  return { files, seed: seed.name, what: what.join("; "), changed };
}

function mutateFile(path: string, bytes: Bytes, random: Random): Mutation {
  const asBytes = random.uniform() < 0.25;
  if (asBytes) return mutateBytes(bytes, random);
  if (/\.(json|zarray|zattrs|zgroup|xenium|ipynb)$/.test(path)) {
    return mutateJson(bytes, random) ?? mutateBytes(bytes, random);
  }
  return /\.(csv|xml)$/.test(path) ? mutateText(bytes, random) : mutateBytes(bytes, random);
}
