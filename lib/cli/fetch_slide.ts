import { resolve } from "node:path";
import { SthelarError } from "@/core/errors.ts";
import { didYouMean } from "@/core/nearest.ts";
import { catalogueSlide, catalogueSlides, sourcePageUrl } from "@/pipeline/catalogue.ts";
import { slideFolder } from "@/pipeline/slide_folder.ts";
import type { Arguments } from "./arguments.ts";
import { type Command, print, takeWords } from "./command.ts";
import { fetchLinks, givenLinks, LINK_OPTIONS } from "./fetch_links.ts";
import { SLIDE_OPTIONS, userPath } from "./options.ts";

/** Downloads a slide's files, or says where they are. */
export const fetchSlideCommand: Command = {
  words: ["<slide>"],
  doc: "downloads a slide's files where a link is known, else says what to put where",
  options: {
    to: { type: "string", value: "DIR", doc: "where to (default data/xenium/<slide>)" },
    ...LINK_OPTIONS,
    url: { ...LINK_OPTIONS.url, doc: "a file to download: a bundle, H&E or alignment" },
    data: SLIDE_OPTIONS.data,
  },
  async run(args, signal) {
    const [slide] = takeWords("fetch-slide", this, args);
    // Only checks the name.
    slideFolder("", slide);
    const folder = targetFolder(slide, args);
    const links = await givenLinks(`slide "${slide}"`, args) ??
      catalogueSlide(slide)?.downloads ?? [];
    if (links.length === 0) throw noLink(slide, folder);
    await fetchLinks(links, folder, args, signal, instructions(slide, folder));
    print(folder);
    print(`Build it: deno task build-slide ${slide}${buildOptions(slide, folder, args)}`);
  },
};

function targetFolder(slide: string, { values }: Arguments): string {
  if (values.to !== undefined) return userPath(values.to);
  const data = values.data === undefined ? resolve("data") : userPath(values.data);
  return `${data}/xenium/${slide}`;
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
