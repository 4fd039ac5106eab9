import type { Input } from "@/core/stage.ts";
import { localDisk } from "@/formats/disk/mod.ts";
import {
  type ClusterDecisions,
  type CombinedDecisions,
  parseClusterDecisions,
  parseCombinedDecisions,
} from "@/labels/mod.ts";

/** Decisions, and the file that they are in. */
export type DecisionsFile<D = ClusterDecisions> = D & {
  /** The file, for messages. */
  readonly path: string;
};

/** Names of the files in the slide's folder of decisions. */
export const DECISIONS_FILE = "clusters.json", COMBINED_DECISIONS_FILE = "combined.json";

/** What a person decided about a slide's clusters; `undefined` where nobody has. */
export const decisionsInput = fileInput(
  DECISIONS_FILE,
  "decisions about clusters",
  parseClusterDecisions,
);

/** What a person decided about a slide's combined clusters; `undefined` where nobody has. */
export const combinedDecisionsInput = fileInput(
  COMBINED_DECISIONS_FILE,
  "decisions about combined clusters",
  (text, path) => ({ decisions: parseCombinedDecisions(text, path) }),
);

/** Decisions about combined clusters, and their file. */
export type CombinedDecisionsFile = DecisionsFile<{ readonly decisions: CombinedDecisions }>;

function fileInput<D extends object>(
  file: string,
  doc: string,
  parse: (text: string, path: string) => D,
): Input<DecisionsFile<D> | undefined> & { readonly optional: true } {
  const fileOf = (folder: string) => `${folder}/${file}`;
  return {
    kind: "source",
    names: ["decisions"],
    doc,
    optional: true,
    async files(root) {
      return await localDisk.stat(fileOf(root)) === undefined ? [] : [fileOf(root)];
    },
    async open({ resolve, disk }) {
      const path = fileOf(resolve("decisions"));
      const bytes = await disk.read(path);
      if (bytes === undefined) return undefined;
      return { ...parse(new TextDecoder().decode(bytes), path), path };
    },
  };
}
