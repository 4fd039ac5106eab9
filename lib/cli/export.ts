import { SthelarError } from "@/core/errors.ts";
import { localDisk } from "@/formats/disk/mod.ts";
import { convertToZarrV2 } from "@/formats/spatialdata/zarr_v2/mod.ts";
import { zipFolder } from "@/formats/zip/mod.ts";
import { throttledProgress } from "@/pipeline/events.ts";
import { lockSlide } from "@/pipeline/lock.ts";
import { readManifest } from "@/pipeline/manifest.ts";
import { ProgressDisplay, standardScreen } from "@/pipeline/progress_display.ts";
import { type SlideFolder, slideFolder } from "@/pipeline/slide_folder.ts";
import { repairSwap } from "@/pipeline/swap_folder.ts";
import { writeWholeFolder } from "@/pipeline/whole_folder.ts";
import type { Arguments } from "./arguments.ts";
import { type Command, print, takeWords } from "./command.ts";
import { outFolder, SLIDE_OPTIONS, userPath } from "./options.ts";

/** Writes a slide's store for others. */
export const exportCommand: Command = {
  words: ["<slide>"],
  doc: "writes a slide's store for others: as one zip file, or for older releases of spatialdata",
  options: {
    out: SLIDE_OPTIONS.out,
    zip: { type: "boolean", doc: "as sdata_<slide>.zarr.zip, as published: the folder, stored" },
    "zarr-format": {
      type: "string",
      value: "2|3",
      doc: "2: the layout that spatialdata before 0.5 reads (default 3, as the store is)",
    },
    to: {
      type: "string",
      value: "DIR",
      doc: "folder to write to (default out/<slide>; for zarr 2 its export/zarr-v2)",
    },
  },
  async run(args, signal) {
    const [slide] = takeWords("export", this, args);
    const zarrFormat = parseZarrFormat(slide, args);
    const folder = slideFolder(outFolder(args), slide);
    if (await localDisk.stat(folder.root) === undefined) throw await noStore(folder);
    using _lock = await lockSlide(folder);
    await repairSwap(localDisk, folder.store);
    if (!await hasStore(folder)) throw await noStore(folder);
    const to = args.values.to && userPath(args.values.to);
    const job: ExportJob = { folder, signal, display: new ProgressDisplay(standardScreen()) };
    job.display.start("export");
    const written = zarrFormat === 3
      ? await exportZip(job, folder.store, to ?? folder.root)
      : await exportZarrV2(job, args.flags.has("zip"), to);
    print(written);
  },
};

interface ExportJob {
  readonly folder: SlideFolder;
  readonly signal: AbortSignal;
  readonly display: ProgressDisplay;
}

function parseZarrFormat(slide: string, { values, flags }: Arguments): 2 | 3 {
  const format = values["zarr-format"] ?? "3";
  if (format !== "2" && format !== "3") {
    throw new SthelarError("InvalidArgument", {
      action: `Cannot export slide "${slide}"`,
      found: `--zarr-format ${format}`,
      expected: "2 or 3",
    });
  }
  if (format === "2") return 2;
  if (flags.has("zip")) return 3;
  throw new SthelarError("InvalidArgument", {
    action: `Cannot export slide "${slide}"`,
    found: "no format",
    expected: "--zip or --zarr-format 2",
    remedy: "the store itself is a folder: copy it as it is",
  });
}

async function hasStore({ store }: SlideFolder): Promise<boolean> {
  for (const name of ["zarr.json", ".zgroup"]) {
    if (await localDisk.stat(`${store}/${name}`) !== undefined) return true;
  }
  return false;
}

async function noStore(folder: SlideFolder): Promise<SthelarError> {
  const { slide, store } = folder;
  const { opened } = await readManifest(localDisk, folder);
  return new SthelarError("NotFound", {
    action: `Cannot export slide "${slide}"`,
    found: `no store "${store}"`,
    remedy: opened === undefined
      ? `run: deno task build-slide ${slide}`
      : `its store is the one that it was opened from, "${opened.path}": copy that`,
    path: store,
  });
}

/** Zips a store into a folder; the path of the archive. */
async function exportZip(job: ExportJob, store: string, to: string): Promise<string> {
  const { folder: { slide }, display, signal } = job;
  const target = `${to}/sdata_${slide}.zarr.zip`;
  await zipFolder(localDisk, store, target, {
    rootName: `sdata_${slide}.zarr`,
    progress: throttledProgress((step) => display.step(step)),
    signal,
  });
  display.line("export: done");
  return target;
}

/** Writes the store in the older layout, as a folder or as a zip file; the path of what it wrote. */
async function exportZarrV2(
  job: ExportJob,
  zip: boolean,
  to: string | undefined,
): Promise<string> {
  const { folder } = job;
  const own = `${folder.root}/export/zarr-v2`;
  if (!zip) {
    const target = `${to ?? own}/sdata_${folder.slide}.zarr`;
    if (to === undefined) await localDisk.remove(target);
    await writeWholeFolder(localDisk, target, (next) => convert(job, next));
    job.display.line("export: done");
    return target;
  }
  // Beside the store, where its files can be linked.
  const passing = `${own}/sdata_${folder.slide}.zarr.zipping`;
  await localDisk.remove(passing);
  try {
    await convert(job, passing);
    return await exportZip(job, passing, to ?? own);
  } finally {
    await localDisk.remove(passing);
  }
}

async function convert({ folder, display, signal }: ExportJob, target: string): Promise<void> {
  const { omitted } = await convertToZarrV2(localDisk, folder.store, target, {
    progress: throttledProgress((step) => display.step(step)),
    signal,
  });
  for (const node of omitted) {
    display.line(`export: left out "${node}": older releases of anndata have no None`);
  }
}
