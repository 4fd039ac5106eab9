import type { Input } from "@/core/stage.ts";
import { localDisk } from "@/formats/disk/mod.ts";
import type { Atlas } from "./atlas.ts";
import { mexFolder } from "./mex_atlas.ts";
import { openAtlas } from "./open_atlas.ts";

/** The single-cell reference of the slide's tissue as a stage's input; whoever opens it closes it. */
export const atlasInput: Input<Atlas> = {
  kind: "source",
  names: ["reference"],
  doc: "single-cell reference (--reference)",
  files: atlasFiles,
  open: ({ resolve, disk }) => openAtlas(resolve("reference"), disk),
};

/** The files of an atlas: itself, or those in its folder. */
async function atlasFiles(path: string): Promise<readonly string[]> {
  if (!(await localDisk.stat(path))?.isDirectory) return [path];
  const folder = await mexFolder(localDisk, path);
  const files: string[] = [];
  for (const name of await localDisk.list(folder)) {
    const file = `${folder}/${name}`;
    const isFile = (await localDisk.stat(file))?.isDirectory === false;
    if (isFile && !name.startsWith(".")) files.push(file);
  }
  return files;
}
