import { localDisk } from "@/formats/disk/mod.ts";

/** Runs a test with a folder that is removed afterwards. */
export async function inFolder(run: (folder: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    await run(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** Paths of the files below a folder, relative to it. */
export async function filesBelow(folder: string, prefix = ""): Promise<string[]> {
  const found: string[] = [];
  for (const name of await localDisk.list(folder)) {
    const isDirectory = (await localDisk.stat(`${folder}/${name}`))!.isDirectory;
    if (isDirectory) found.push(...await filesBelow(`${folder}/${name}`, `${prefix}${name}/`));
    else found.push(`${prefix}${name}`);
  }
  return found;
}

/** Gives some files of a folder a second name in another. */
export async function linkFiles(
  from: string,
  to: string,
  isWanted: (name: string) => boolean,
): Promise<void> {
  for (const name of (await filesBelow(from)).filter(isWanted)) {
    await localDisk.makeDirectory(`${to}/${name}`.replace(/\/[^/]*$/, ""));
    await localDisk.link(`${from}/${name}`, `${to}/${name}`);
  }
}
