// Which directories of a file are its channels, and what the channels are called.
//
// | file                                    | planes                                             |
// |-----------------------------------------|----------------------------------------------------|
// | one file, all planes (10x H&E, z stack) | TiffData without UUID, or with this file's         |
// | morphology_focus_000N.ome.tif (2.x, 3.x)| directory 0; TiffData of all files in each header  |
// | chNNNN_<stain>.ome.tif (4.x)            | the same                                           |
// | renamed                                 | TiffData with the UUID of this file's header       |
// | its own TiffData is lost                | directory 0; the channel is the 4 digits of the name |
// | four channels in the header, no UUIDs   | the same, if the file has one directory            |
// | no OME-XML                              | leading directories of one size                    |
import type { OmeMetadata, OmeTiffData } from "./ome_metadata.ts";
import type { TiffSource } from "./tiff_source.ts";

/** A plane of the image that stands in this file. */
export interface FilePlane {
  /** Index of the top-level directory. */
  readonly ifd: number;
  /** Index of the `Channel` element. */
  readonly channel: number;
}

/** What a channel is called. */
export interface ChannelName {
  readonly name: string | undefined;
  readonly id: string | undefined;
}

/**
 * The planes of this file at one z, in channel order.
 *
 * @param z Index of the plane in a z stack.
 * @throws {SthelarError} `CorruptData` if the metadata name directories that the file lacks.
 */
export function findPlanes(
  ome: OmeMetadata,
  directoryCount: number,
  z: number,
  source: TiffSource,
): FilePlane[] {
  const own = ownTiffData(ome, source.path);
  const ofName = channelOfFileName(source.path);
  const isOneOfMany = directoryCount === 1 && planeChannelCount(ome) > 1 &&
    own?.every(({ fileName, uuid }) => fileName === undefined && uuid === undefined);
  if (own === undefined || (isOneOfMany && ofName !== undefined)) {
    return [{ ifd: 0, channel: ofName ?? 0 }];
  }
  const planes = new Map<number, number>();
  const entries = own.length > 0 ? own : [EVERY_PLANE];
  for (const entry of entries) {
    for (const place of placesOf(entry, ome, directoryCount)) {
      if (place.ifd >= directoryCount) {
        throw source.corrupt(
          `plane ${place.ifd} in the OME-XML's TiffData`,
          `the file's ${directoryCount} directories`,
          "the file is cut short, or its header speaks of other files",
        );
      }
      if (place.z === z && place.t === 0) planes.set(place.c, place.ifd);
    }
  }
  if (planes.size === 0) {
    throw source.corrupt("no plane of this file in its OME-XML", "one or more");
  }
  return [...planes].sort(([a], [b]) => a - b).map(([channel, ifd]) => ({ ifd, channel }));
}

const EVERY_PLANE: OmeTiffData = {
  ifd: undefined,
  firstC: 0,
  firstZ: 0,
  firstT: 0,
  planeCount: undefined,
  fileName: undefined,
  uuid: undefined,
};

/**
 * The TiffData of this file, by its name or else by the UUID; `undefined` if all are of other files.
 */
function ownTiffData(ome: OmeMetadata, path: string): readonly OmeTiffData[] | undefined {
  const fileName = baseName(path);
  const nowhere = ome.tiffData.filter((data) =>
    data.fileName === undefined && data.uuid === undefined
  );
  const named = ome.tiffData.filter((data) => data.fileName === fileName);
  const ofUuid = ome.tiffData.filter(({ uuid }) => uuid !== undefined && uuid === ome.uuid);
  const own = [...nowhere, ...named.length > 0 ? named : ofUuid];
  if (own.length > 0 || ome.tiffData.length === 0) return own;
  const files = new Set(ome.tiffData.map((data) => data.fileName ?? data.uuid));
  return files.size === 1 ? ome.tiffData : undefined;
}

function* placesOf(
  entry: OmeTiffData,
  ome: OmeMetadata,
  directoryCount: number,
): Iterable<{ ifd: number; c: number; z: number; t: number }> {
  const firstIfd = entry.ifd ?? 0;
  const channels = Math.max(1, planeChannelCount(ome));
  const all = channels * ome.sizeZ * ome.sizeT;
  const count = entry.planeCount ??
    (entry.ifd === undefined ? Math.min(all, directoryCount) : 1);
  const extents = { C: channels, Z: ome.sizeZ, T: ome.sizeT };
  const position = { C: entry.firstC, Z: entry.firstZ, T: entry.firstT };
  const order = [...ome.dimensionOrder].filter((axis) =>
    axis in extents
  ) as (keyof typeof extents)[];
  // One past the last directory is enough for the caller to see that the count is wrong.
  for (let i = 0; i < Math.min(count, directoryCount + 1); i++) {
    yield { ifd: firstIfd + i, c: position.C, z: position.Z, t: position.T };
    for (const axis of order) {
      position[axis]++;
      if (position[axis] < extents[axis]) break;
      position[axis] = 0;
    }
  }
}

/** Planes of one z and t: channels that are samples of a pixel share one. */
function planeChannelCount(ome: OmeMetadata): number {
  if (ome.channels.length === 0) return ome.sizeC;
  const samples = ome.channels.reduce((total, channel) => total + channel.samplesPerPixel, 0);
  return samples === ome.sizeC ? ome.channels.length : ome.sizeC;
}

/**
 * Names of the channels that this file holds, as far as its header tells.
 *
 * @param samples Samples per pixel of the planes' directories.
 * @returns One a channel: planes in order, the samples of each.
 */
export function nameChannels(
  ome: OmeMetadata | undefined,
  planes: readonly FilePlane[],
  samples: number,
): ChannelName[] {
  return planes.flatMap(({ channel }) =>
    Array.from({ length: samples }, (_, sample) => {
      const perSample = planes.length === 1 && ome?.channels.length === samples;
      const element = ome?.channels[perSample ? sample : channel];
      return { name: element?.name, id: element?.id };
    })
  );
}

/** `morphology_focus_0002.ome.tif` → 2, `ch0001_18s.ome.tif` → 1. */
function channelOfFileName(path: string): number | undefined {
  const digits = baseName(path).match(/(?:morphology_focus_|(?:^|_)ch)(\d{4})/)?.[1];
  return digits === undefined ? undefined : Number(digits);
}

function baseName(path: string): string {
  return path.slice(Math.max(path.lastIndexOf("/"), path.lastIndexOf("\\")) + 1);
}
