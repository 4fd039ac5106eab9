/** `deno task test:fuzz [--target a,b] [--count 10000] [--seed 0]` */
import { parseArgs } from "node:util";
import { fuzzTargets, type Report } from "./fuzz_targets.ts";
import { TARGET_NAMES } from "./target_list.ts";

const DEFAULT_COUNT = 10_000;

/** The reports as a table in Markdown. */
export function tableOf(reports: readonly Report[]): string {
  const rows = reports.map((report) => {
    const { read = 0, ...errors } = report.kinds;
    const total = Object.values(report.kinds).reduce((sum, count) => sum + count, 0);
    const byTag = Object.entries(errors).sort(([, a], [, b]) => b - a)
      .map(([tag, count]) => `${tag} ${count}`).join(", ");
    const megabytes = (bytes: number) => Math.round(bytes / 1e6);
    return [
      report.target,
      total,
      read,
      byTag,
      `${megabytes(report.grownBytes)} / ${megabytes(report.goodBytes)}`,
      report.seconds.toFixed(0),
      report.failures.length,
    ];
  });
  const head = [
    ...["parser", "mutations", "right reads", "errors by tag", "peak / good read, MB"],
    ...["seconds", "failures"],
  ];
  return [head, head.map(() => "---"), ...rows].map((row) => `| ${row.join(" | ")} |`).join("\n");
}

/** Failures with what makes them again. */
export function failuresOf(reports: readonly Report[]): string {
  return reports.flatMap(({ target, failures }) =>
    failures.map(({ number, kind, what, message }) =>
      [
        `${target}: ${kind}`,
        `  ${what}`,
        `  ${message.replaceAll("\n", "\n  ")}`,
        `  again: deno task test:fuzz --target ${target} --seed ${number} --count 1`,
      ].join("\n")
    )
  ).join("\n\n");
}

async function main(): Promise<number> {
  const { values } = parseArgs({
    args: Deno.args,
    options: {
      target: { type: "string", default: TARGET_NAMES.join(",") },
      count: { type: "string", default: String(DEFAULT_COUNT) },
      seed: { type: "string", default: "0" },
    },
  });
  const [first, count] = [Number(values.seed), Number(values.count)];
  if (!Number.isSafeInteger(first) || !Number.isSafeInteger(count) || first < 0 || count < 1) {
    throw new RangeError("--seed is a whole number from 0, --count one from 1");
  }
  const reports: Report[] = [];
  for (const target of values.target.split(",")) {
    reports.push(...await fuzzTargets([{ target, first, count }], { silentSeconds: 15, progress }));
    console.error(`\r${summary(reports[reports.length - 1])}`);
  }
  console.log(`\n${tableOf(reports)}`);
  const failures = failuresOf(reports);
  if (failures !== "") console.log(`\n${failures}`);
  return failures === "" ? 0 : 1;
}

function progress(target: string, number: number): void {
  if (number % 100 !== 0) return;
  const line = `\r${target}: ${number}`.padEnd(50);
  Deno.stderr.writeSync(new TextEncoder().encode(line));
}

function summary({ target, count, seconds, failures }: Report): string {
  return `${target}: ${count} mutations in ${seconds.toFixed(0)} s, ${failures.length} failures`
    .padEnd(60);
}

if (import.meta.main) Deno.exit(await main());
