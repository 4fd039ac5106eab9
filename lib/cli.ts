import { isSthelarError, messageOf, SthelarError } from "@/core/errors.ts";
import { didYouMean } from "@/core/nearest.ts";
import { describeOptions, parseArguments } from "@/cli/arguments.ts";
import { buildDatasetCommand } from "@/cli/build_dataset.ts";
import { buildSlideCommand, figuresCommand, stageCommand } from "@/cli/build_slide.ts";
import type { Command } from "@/cli/command.ts";
import { simulateCommand } from "@/cli/simulate.ts";
import { cropCommand } from "@/cli/crop.ts";
import { exportCommand } from "@/cli/export.ts";
import { fetchReferenceCommand } from "@/cli/fetch_reference.ts";
import { fetchSlideCommand } from "@/cli/fetch_slide.ts";
import { groupNpzCommand } from "@/cli/group_npz.ts";
import { openCommand } from "@/cli/open.ts";
import { inspectCommand, planCommand, statusCommand } from "@/cli/show.ts";

const COMMANDS: Readonly<Record<string, Command>> = {
  "build-slide": buildSlideCommand,
  "build-dataset": buildDatasetCommand,
  stage: stageCommand,
  plan: planCommand,
  status: statusCommand,
  inspect: inspectCommand,
  figures: figuresCommand,
  simulate: simulateCommand,
  crop: cropCommand,
  "group-npz": groupNpzCommand,
  open: openCommand,
  "fetch-slide": fetchSlideCommand,
  "fetch-reference": fetchReferenceCommand,
  export: exportCommand,
};

/** Runs the command line and returns the exit code: 0 done, 1 failed, 2 wrong usage. */
async function main(args: readonly string[]): Promise<number> {
  const [name, ...rest] = args;
  if (name === undefined || name === "help" || name === "--help") {
    console.error(overview());
    return name === undefined ? 2 : 0;
  }
  const stop = new AbortController();
  for (const signal of ["SIGINT", "SIGTERM"] as const) {
    Deno.addSignalListener(signal, () => stop.abort(stopped()));
  }
  try {
    const command = COMMANDS[name];
    if (command === undefined) throw unknownCommand(name);
    if (rest.includes("--help")) {
      console.error(help(name, command));
      return 0;
    }
    await command.run(parseArguments(name, rest, command.options), stop.signal);
    return 0;
  } catch (error) {
    if (!isSthelarError(error)) {
      console.error(`error: this is a fault in the program: ${messageOf(error)}`, error);
      return 1;
    }
    console.error(`error: ${error.message}`);
    return error.tag === "InvalidArgument" ? 2 : 1;
  }
}

function overview(): string {
  const lines = Object.entries(COMMANDS).map(([name, { words, doc }]) =>
    `  deno task ${`${name} ${words.join(" ")}`.padEnd(28)} ${doc}`
  );
  return `From a Xenium bundle and its H&E slide to an annotated histology data set.\n\n${
    lines.join("\n")
  }\n\nOptions: deno task <command> --help`;
}

function help(name: string, { words, doc, options, details }: Command): string {
  const parts = [`deno task ${name} ${words.join(" ")}: ${doc}`, describeOptions(options)];
  return [...parts, ...details === undefined ? [] : [details()]].join("\n\n");
}

function unknownCommand(name: string): SthelarError {
  return new SthelarError("InvalidArgument", {
    action: `Cannot run "${name}"`,
    found: "no such command",
    remedy: didYouMean(name, Object.keys(COMMANDS)),
  });
}

function stopped(): SthelarError {
  return new SthelarError("Aborted", {
    action: "Stopped",
    remedy: "run the same command to go on: finished stages are kept",
  });
}

if (import.meta.main) Deno.exit(await main(Deno.args));
