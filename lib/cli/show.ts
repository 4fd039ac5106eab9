import { localDisk } from "@/formats/disk/mod.ts";
import { describeSpatialData, openSpatialData } from "@/formats/spatialdata/mod.ts";
import { locateStore } from "@/pipeline/locate_store.ts";
import { readManifest } from "@/pipeline/manifest.ts";
import { selectStages } from "@/pipeline/pipeline.ts";
import { formatBytes, formatSeconds } from "@/pipeline/progress_display.ts";
import { slideFolder } from "@/pipeline/slide_folder.ts";
import { measureSlide } from "@/pipeline/slide_size.ts";
import { pipeline } from "@/pipeline/sthelar.ts";
import { alignColumns, type Command, print, takeWords } from "./command.ts";
import { openSlide, outFolder, SELECTION_OPTIONS, SLIDE_OPTIONS, userPath } from "./options.ts";

/** Prints what each stage would do. */
export const planCommand: Command = {
  words: ["<slide>"],
  doc: "prints what would run and why, and the memory and time it takes",
  options: { ...SLIDE_OPTIONS, ...SELECTION_OPTIONS },
  async run(args, signal) {
    const [id] = takeWords("plan", this, args);
    const slide = await openSlide(id, args, { signal });
    const size = await measureSlide(slide);
    const rows = selectStages(pipeline, args.values).map((stage) => {
      const { action, reason, key } = slide.planned(stage);
      const { memoryBytes, seconds } = stage.budget(size);
      const forced = args.flags.has("force") && action === "keep";
      return [
        `${stage.id} ${stage.name}`,
        forced ? "run" : action,
        formatBytes(memoryBytes),
        `~${formatSeconds(seconds)}`,
        key.slice(0, 12),
        forced ? "forced" : reason,
      ];
    });
    print(alignColumns([["stage", "action", "memory", "time", "key", "why"], ...rows]));
  },
};

/** Prints what was done for a slide. */
export const statusCommand: Command = {
  words: ["<slide>"],
  doc: "prints what was done, with time, memory and warnings",
  options: { out: SLIDE_OPTIONS.out },
  async run(args) {
    const [id] = takeWords("status", this, args);
    const folder = slideFolder(outFolder(args), id);
    const manifest = await readManifest(localDisk, folder);
    const rows = pipeline.stages.map(({ id: stage, name }) => {
      const record = manifest.stages[stage];
      const lacking = manifest.opened?.standsFor?.[stage];
      if (lacking !== undefined) {
        const without = lacking.length === 0 ? "" : `, without ${lacking.join(", ")}`;
        return [`${stage} ${name}`, `from the opened store${without}`, "", "", ""];
      }
      if (record === undefined) return [`${stage} ${name}`, "not done", "", "", ""];
      return [
        `${stage} ${name}`,
        "done",
        formatSeconds(record.seconds),
        formatBytes(record.peakMemoryBytes),
        record.key.slice(0, 12),
      ];
    });
    print(alignColumns([["stage", "state", "time", "peak memory", "key"], ...rows]));
    if (manifest.opened !== undefined) print(`opened store: ${manifest.opened.path}`);
    for (const [stage, { warnings }] of Object.entries(manifest.stages)) {
      for (const warning of warnings) print(`${stage}: warning: ${warning}`);
    }
  },
};

/** Prints the tree of a SpatialData store. */
export const inspectCommand: Command = {
  words: ["<path>"],
  doc: "prints the elements of a SpatialData store (a folder or a zip file)",
  options: {},
  async run(args) {
    const path = userPath(takeWords("inspect", this, args)[0]);
    const isFile = (await localDisk.stat(path))?.isDirectory === false;
    const { disk, root } = isFile
      ? await locateStore(localDisk, path)
      : { disk: localDisk, root: path };
    print(await describeSpatialData(await openSpatialData(disk, root)));
  },
};
