import { parseArgs } from "node:util";
import { SthelarError } from "@/core/errors.ts";
import { didYouMean } from "@/core/nearest.ts";

/** An option of the command line. */
export interface OptionSpec {
  /** `string` takes a value, `boolean` does not. */
  readonly type: "string" | "boolean";
  /** Whether it may be given several times. */
  readonly multiple?: boolean;
  /** Name of its value in the help. */
  readonly value?: string;
  /** What it does; without it the option is not shown. */
  readonly doc?: string;
}

/** The options of a command, by name. */
export type OptionSpecs = Readonly<Record<string, OptionSpec>>;

/** What the user wrote. */
export interface Arguments {
  /** Words that are no options. */
  readonly words: readonly string[];
  /** Last value of each option that takes one. */
  readonly values: Readonly<Record<string, string | undefined>>;
  /** Options that take no value. */
  readonly flags: ReadonlySet<string>;
  /** All values of each option that may be repeated. */
  readonly lists: Readonly<Record<string, readonly string[]>>;
}

/**
 * Reads a command's arguments.
 *
 * @param command The command's name, for messages.
 * @param args What follows it.
 * @param specs The options it takes.
 * @throws {SthelarError} `InvalidArgument` for an option that is unknown or lacks its value.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { parseArguments } from "@/cli/arguments.ts";
 *
 * const specs = { out: { type: "string" }, force: { type: "boolean" } } as const;
 * const parsed = parseArguments("plan", ["heart_s0", "--out=x", "--force"], specs);
 * assertEquals(parsed.words, ["heart_s0"]);
 * assertEquals(parsed.values.out, "x");
 * ```
 */
export function parseArguments(
  command: string,
  args: readonly string[],
  specs: OptionSpecs,
): Arguments {
  const { tokens } = parseArgs({
    args: [...args],
    options: Object.fromEntries(
      Object.entries(specs).map(([name, { type }]) => [name, { type, multiple: true }]),
    ),
    strict: false,
    allowPositionals: true,
    tokens: true,
  });
  const words: string[] = [];
  const values: Record<string, string> = {};
  const lists: Record<string, string[]> = {};
  const flags = new Set<string>();
  for (const token of tokens) {
    if (token.kind === "positional") words.push(token.value);
    if (token.kind !== "option") continue;
    const spec = Object.hasOwn(specs, token.name) ? specs[token.name] : undefined;
    if (spec === undefined) throw unknownOption(command, token.rawName, specs);
    if (spec.type === "boolean") {
      if (token.value !== undefined) throw wrongValue(command, token.name, "no value");
      flags.add(token.name);
      continue;
    }
    if (token.value === undefined || (!token.inlineValue && token.value.startsWith("--"))) {
      throw wrongValue(command, token.name, spec.value ?? "a value");
    }
    if (!spec.multiple && token.name in values) throw wrongValue(command, token.name, "one value");
    values[token.name] = token.value;
    (lists[token.name] ??= []).push(token.value);
  }
  return { words, values, flags, lists };
}

/** The lines of a command's help that list its options. */
export function describeOptions(specs: OptionSpecs): string {
  return Object.entries(specs)
    .filter(([, { doc }]) => doc !== undefined)
    .map(([name, { value, doc }]) => `  --${`${name} ${value ?? ""}`.padEnd(26)} ${doc}`)
    .join("\n");
}

function unknownOption(command: string, rawName: string, specs: OptionSpecs): SthelarError {
  const names = Object.entries(specs).filter(([, { doc }]) => doc).map(([name]) => `--${name}`);
  return new SthelarError("InvalidArgument", {
    action: `Cannot run ${command}`,
    found: `an unknown option ${rawName}`,
    remedy: didYouMean(rawName, names),
  });
}

function wrongValue(command: string, name: string, expected: string): SthelarError {
  return new SthelarError("InvalidArgument", {
    action: `Cannot run ${command}`,
    found: `--${name} without its proper value`,
    expected,
  });
}
