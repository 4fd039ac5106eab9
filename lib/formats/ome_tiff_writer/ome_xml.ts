/** What the OME-XML of an image of one plane a channel says. */
export interface OmeImage {
  /** Name of the image. */
  readonly name: string;
  /** Pixels across. */
  readonly width: number;
  /** Pixels down. */
  readonly height: number;
  /** Number type of a sample. */
  readonly dtype: "uint8" | "uint16";
  /** Side of a pixel in µm; left out if the file shall not say. */
  readonly pixelSizeUm?: number;
  /** Names of the channels; for RGB one channel of three samples. */
  readonly channels: readonly string[];
  /** Samples of each channel: 3 for RGB. */
  readonly samplesPerChannel?: 1 | 3;
  /** Planes of a stack; 1 by default. */
  readonly planes?: number;
  /** Distance of the planes in µm. */
  readonly planeStepUm?: number;
  /** File of each channel, where each has its own, and which of them this header is for. */
  readonly files?: { readonly names: readonly string[]; readonly self: number };
}

const NAMESPACE = "http://www.openmicroscopy.org/Schemas/OME/2016-06";

/**
 * Composes the OME-XML of a TIFF.
 *
 * @example
 * ```ts
 * import { assertMatch } from "@std/assert";
 * import { omeXml } from "@/formats/ome_tiff_writer/mod.ts";
 *
 * const xml = omeXml({ name: "he", width: 4, height: 3, dtype: "uint8", channels: ["rgb"],
 *   samplesPerChannel: 3 });
 * assertMatch(xml, /SizeC="3"/);
 * ```
 */
export function omeXml(image: OmeImage): string {
  const { name, width, height, dtype, pixelSizeUm, channels, samplesPerChannel = 1, files } = image;
  const { planes = 1, planeStepUm } = image;
  const step = planeStepUm === undefined
    ? ""
    : ` PhysicalSizeZ="${planeStepUm}" PhysicalSizeZUnit="µm"`;
  const physical = pixelSizeUm === undefined ? "" : ["X", "Y"]
    .map((axis) => ` PhysicalSize${axis}="${pixelSizeUm}" PhysicalSize${axis}Unit="µm"`)
    .join("");
  const channelXml = channels.map((channel, i) =>
    `<Channel ID="Channel:${i}" Name="${
      escapeXml(channel)
    }" SamplesPerPixel="${samplesPerChannel}"/>`
  ).join("");
  const data = files === undefined
    ? `<TiffData IFD="0" PlaneCount="${planes}"/>`
    : files.names.map((file, i) =>
      `<TiffData FirstC="${i}" FirstT="0" FirstZ="0" IFD="0" PlaneCount="1">` +
      `<UUID FileName="${escapeXml(file)}">${uuidOf(file)}</UUID></TiffData>`
    ).join("");
  const self = files === undefined ? "" : ` UUID="${uuidOf(files.names[files.self])}"`;
  return `<?xml version="1.0" encoding="UTF-8"?>` +
    `<OME xmlns="${NAMESPACE}" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" ` +
    `xsi:schemaLocation="${NAMESPACE} ${NAMESPACE}/ome.xsd"${self}>` +
    `<Image ID="Image:0" Name="${escapeXml(name)}"><Pixels ID="Pixels:0" DimensionOrder="XYCZT" ` +
    `Type="${dtype}" SizeX="${width}" SizeY="${height}" ` +
    `SizeC="${
      channels.length * samplesPerChannel
    }" SizeZ="${planes}" SizeT="1"${physical}${step} ` +
    `BigEndian="false" Interleaved="${samplesPerChannel === 3}">${channelXml}${data}` +
    `</Pixels></Image></OME>`;
}

/** The same file name always gives the same id, so that equal images make equal bytes. */
function uuidOf(file: string): string {
  let hex = "";
  for (let salt = 0; hex.length < 32; salt++) {
    let hash = 0x811c9dc5 ^ salt;
    for (const byte of new TextEncoder().encode(file)) {
      hash = Math.imul(hash ^ byte, 0x01000193);
    }
    hex += (hash >>> 0).toString(16).padStart(8, "0");
  }
  const parts = [
    hex.slice(0, 8),
    hex.slice(8, 12),
    `4${hex.slice(13, 16)}`,
    `8${hex.slice(17, 20)}`,
  ];
  return `urn:uuid:${[...parts, hex.slice(20, 32)].join("-")}`;
}

function escapeXml(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll('"', "&quot;");
}
