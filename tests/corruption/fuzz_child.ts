/**
 * Runs mutations of one target after another and says on stdout, a line each, what it does.
 * Arguments: `target:first:count` each.
 */
import { type Failure, runMutations } from "./run_mutations.ts";
import { loadTarget } from "./target_list.ts";

/** What the child says. */
export type ChildLine =
  /** The next batch starts. */
  | { readonly target: string }
  | { readonly goodBytes: number }
  /** A mutation starts. */
  | { readonly number: number }
  /** It ended. */
  | { readonly kind: string; readonly grownBytes: number }
  | { readonly failure: Failure };

/** Starts each line: the runtime prints too, as its brotli does over damaged bytes. */
export const LINE_START = "\x1e";

if (import.meta.main) {
  const encoder = new TextEncoder();
  const say = (line: ChildLine) => {
    Deno.stdout.writeSync(encoder.encode(`${LINE_START}${JSON.stringify(line)}\n`));
  };
  for (const argument of Deno.args) {
    const [name, first, count] = argument.split(":");
    say({ target: name });
    await runMutations(await loadTarget(name), Number(first), Number(count), {
      measures: (goodBytes) => say({ goodBytes }),
      starts: (number) => say({ number }),
      ends: (kind, grownBytes) => say({ kind, grownBytes }),
      fails: (failure) => say({ failure }),
    });
  }
  Deno.exit(0);
}
