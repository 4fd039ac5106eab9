import { isSthelarError, SthelarError } from "@/core/errors.ts";
import {
  downloadFile,
  type DownloadLink,
  linkOfUrl,
  readLinksFile,
  unpackZip,
} from "@/fetch/mod.ts";
import { localDisk } from "@/formats/disk/mod.ts";
import { throttledProgress } from "@/pipeline/events.ts";
import {
  formatBytes,
  formatSeconds,
  ProgressDisplay,
  standardScreen,
} from "@/pipeline/progress_display.ts";
import type { Arguments, OptionSpecs } from "./arguments.ts";
import { userPath } from "./options.ts";

/** Options of every command that downloads. */
export const LINK_OPTIONS = {
  url: { type: "string", value: "URL", doc: "a file to download" },
  file: { type: "string", value: "NAME", doc: "its name (default as the URL ends)" },
  sha256: { type: "string", value: "HEX", doc: "its checksum" },
  md5: { type: "string", value: "HEX", doc: "its checksum, as 10x gives it" },
  links: { type: "string", value: "JSON", doc: "a list of {url, file, bytes, sha256, unpack}" },
  tries: {
    type: "string",
    value: "N",
    doc: "tries without a byte before it gives up (default 5)",
  },
} as const satisfies OptionSpecs;

/**
 * The links that the arguments name.
 *
 * @param what What is fetched, for messages: `slide "heart_s0"`.
 * @param fileOf Name of the file that a URL becomes, if it is not to be the URL's own.
 * @returns `undefined` if they name none.
 * @throws {SthelarError} `InvalidArgument` for options that make no sense together.
 */
export async function givenLinks(
  what: string,
  { values }: Arguments,
  fileOf?: (url: string) => string | undefined,
): Promise<readonly DownloadLink[] | undefined> {
  const { url, links, sha256, md5 } = values;
  if (url === undefined && (values.file ?? sha256 ?? md5) !== undefined) {
    throw new SthelarError("InvalidArgument", {
      action: `Cannot fetch ${what}`,
      found: "--file or a checksum without a link",
      expected: "--url URL with it",
    });
  }
  if (url !== undefined) {
    const file = values.file ?? fileOf?.(url);
    return [linkOfUrl(url, {
      ...(file === undefined ? {} : { file }),
      ...(sha256 === undefined ? {} : { sha256 }),
      ...(md5 === undefined ? {} : { md5 }),
    })];
  }
  return links === undefined ? undefined : await readLinksFile(localDisk, userPath(links));
}

/**
 * Downloads links into a folder, showing how far it is.
 *
 * @param byHand What to do instead, for the error of a server that can't be reached.
 * @throws {SthelarError} as `downloadFile` does.
 */
export async function fetchLinks(
  links: readonly DownloadLink[],
  folder: string,
  args: Arguments,
  signal: AbortSignal,
  byHand: string,
): Promise<void> {
  const display = new ProgressDisplay(standardScreen());
  const job: FetchJob = { folder, display, signal, tries: triesOf(args) };
  for (const link of links) {
    await fetchLink(link, job).catch((error) => {
      if (!isSthelarError(error, "NotFound")) throw error;
      throw new SthelarError("NotFound", {
        action: error.message,
        remedy: `or download by hand:\n${byHand}`,
        cause: error,
      });
    });
  }
}

/** Where links are fetched to, and how. */
interface FetchJob {
  readonly folder: string;
  readonly display: ProgressDisplay;
  readonly signal: AbortSignal;
  readonly tries: number;
}

function triesOf({ values: { tries = "5" } }: Arguments): number {
  if (/^[1-9]\d{0,3}$/.test(tries)) return Number(tries);
  throw new SthelarError("InvalidArgument", {
    action: "Cannot use --tries",
    found: `"${tries}"`,
    expected: "a whole number of at least 1",
  });
}

async function fetchLink(
  link: DownloadLink,
  { folder, display, signal, tries }: FetchJob,
): Promise<void> {
  const { file, unpack } = link;
  const target = `${folder}/${file}`;
  const unpacked = unpack === undefined ? undefined : target.replace(/\.zip$/i, "");
  if (unpacked !== undefined && await localDisk.stat(unpacked) !== undefined) {
    display.line(`${file}: is there already, unpacked: ${unpacked}`);
    return;
  }
  const progress = throttledProgress((step) => display.step(step));
  display.start(file);
  const { bytes, resumedFrom, verified } = await downloadFile(link, target, {
    progress,
    signal,
    tries,
    onRetry: (reason, waitMs) =>
      display.line(`${file}: ${reason}; trying again in ${formatSeconds(waitMs / 1000)}`),
  });
  const resumed = resumedFrom === bytes
    ? ", was there already"
    : resumedFrom > 0
    ? `, resumed at ${formatBytes(resumedFrom)}`
    : "";
  const checked = verified ? "checksum agrees" : "no checksum is known: not verified";
  display.line(`${file}: ${formatBytes(bytes)}${resumed}, ${checked}`);
  if (unpacked !== undefined) {
    const count = await unpackZip(target, unpacked, { progress, signal });
    await localDisk.remove(target);
    display.line(`${file}: unpacked ${count} files into ${unpacked}`);
  } else if (/\.(tar|tar\.gz|tgz)$/i.test(file)) {
    display.line(`${file}: left as it is; unpack it with: tar -xf ${target}`);
  }
}
