import { localDisk } from "@/formats/disk/mod.ts";
import { groupNpz } from "@/formats/patches/mod.ts";
import { type Command, takeWords } from "./command.ts";
import { userPath } from "./options.ts";
import { runFolderJob } from "./reported_job.ts";

/** Puts the chunk files of the original's patches together. */
export const groupNpzCommand: Command = {
  words: ["<folder>"],
  doc: "puts the original's chunk files of patches together (3-2)",
  options: {
    to: { type: "string", value: "DIR", doc: "where to (default the folder of the chunks)" },
    events: { type: "string" },
  },
  details: () =>
    "For folders that the original's step 3-1 wrote: masks_chunk_<j>.npz, masks_cells_chunk_<j>.npz " +
    "and, of large slides, <name>_chunk_<i>_chunk_<j>.npz with images, types and patch_ids. Stage " +
    "3-01 writes whole files, so that there is nothing to group.",
  async run(args, signal) {
    const [folder] = takeWords("group-npz", this, args).map(userPath);
    const { values } = args;
    const to = values.to === undefined ? folder : userPath(values.to);
    await runFolderJob(
      { label: "grouping", folder: to, lockFile: values.events },
      (progress) => groupNpz(localDisk, folder, { to, progress, signal }),
      ({ patches, files }) => {
        const names = files.map(({ path, chunks }) =>
          `${path.slice(path.lastIndexOf("/") + 1)} of ${chunks} chunk${chunks === 1 ? "" : "s"}`
        );
        return `grouped ${patches} patches: ${names.join(", ")}`;
      },
    );
  },
};
