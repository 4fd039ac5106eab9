import { XMLParser, XMLValidator } from "fast-xml-parser";
import { messageOf } from "@/core/errors.ts";
import type { TiffSource } from "./tiff_source.ts";

/** One `Channel` element. */
export interface OmeChannel {
  readonly name: string | undefined;
  readonly id: string | undefined;
  /** Samples of a pixel that are this channel: 3 for RGB. */
  readonly samplesPerPixel: number;
}

/** One `TiffData` element: which planes of the image stand in which file and directory. */
export interface OmeTiffData {
  /** Top-level directory of the first plane. */
  readonly ifd: number | undefined;
  readonly firstC: number;
  readonly firstZ: number;
  readonly firstT: number;
  readonly planeCount: number | undefined;
  readonly fileName: string | undefined;
  readonly uuid: string | undefined;
}

/** What is used of the OME-XML of an image's first directory. */
export interface OmeMetadata {
  readonly uuid: string | undefined;
  /** Order of the planes, fastest first, as in `XYCZT`. */
  readonly dimensionOrder: string;
  readonly sizeC: number;
  readonly sizeZ: number;
  readonly sizeT: number;
  /** Micrometres per pixel of level 0, where the file says. */
  readonly pixelSizeUm: { readonly x: number; readonly y: number } | undefined;
  readonly channels: readonly OmeChannel[];
  readonly tiffData: readonly OmeTiffData[];
}

type Attributes = Readonly<Record<string, unknown>>;

const UM_PER_UNIT: ReadonlyMap<string, number> = new Map([
  ["m", 1e6],
  ["dm", 1e5],
  ["cm", 1e4],
  ["mm", 1e3],
  ["\u00b5m", 1],
  ["\u03bcm", 1],
  ["um", 1],
  ["nm", 1e-3],
  ["\u00c5", 1e-4],
  ["\u212b", 1e-4],
  ["pm", 1e-6],
  ["in", 25_400],
  ["li", 25_400 / 12],
  ["thou", 25.4],
]);

/** Whether an ImageDescription is OME-XML. */
export function isOmeXml(description: string): boolean {
  return /^\s*(<\?xml[^>]*>\s*)?(<!--[\s\S]*?-->\s*)*<(\w+:)?OME[\s>]/.test(description);
}

/**
 * Reads the first image of an OME-XML text.
 *
 * @throws {SthelarError} `CorruptData` for text that is no XML or lacks `Image/Pixels`.
 */
export function parseOmeXml(xml: string, source: TiffSource): OmeMetadata {
  const root = parseRoot(xml, source);
  const pixels = children(children(root, "Image")[0], "Pixels")[0];
  if (pixels === undefined) throw source.corrupt("OME-XML without Image/Pixels", "both");
  const size = (name: string) => wholeNumber(pixels, name, 1, 1, source);
  return {
    uuid: text(root.UUID),
    dimensionOrder: text(pixels.DimensionOrder) ?? "XYCZT",
    sizeC: size("SizeC"),
    sizeZ: size("SizeZ"),
    sizeT: size("SizeT"),
    pixelSizeUm: pixelSizeOf(pixels),
    channels: children(pixels, "Channel").map((channel) => ({
      name: text(channel.Name),
      id: text(channel.ID),
      samplesPerPixel: wholeNumber(channel, "SamplesPerPixel", 1, 1, source),
    })),
    tiffData: children(pixels, "TiffData").map((data) => parseTiffData(data, source)),
  };
}

function parseRoot(xml: string, source: TiffSource): Attributes {
  const parser = new XMLParser({
    ignoreAttributes: false,
    attributeNamePrefix: "",
    removeNSPrefix: true,
    parseAttributeValue: false,
    parseTagValue: false,
    htmlEntities: true,
  });
  const wellFormed = XMLValidator.validate(xml);
  if (wellFormed !== true) {
    throw source.corrupt(`OME-XML that breaks off: ${wellFormed.err.msg}`, "well-formed XML");
  }
  try {
    return children(parser.parse(xml) as Attributes, "OME")[0] ?? {};
  } catch (cause) {
    throw source.corrupt(`OME-XML that can't be parsed: ${messageOf(cause)}`, "well-formed XML");
  }
}

function parseTiffData(data: Attributes, source: TiffSource): OmeTiffData {
  const uuid = children(data, "UUID")[0];
  const index = (name: string) => wholeNumber(data, name, 0, 0, source);
  return {
    ifd: data.IFD === undefined ? undefined : index("IFD"),
    firstC: index("FirstC"),
    firstZ: index("FirstZ"),
    firstT: index("FirstT"),
    planeCount: data.PlaneCount === undefined ? undefined : index("PlaneCount"),
    fileName: text(uuid?.FileName),
    uuid: text(uuid?.["#text"]),
  };
}

/** A size in a unit that is no length, or no size at all, is unknown. */
function pixelSizeOf(pixels: Attributes): { x: number; y: number } | undefined {
  const lengthUm = (axis: "X" | "Y") => {
    const unit = UM_PER_UNIT.get(text(pixels[`PhysicalSize${axis}Unit`]) ?? "um");
    const length = Number(text(pixels[`PhysicalSize${axis}`]) ?? Number.NaN);
    return unit !== undefined && length > 0 && Number.isFinite(length) ? length * unit : undefined;
  };
  const x = lengthUm("X");
  const y = lengthUm("Y");
  return x === undefined || y === undefined ? undefined : { x, y };
}

/** Child elements by name; one that has neither attributes nor children is parsed as text. */
function children(parent: Attributes | undefined, name: string): Attributes[] {
  const value = parent?.[name];
  if (value === undefined) return [];
  return (Array.isArray(value) ? value : [value]).map((child) =>
    typeof child === "object" && child !== null ? child as Attributes : { "#text": child }
  );
}

function text(value: unknown): string | undefined {
  return typeof value === "string" && value.trim() !== "" ? value.trim() : undefined;
}

function wholeNumber(
  attributes: Attributes,
  name: string,
  fallback: number,
  least: number,
  source: TiffSource,
): number {
  const written = text(attributes[name]);
  if (written === undefined) return fallback;
  const value = Number(written);
  if (Number.isInteger(value) && value >= least) return value;
  throw source.corrupt(`${name}="${written}" in OME-XML`, `a whole number from ${least}`);
}
