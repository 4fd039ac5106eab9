import type { Disk } from "@/core/disk.ts";
import { SthelarError } from "@/core/errors.ts";
import { localDisk } from "@/formats/disk/mod.ts";
import { describeSpatialData, openSpatialData } from "@/formats/spatialdata/mod.ts";
import { openZip, zipDisk, zipFolder } from "@/formats/zip/mod.ts";
import { throttledProgress } from "@/pipeline/events.ts";
import { readManifest } from "@/pipeline/manifest.ts";
import { selectStages } from "@/pipeline/pipeline.ts";
import {
  formatBytes,
  formatSeconds,
  ProgressDisplay,
  standardScreen,
} from "@/pipeline/progress_display.ts";
import { repairSwap } from "@/pipeline/assemble.ts";
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
    const { disk, root } = isFile ? await storeInZip(path) : { disk: localDisk, root: path };
    print(await describeSpatialData(await openSpatialData(disk, root)));
  },
};

/** The store in a zip archive: at its top or, as published, in a folder of its own. */
async function storeInZip(path: string): Promise<{ disk: Disk; root: string }> {
  const archive = await openZip(localDisk, path);
  const roots = [...archive.entries.keys()]
    .filter((name) => /(^|\/)(zarr\.json|\.zgroup)$/.test(name))
    .map((name) => name.slice(0, Math.max(0, name.lastIndexOf("/"))))
    .sort((a, b) => a.length - b.length);
  if (roots.length > 0) {
    return { disk: zipDisk(archive), root: roots[0] === "" ? "" : `/${roots[0]}` };
  }
  throw new SthelarError("CorruptData", {
    action: `Cannot open the store in "${path}"`,
    found: `${archive.entries.size} entries, none of them the metadata of a zarr group`,
    expected: "a zipped SpatialData store",
    path,
  });
}

/** Writes a slide's store for others. */
export const exportCommand: Command = {
  words: ["<slide>"],
  doc: "writes sdata_<slide>.zarr.zip as published: the store's folder, stored",
  options: {
    out: SLIDE_OPTIONS.out,
    zip: { type: "boolean", doc: "as one zip file" },
    to: { type: "string", value: "DIR", doc: "folder of the zip file (default out/<slide>)" },
  },
  async run(args, signal) {
    const [id] = takeWords("export", this, args);
    if (!args.flags.has("zip")) {
      throw new SthelarError("InvalidArgument", {
        action: `Cannot export slide "${id}"`,
        found: "no format",
        expected: "--zip",
        remedy: "the store itself is a folder: copy it as it is",
      });
    }
    const folder = slideFolder(outFolder(args), id);
    await repairSwap(localDisk, folder);
    if (await localDisk.stat(`${folder.store}/zarr.json`) === undefined) {
      throw new SthelarError("NotFound", {
        action: `Cannot export slide "${id}"`,
        found: `no store "${folder.store}"`,
        remedy: `run: deno task build-slide ${id}`,
        path: folder.store,
      });
    }
    const target = `${
      args.values.to === undefined ? folder.root : userPath(args.values.to)
    }/sdata_${id}.zarr.zip`;
    const display = new ProgressDisplay(standardScreen());
    display.start("export");
    const progress = throttledProgress((step) => display.step(step));
    await zipFolder(localDisk, folder.store, target, {
      rootName: `sdata_${id}.zarr`,
      progress,
      signal,
    });
    display.line(`export: done`);
    print(target);
  },
};
