import type { Input } from "@/core/stage.ts";
import { type Element, readElement } from "@/formats/anndata/mod.ts";
import { localDisk } from "@/formats/disk/mod.ts";
import { type CombinedDecisions, parseCombinedDecisions } from "@/labels/mod.ts";

/** Decisions about combined clusters, and the file that they are in. */
export interface CombinedDecisionsFile {
  readonly decisions: CombinedDecisions;
  /** The file, for messages. */
  readonly path: string;
}

/** Name of the file in the slide's folder of decisions. */
export const COMBINED_DECISIONS_FILE = "combined.json";
const fileOf = (folder: string) => `${folder}/${COMBINED_DECISIONS_FILE}`;

/** What a person decided about a slide's combined clusters; `undefined` where nobody has. */
export const combinedDecisionsInput = {
  kind: "source",
  names: ["decisions"],
  doc: "decisions about combined clusters",
  optional: true,
  async files(root: string) {
    return await localDisk.stat(fileOf(root)) === undefined ? [] : [fileOf(root)];
  },
  async open({ resolve, disk }) {
    const path = fileOf(resolve("decisions"));
    const bytes = await disk.read(path);
    if (bytes === undefined) return undefined;
    return { decisions: parseCombinedDecisions(new TextDecoder().decode(bytes), path), path };
  },
} as const satisfies Input<CombinedDecisionsFile | undefined>;

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
