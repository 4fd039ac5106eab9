import { parseJson } from "@/core/parse_json.ts";
import type { Random } from "@/core/random.ts";
import { type Mutation, pick } from "./mutate_bytes.ts";
import type { Bytes } from "./target.ts";

type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

const NUMBERS = [0, 1, -1, 0.5, 2 ** 31 - 1, 2 ** 31, 2 ** 32 - 1, 1e12, 2 ** 53, 2 ** 60, 1e308];
const TEXTS = [
  "",
  "\0",
  "../..",
  "/",
  "a/b",
  "NaN",
  "nope",
  "__proto__",
  "\ud800",
  "x".repeat(5000),
];
const DEPTHS = [50, 1000, 20_000, 200_000];

/** Changes one value of a JSON document; broken or deep JSON is left to the changes of bytes. */
export function mutateJson(bytes: Bytes, random: Random): Mutation | undefined {
  let document: Json;
  try {
    document = parseJson(new TextDecoder().decode(bytes)) as Json;
  } catch {
    return undefined;
  }
  const top = { document };
  const [holder, key] = pick(placesIn(top), random);
  const name = typeof key === "number" ? `item ${key}` : `"${key}"`;
  const depth = random.uniform() < 0.03 ? pick(DEPTHS, random) : 0;
  const what = depth > 0
    ? replace(holder, key, NESTED, `nested ${depth} deep`)
    : change(holder, key, (holder as Record<string, Json>)[key], random);
  const text = JSON.stringify(top.document ?? null);
  const result = text.replace(JSON.stringify(NESTED), () => nest(depth, random));
  return { bytes: new TextEncoder().encode(result), what: `${name}: ${what}` };
}

/** Stands for what is nested too deep to be a value here. */
const NESTED = "<nested>";

type Holder = Json[] | { [key: string]: Json };
type Place = readonly [holder: Holder, key: string | number];

function placesIn(holder: Holder): Place[] {
  const keys = Array.isArray(holder) ? [...holder.keys()] : Object.keys(holder);
  return keys.flatMap((key) => {
    const value = (holder as Record<string, Json>)[key];
    const below = typeof value === "object" && value !== null ? placesIn(value) : [];
    return [[holder, key] as const, ...below];
  });
}

function replace(holder: Holder, key: string | number, value: Json, what: string): string {
  (holder as Record<string, Json>)[key] = value;
  return what;
}

function change(holder: Holder, key: string | number, before: Json, random: Random): string {
  const put = (value: Json, what: string) => replace(holder, key, value, what);
  switch (random.integer(9)) {
    case 0:
      if (Array.isArray(holder)) holder.splice(Number(key), 1);
      else delete holder[key];
      return "removed";
    case 1:
      return put(null, "null");
    case 2:
      return put(pick<Json>([[], {}, true, false, [[]], [null], {}], random), "another type");
    case 3: {
      const number = pick(NUMBERS, random);
      return put(number, `number ${number}`);
    }
    case 4: {
      const text = pick(TEXTS, random);
      return put(text, `text of ${text.length}`);
    }
    case 5:
      return put([before, before], "twice in a list");
    case 6:
      return Array.isArray(before)
        ? put([...before, ...before], "list doubled")
        : put({ [String(key)]: before }, "wrapped");
    case 7:
      return Array.isArray(before)
        ? put(before.slice(0, -1), "list cut")
        : put(typeof before === "string" ? before.slice(1) : "1", "text changed");
    default: {
      const number = typeof before === "number" ? before : 7;
      const next = pick([number + 1, number - 1, -number, number * 2, number + 0.5], random);
      return put(next, `number ${next}`);
    }
  }
}

function nest(depth: number, random: Random): string {
  return random.uniform() < 0.5
    ? "[".repeat(depth) + "]".repeat(depth)
    : '{"a":'.repeat(depth) + "1" + "}".repeat(depth);
}
