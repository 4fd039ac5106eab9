import { resolve } from "node:path";
import { localDisk } from "@/formats/disk/mod.ts";
import { lockSlide } from "@/pipeline/lock.ts";
import { type OpenResult, openStore, slideOfStore } from "@/pipeline/open_store.ts";
import { slideFolder } from "@/pipeline/slide_folder.ts";
import { Slide } from "@/pipeline/slide.ts";
import { pipeline } from "@/pipeline/sthelar.ts";
import type { Arguments } from "./arguments.ts";
import { alignColumns, type Command, print, takeWords } from "./command.ts";
import { outFolder, SLIDE_OPTIONS, userPath } from "./options.ts";

/** Registers a store that others made as a slide. */
export const openCommand: Command = {
  words: ["<store>"],
  doc: "registers a published store (a folder or zip) as a slide, read in place",
  options: {
    as: { type: "string", value: "NAME", doc: "the slide's name (default from the file's name)" },
    force: { type: "boolean", doc: "though the slide has results of other data" },
    out: SLIDE_OPTIONS.out,
    data: SLIDE_OPTIONS.data,
  },
  async run(args, signal) {
    const path = userPath(takeWords("open", this, args)[0]);
    const out = outFolder(args);
    const id = args.values.as ?? slideOfStore(path);
    using _lock = await lockSlide(slideFolder(out, id));
    const result = await openStore(path, {
      pipeline,
      out,
      as: id,
      force: args.flags.has("force"),
      disk: localDisk,
    });
    signal.throwIfAborted();
    for (const line of describeResult(result)) console.error(line);
    print(await stageTable(id, out, args));
    print(`Slide:      ${result.folder.root}`);
    print(`Figures:    deno task figures ${id}`);
  },
};

function describeResult({ folder, opened, wasOpen, unused }: OpenResult): string[] {
  const { path, zarrFormat, elements, damaged, simulated } = opened;
  return [
    `${folder.slide}: ${wasOpen ? "is open already" : "opened"}: "${path}", zarr v${zarrFormat}, ` +
    `${elements.length} elements`,
    ...(simulated ? [`*** ${folder.slide}: this is a SIMULATED slide, not real tissue ***`] : []),
    ...Object.entries(damaged).map(([name, fault]) => `cannot be read: ${name}: ${fault}`),
    ...(unused.length === 0 ? [] : [`made by no stage, left as they are: ${unused.join(", ")}`]),
  ];
}

async function stageTable(id: string, out: string, { values }: Arguments): Promise<string> {
  const data = values.data === undefined ? resolve("data") : userPath(values.data);
  const slide = await Slide.open(id, { pipeline, out, data });
  const rows = slide.plan.map(({ stage, action, reason }) => [
    `${stage.id} ${stage.name}`,
    action === "opened" ? reason : action === "skip" ? `not to be had: ${reason}` : reason,
  ]);
  return alignColumns([["stage", "results"], ...rows]);
}
