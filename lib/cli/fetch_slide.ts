import { resolve } from "node:path";
import { isSthelarError, SthelarError } from "@/core/errors.ts";
import { didYouMean } from "@/core/nearest.ts";
import {
  downloadFile,
  type DownloadLink,
  linkOfUrl,
  readLinksFile,
  unpackZip,
} from "@/fetch/mod.ts";
import { localDisk } from "@/formats/disk/mod.ts";
import { catalogueSlide, catalogueSlides, sourcePageUrl } from "@/pipeline/catalogue.ts";
import { throttledProgress } from "@/pipeline/events.ts";
import {
  formatBytes,
  formatSeconds,
  ProgressDisplay,
  standardScreen,
} from "@/pipeline/progress_display.ts";
import { slideFolder } from "@/pipeline/slide_folder.ts";
import type { Arguments } from "./arguments.ts";
import { type Command, print, takeWords } from "./command.ts";
import { SLIDE_OPTIONS, userPath } from "./options.ts";

/** Downloads a slide's files, or says where they are. */
export const fetchSlideCommand: Command = {
  words: ["<slide>"],
  doc: "downloads a slide's files where a link is known, else says what to put where",
  options: {
    to: { type: "string", value: "DIR", doc: "where to (default data/xenium/<slide>)" },
    url: { type: "string", value: "URL", doc: "a file to download: a bundle, H&E or alignment" },
    file: { type: "string", value: "NAME", doc: "its name (default as the URL ends)" },
    sha256: { type: "string", value: "HEX", doc: "its checksum" },
    md5: { type: "string", value: "HEX", doc: "its checksum, as 10x gives it" },
    links: { type: "string", value: "JSON", doc: "a list of {url, file, bytes, sha256, unpack}" },
    tries: {
      type: "string",
      value: "N",
      doc: "tries without a byte before it gives up (default 5)",
    },
    data: SLIDE_OPTIONS.data,
  },
  async run(args, signal) {
    const [slide] = takeWords("fetch-slide", this, args);
    // Only checks the name.
    slideFolder("", slide);
    const folder = targetFolder(slide, args);
    const links = await linksOf(slide, args);
    if (links.length === 0) throw noLink(slide, folder);
    const display = new ProgressDisplay(standardScreen());
    const job: FetchJob = { folder, display, signal, tries: triesOf(args) };
    for (const link of links) {
      await fetchLink(link, job).catch((error) => {
        if (!isSthelarError(error, "NotFound")) throw error;
        throw new SthelarError("NotFound", {
          action: error.message,
          remedy: `or download by hand:\n${instructions(slide, folder)}`,
          cause: error,
        });
      });
    }
    print(folder);
    print(`Build it: deno task build-slide ${slide}${buildOptions(slide, folder, args)}`);
  },
};

function targetFolder(slide: string, { values }: Arguments): string {
  if (values.to !== undefined) return userPath(values.to);
  const data = values.data === undefined ? resolve("data") : userPath(values.data);
  return `${data}/xenium/${slide}`;
}

async function linksOf(slide: string, { values }: Arguments): Promise<readonly DownloadLink[]> {
  const { url, links, file, sha256, md5 } = values;
  if (url === undefined && (file ?? sha256 ?? md5) !== undefined) {
    throw new SthelarError("InvalidArgument", {
      action: `Cannot fetch slide "${slide}"`,
      found: "--file or a checksum without a link",
      expected: "--url URL with it",
    });
  }
  if (url !== undefined) {
    return [linkOfUrl(url, {
      ...(file === undefined ? {} : { file }),
      ...(sha256 === undefined ? {} : { sha256 }),
      ...(md5 === undefined ? {} : { md5 }),
    })];
  }
  if (links !== undefined) return await readLinksFile(localDisk, userPath(links));
  return catalogueSlide(slide)?.downloads ?? [];
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

function noLink(slide: string, folder: string): SthelarError {
  const isKnown = catalogueSlide(slide) !== undefined;
  return new SthelarError(isKnown ? "NotFound" : "InvalidArgument", {
    action: `Cannot download slide "${slide}"`,
    found: isKnown ? "no link to its files in the catalogue" : "no slide of that name",
    remedy: isKnown
      ? `download by hand:\n${instructions(slide, folder)}`
      : `${
        didYouMean(slide, catalogueSlides.map(({ id }) => id))
      } For a slide of your own name a ` +
        "link with --url URL",
  });
}

/** What to download, and where to put it. */
function instructions(slide: string, folder: string): string {
  const published = catalogueSlide(slide);
  const page = published === undefined ? [] : [
    `  public page of 10x Genomics: ${published.sourcePage}`,
    `    ${sourcePageUrl(published)}`,
  ];
  return [
    ...page,
    `  Xenium output bundle (*_outs.zip), unpacked    -> ${folder}/`,
    `    so that there is ${folder}/experiment.xenium, or a folder with it`,
    `  H&E image (*_he_image.ome.tif)                 -> ${folder}/`,
    `  its alignment (*_he_imagealignment.csv)        -> ${folder}/`,
    `  then: deno task build-slide ${slide}`,
    "  a link copied from the page is fetched, resumed and checked with:",
    `    deno task fetch-slide ${slide} --url URL [--sha256 HEX | --md5 HEX]`,
  ].join("\n");
}

/** A folder that `build-slide` does not find by itself has to be named. */
function buildOptions(slide: string, folder: string, { values }: Arguments): string {
  const isDefault = folder === `${resolve("data")}/xenium/${slide}`;
  if (isDefault) return "";
  return values.to === undefined ? ` --data ${values.data}` : ` --bundle ${folder}`;
}
