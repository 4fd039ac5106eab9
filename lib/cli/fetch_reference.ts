import { resolve } from "node:path";
import { SthelarError } from "@/core/errors.ts";
import { didYouMean } from "@/core/nearest.ts";
import { type Reference, referenceOf, references } from "@/pipeline/references.ts";
import type { Arguments } from "./arguments.ts";
import { type Command, print, takeWords } from "./command.ts";
import { fetchLinks, givenLinks, LINK_OPTIONS } from "./fetch_links.ts";
import { SLIDE_OPTIONS, userPath } from "./options.ts";

/** Downloads the single-cell reference of a tissue, or says where it is. */
export const fetchReferenceCommand: Command = {
  words: ["<tissue>"],
  doc:
    "downloads a tissue's single-cell reference where a link is known, else says what to put where",
  options: {
    to: { type: "string", value: "DIR", doc: "where to (default data/references)" },
    ...LINK_OPTIONS,
    file: { ...LINK_OPTIONS.file, doc: "its name (default the reference's)" },
    data: SLIDE_OPTIONS.data,
  },
  async run(args, signal) {
    const [tissue] = takeWords("fetch-reference", this, args);
    const reference = namedReference(tissue);
    const folder = targetFolder(args);
    const fileOf = (url: string) => fileNameOf(reference, url);
    const links = await givenLinks(`the reference of "${tissue}"`, args, fileOf) ??
      reference.downloads ?? [];
    const byHand = instructions(tissue, reference, folder);
    if (links.length === 0) {
      throw new SthelarError("NotFound", {
        action: `Cannot download the reference of "${tissue}"`,
        found: `no link to ${reference.key}`,
        remedy: `download by hand:\n${byHand}`,
      });
    }
    await fetchLinks(links, folder, args, signal, byHand);
    print(folder);
  },
};

function namedReference(tissue: string): Reference {
  const reference = referenceOf(tissue);
  if (reference !== undefined) return reference;
  throw new SthelarError("InvalidArgument", {
    action: `Cannot download the reference of "${tissue}"`,
    found: "no tissue of that name",
    remedy: `${
      didYouMean(tissue, references.flatMap(({ tissues }) => tissues))
    } For a tissue of your own name a reference with --reference PATH`,
  });
}

function targetFolder({ values }: Arguments): string {
  if (values.to !== undefined) return userPath(values.to);
  return `${values.data === undefined ? resolve("data") : userPath(values.data)}/references`;
}

/** The name under which a slide's stages find it; the ending stays the URL's. */
function fileNameOf({ key }: Reference, url: string): string | undefined {
  const ending = URL.canParse(url)
    ? /\.(h5ad|h5|zip)$/i.exec(new URL(url).pathname)?.[0].toLowerCase()
    : undefined;
  return ending === undefined ? undefined : `${key}${ending}`;
}

/** What to download, and where to put it. */
function instructions(tissue: string, reference: Reference, folder: string): string {
  const { key, source, page, format, cells, genes, labelKey } = reference;
  const size = `${cells.toLocaleString("en-US")} cells x ${genes.toLocaleString("en-US")} genes`;
  const files = format === "3CA"
    ? [
      `  Exp_data_UMIcounts.mtx, Genes.txt, Cells.csv   -> ${folder}/${key}/`,
      `    or the same as h5ad                          -> ${folder}/${key}.h5ad`,
    ]
    : [`  ${key} (h5ad)`.padEnd(49) + `-> ${folder}/${key}.h5ad`];
  return [
    `  ${source}: ${page}`,
    `    ${size}, types in "${labelKey}"`,
    ...files,
    "  a link is fetched, resumed and checked with:",
    `    deno task fetch-reference ${tissue} --url URL [--sha256 HEX]`,
    "  another reference of yours is used with: deno task build-slide <slide> --reference PATH",
  ].join("\n");
}
