import type { Disk } from "@/core/disk.ts";
import type { Input } from "@/core/stage.ts";
import { localDisk } from "@/formats/disk/mod.ts";
import { writeParquet } from "@/formats/parquet/mod.ts";

/** A source that only has to be there: a stage that plants runs where it is. */
export function sourceInput(name: string, doc = name): Input<undefined> {
  return {
    ...{ kind: "source", names: [name], doc },
    files: () => Promise.resolve([]),
    open: () => Promise.resolve(undefined),
  };
}

/** What it takes to plant. */
export const budget = () => ({ memoryBytes: 1e6, seconds: 1 });

/** How a planted table is linked to its shapes. */
export function linkTo(region: string) {
  return { region, regionKey: "region", instanceKey: "cell_id" };
}

/** Writes what simulated cells are, as `truth.parquet` of a bundle; no type is in the reference. */
export async function writeTruth(
  bundle: string,
  ids: readonly string[],
  finalLabels: readonly string[],
  disk: Disk = localDisk,
): Promise<void> {
  const texts = (values: readonly string[]) => ({ kind: "text", values }) as const;
  await writeParquet(
    disk,
    `${bundle}/truth.parquet`,
    new Map([
      ["cell_id", texts(ids)],
      ["final_label", texts(finalLabels)],
      ["reference_type", texts(ids.map(() => ""))],
    ]),
  );
}
