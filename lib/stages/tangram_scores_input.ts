import type { Input } from "@/core/stage.ts";
import { type Element, readElement } from "@/formats/anndata/mod.ts";

/** Scores by Tangram of the nuclei, read when they are asked for; not there without a reference. */
export const tangramScoresInput = {
  kind: "nodes",
  names: ["tables/table_nuclei/obsm/tangram_pred"],
  doc: "scores by Tangram",
  optional: true,
  open({ resolve, disk }) {
    const path = resolve("tables/table_nuclei/obsm/tangram_pred");
    return Promise.resolve(() => readElement(disk, path));
  },
} as const satisfies Input<() => Promise<Element>>;
