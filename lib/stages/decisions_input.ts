import type { Input } from "@/core/stage.ts";
import { localDisk } from "@/formats/disk/mod.ts";
import { type ClusterDecisions, parseClusterDecisions } from "@/labels/mod.ts";

/** Decisions about clusters, and the file that they are in. */
export interface DecisionsFile extends ClusterDecisions {
  /** The file, for messages. */
  readonly path: string;
}

/** Name of the file in the slide's folder of decisions. */
export const DECISIONS_FILE = "clusters.json";
const fileOf = (folder: string) => `${folder}/${DECISIONS_FILE}`;

/** What a person decided about a slide's clusters; `undefined` where nobody has. */
export const decisionsInput = {
  kind: "source",
  names: ["decisions"],
  doc: "decisions about clusters",
  optional: true,
  async files(root: string) {
    return await localDisk.stat(fileOf(root)) === undefined ? [] : [fileOf(root)];
  },
  async open({ resolve, disk }) {
    const path = fileOf(resolve("decisions"));
    const bytes = await disk.read(path);
    if (bytes === undefined) return undefined;
    return { ...parseClusterDecisions(new TextDecoder().decode(bytes), path), path };
  },
} as const satisfies Input<DecisionsFile | undefined>;
