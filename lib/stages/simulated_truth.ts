import type { Input } from "@/core/stage.ts";
import { localDisk } from "@/formats/disk/mod.ts";
import { readParquetColumns } from "@/formats/parquet/mod.ts";

/** What the cells of a simulated slide are, by the cell's id in the bundle. */
export interface SimulatedTruth {
  /** Row of each cell in the lists below. */
  readonly rowOf: ReadonlyMap<string, number>;
  /** Category, as in the published labels. */
  readonly finalLabel: readonly string[];
  /** Name of its type in the reference, empty where the reference lacks it. */
  readonly referenceType: readonly string[];
}

const truthFile = (bundle: string) => `${bundle}/truth.parquet`;

/** What the simulator knows of a bundle that it made; `undefined` for any other. */
export const truthInput = {
  kind: "source",
  names: ["bundle"],
  doc: "truth of a simulated bundle",
  optional: true,
  async files(root: string) {
    const path = truthFile(root);
    return await localDisk.stat(path) === undefined ? [] : [path];
  },
  async open({ resolve, disk }) {
    const path = truthFile(resolve("bundle"));
    if (await disk.stat(path) === undefined) return undefined;
    const table = await readParquetColumns(disk, path);
    const texts = (name: string) => table.text(name).map((text) => text ?? "");
    return {
      rowOf: new Map(texts("cell_id").map((id, row) => [id, row])),
      finalLabel: texts("final_label"),
      referenceType: texts("reference_type"),
    };
  },
} as const satisfies Input<SimulatedTruth | undefined>;
