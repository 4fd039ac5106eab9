import { SthelarError } from "./errors.ts";
import { didYouMean } from "./nearest.ts";

/** A value that a parameter can take. */
export type ParamValue = number | string | boolean | undefined;

/** One parameter of a stage: its default, its limits, and how its text is read. */
export interface Param<T extends ParamValue> {
  /** The value if none is given. */
  readonly default: T;
  /** What it does, in one sentence. */
  readonly doc: string;
  /** Unit of a number: `um`, `px`, `Phred`. */
  readonly unit?: string;
  /** What is allowed, in words. */
  readonly allowed: string;
  /** The value meant by `given` (text from the command line, or a value), `null` if not allowed. */
  parse(given: unknown): T | null;
}

/** The parameters of a stage, by name. */
export type ParamSchema = { readonly [name: string]: Param<ParamValue> };

/** The values of a schema's parameters. */
export type ParamValues<S extends ParamSchema> = {
  readonly [K in keyof S]: S[K] extends Param<infer T> ? T : never;
};

/** Limits and unit of a number. */
export interface NumberLimits {
  /** Lowest allowed. */
  readonly min?: number;
  /** Highest allowed. */
  readonly max?: number;
  /** Whole numbers only. */
  readonly integer?: boolean;
  /** Unit: `um`, `px`, `Phred`. */
  readonly unit?: string;
}

/**
 * A number within limits.
 *
 * @example
 * ```ts
 * import { assertEquals, assertThrows } from "@std/assert";
 * import { numberParam, parseParams } from "@/core/params.ts";
 *
 * const schema = { bagSize: numberParam(10_000, "Nuclei a bag", { min: 1, integer: true }) };
 * assertEquals(parseParams("2-02", schema, { bagSize: "500" }).bagSize, 500);
 * assertThrows(() => parseParams("2-02", schema, { bagsize: 5 }), Error, 'did you mean "bagSize"?');
 * ```
 */
export function numberParam(value: number, doc: string, limits: NumberLimits = {}): Param<number> {
  return { default: value, doc, ...describeLimits(limits), parse: (g) => parseNumber(g, limits) };
}

/** A number within limits that is off (`undefined`, written `none`) by default. */
export function optionalNumberParam(
  doc: string,
  limits: NumberLimits = {},
): Param<number | undefined> {
  const described = describeLimits(limits);
  return {
    default: undefined,
    doc,
    ...described,
    allowed: `${described.allowed}, or none`,
    parse: (given) =>
      given === undefined || given === "none" ? undefined : parseNumber(given, limits),
  };
}

/**
 * Numbers within limits, written `0.2,0.4`; {@link numbersOf} gives the numbers.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { numberListParam, numbersOf, parseParams } from "@/core/params.ts";
 *
 * const schema = { resolutions: numberListParam([0.2, 0.4], "Leiden resolutions", { min: 0 }) };
 * const { resolutions } = parseParams("2-03a", schema, { resolutions: "0.20, 1" });
 * assertEquals([resolutions, numbersOf(resolutions)], ["0.2,1", [0.2, 1]]);
 * ```
 */
export function numberListParam(
  values: readonly number[],
  doc: string,
  limits: NumberLimits = {},
): Param<string> {
  const { allowed, ...unit } = describeLimits(limits);
  return {
    default: values.join(","),
    doc,
    ...unit,
    allowed: `one or more, each ${allowed}, with commas between`,
    parse(given) {
      const parts = typeof given === "string" ? given.split(",") : [given].flat();
      const numbers = parts.map((part) => parseNumber(part, limits));
      const isValid = numbers.length > 0 && !numbers.includes(null) &&
        new Set(numbers).size === numbers.length;
      return isValid ? numbers.join(",") : null;
    },
  };
}

/** The numbers of a list as {@link numberListParam} keeps it. */
export function numbersOf(list: string): number[] {
  return list.split(",").map(Number);
}

/** A text that is not given (`undefined`, written `none`) by default. */
export function optionalTextParam(doc: string): Param<string | undefined> {
  return {
    default: undefined,
    doc,
    allowed: "a text, or none",
    parse(given) {
      if (given === undefined || given === "none") return undefined;
      return typeof given === "string" && given !== "" ? given : null;
    },
  };
}

/** A switch. */
export function booleanParam(value: boolean, doc: string): Param<boolean> {
  const words = new Map<unknown, boolean>([[true, true], ["true", true], [false, false], [
    "false",
    false,
  ]]);
  return { default: value, doc, allowed: "true or false", parse: (g) => words.get(g) ?? null };
}

/** One of a few words; the first is the default. */
export function choiceParam<const T extends readonly [string, ...string[]]>(
  choices: T,
  doc: string,
): Param<T[number]> {
  return {
    default: choices[0],
    doc,
    allowed: choices.join(", "),
    parse: (given) => choices.find((choice) => choice === given) ?? null,
  };
}

/**
 * Reads the values of a stage's parameters.
 *
 * @param stage The stage's id, for messages.
 * @param schema The stage's parameters.
 * @param given Values or texts by name; what is absent takes its default.
 * @throws {SthelarError} `InvalidArgument` for an unknown name or a value out of range.
 */
export function parseParams<S extends ParamSchema>(
  stage: string,
  schema: S,
  given: Readonly<Record<string, unknown>>,
): ParamValues<S> {
  for (const name of Object.keys(given)) {
    if (Object.hasOwn(schema, name)) continue;
    throw new SthelarError("InvalidArgument", {
      action: `Cannot set parameter "${name}" of stage ${stage}`,
      found: "no such parameter",
      remedy: didYouMean(name, Object.keys(schema)),
    });
  }
  const values = Object.entries(schema).map(([name, param]) => {
    if (!Object.hasOwn(given, name)) return [name, param.default];
    const value = param.parse(given[name]);
    if (value === null) {
      throw new SthelarError("InvalidArgument", {
        action: `Cannot set parameter "${name}" of stage ${stage}`,
        found: JSON.stringify(given[name]),
        expected: `${param.allowed}${param.unit === undefined ? "" : ` (${param.unit})`}`,
      });
    }
    return [name, value];
  });
  return Object.fromEntries(values) as ParamValues<S>;
}

function parseNumber(given: unknown, { min, max, integer }: NumberLimits): number | null {
  const value = typeof given === "string" && given.trim() !== "" ? Number(given) : given;
  if (typeof value !== "number" || !Number.isFinite(value)) return null;
  if (min !== undefined && value < min) return null;
  if (max !== undefined && value > max) return null;
  return integer && !Number.isInteger(value) ? null : value;
}

function describeLimits({ min, max, integer, unit }: NumberLimits): {
  allowed: string;
  unit?: string;
} {
  const kind = integer ? "a whole number" : "a number";
  const range = min !== undefined && max !== undefined
    ? ` from ${min} to ${max}`
    : min !== undefined
    ? ` of at least ${min}`
    : max !== undefined
    ? ` of at most ${max}`
    : "";
  return { allowed: kind + range, ...(unit === undefined ? {} : { unit }) };
}
