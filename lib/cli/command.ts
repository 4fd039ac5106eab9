import { SthelarError } from "@/core/errors.ts";
import type { Arguments, OptionSpecs } from "./arguments.ts";

/** A command of the program. */
export interface Command {
  /** Words it takes, for the help: `<slide>`. */
  readonly words: readonly string[];
  /** What it does, in one sentence. */
  readonly doc: string;
  /** The options it takes. */
  readonly options: OptionSpecs;
  /** More for the help, after the options. */
  details?(): string;
  /** Runs it; what it prints for others goes to standard output, the rest to standard error. */
  run(args: Arguments, signal: AbortSignal): Promise<void>;
}

/**
 * The words that a command was given, as many as it takes.
 *
 * @throws {SthelarError} `InvalidArgument` if there are more or fewer.
 */
export function takeWords(
  command: string,
  { words: wanted }: Pick<Command, "words">,
  { words }: Arguments,
): readonly string[] {
  if (words.length === wanted.length) return words;
  throw new SthelarError("InvalidArgument", {
    action: `Cannot run ${command}`,
    found: words.length === 0 ? "nothing after it" : words.map((word) => `"${word}"`).join(" "),
    expected: wanted.join(" ") || "nothing after it",
  });
}

/** Writes lines to standard output. */
export function print(text: string): void {
  const bytes = new TextEncoder().encode(`${text}\n`);
  for (let at = 0; at < bytes.length;) at += Deno.stdout.writeSync(bytes.subarray(at));
}

/** Columns of text, each as wide as its widest entry. */
export function alignColumns(rows: readonly (readonly string[])[]): string {
  const widths = rows[0]?.map((_, column) => Math.max(...rows.map((row) => row[column].length)));
  return rows
    .map((row) => row.map((text, column) => text.padEnd(widths[column])).join("  ").trimEnd())
    .join("\n");
}
