import { SthelarError } from "@/core/errors.ts";
import { localDisk } from "@/formats/disk/mod.ts";
import { cropBundle, parseRoi } from "@/formats/xenium_crop/mod.ts";
import { writeWholeFolder } from "@/pipeline/whole_folder.ts";
import { type Command, takeWords } from "./command.ts";
import { threadCount, userPath } from "./options.ts";
import { runFolderJob } from "./reported_job.ts";

/** Cuts a rectangle out of a bundle. */
export const cropCommand: Command = {
  words: ["<bundle>"],
  doc: "cuts a rectangle out of a bundle and writes it as a smaller bundle",
  options: {
    roi: { type: "string", value: "X,Y,W,H", doc: "the rectangle, um" },
    to: { type: "string", value: "DIR", doc: "where to: a folder that does not exist yet" },
    he: { type: "string", value: "FILE", doc: "the H&E image, to be cropped as well" },
    "he-alignment": { type: "string", value: "CSV", doc: "its alignment" },
    threads: { type: "string", value: "N", doc: "threads (default every core)" },
    events: { type: "string" },
  },
  async run(args, signal) {
    const [bundle] = takeWords("crop", this, args);
    const { values } = args;
    if (values.roi === undefined || values.to === undefined) {
      throw new SthelarError("InvalidArgument", {
        action: "Cannot crop",
        found: values.roi === undefined ? "no rectangle" : "no folder to write to",
        expected: "--roi X,Y,W,H --to DIR",
      });
    }
    const folder = userPath(values.to);
    const options = {
      roiUm: parseRoi(values.roi),
      he: values.he && userPath(values.he),
      heAlignment: values["he-alignment"] && userPath(values["he-alignment"]),
      threads: threadCount(values.threads),
      signal,
    };
    await runFolderJob(
      { label: "cropping", folder, lockFile: values.events },
      (progress) =>
        writeWholeFolder(
          localDisk,
          folder,
          (next) => cropBundle(localDisk, userPath(bundle), next, { ...options, progress }),
        ),
      ({ cellCount, cutCellCount, transcriptCount }) =>
        `cropped: ${cellCount} cells, ${cutCellCount} cut by the edge and left out, ` +
        `${transcriptCount} transcripts`,
    );
  },
};
