// Where a file whose OME-XML does not say it tells how large its pixels are, in this order:
//
// | place                     | example                                           |
// |---------------------------|---------------------------------------------------|
// | Aperio's ImageDescription | `Aperio Image Library v11|AppMag = 20|MPP = 0.499` |
// | tags 282, 283 and 296     | 20040.08 pixels a centimetre, or so many an inch  |
//
// Tags of no microscope (72 or 300 dots per inch) say how to print, not how large a cell is.
import { readInteger, readRational, type TiffDirectory } from "./tiff_directory.ts";
import type { TiffSource } from "./tiff_source.ts";

const UM_PER_RESOLUTION_UNIT: ReadonlyMap<number, number> = new Map([[2, 25_400], [3, 10_000]]);
const SMALLEST_PIXEL_UM = 0.01;
const LARGEST_PIXEL_UM = 10;

/** Micrometres per pixel as an Aperio description or the resolution tags have it, if they do. */
export async function readPixelSizeUm(
  source: TiffSource,
  directory: TiffDirectory,
  description: string,
): Promise<{ readonly x: number; readonly y: number } | undefined> {
  const aperio = aperioPixelUm(description);
  if (aperio !== undefined) return { x: aperio, y: aperio };
  const unit = UM_PER_RESOLUTION_UNIT.get(await readInteger(source, directory, 296, 2));
  const [across, down] = [
    await readRational(source, directory, 282),
    await readRational(source, directory, 283),
  ];
  if (unit === undefined || across === undefined || down === undefined) return undefined;
  const [x, y] = [unit / across, unit / down];
  return isOfMicroscope(x) && isOfMicroscope(y) ? { x, y } : undefined;
}

function aperioPixelUm(description: string): number | undefined {
  if (!description.startsWith("Aperio")) return undefined;
  const um = Number(description.match(/\|\s*MPP\s*=\s*([^|]+)/)?.[1] ?? Number.NaN);
  return isOfMicroscope(um) ? um : undefined;
}

function isOfMicroscope(um: number): boolean {
  return um >= SMALLEST_PIXEL_UM && um <= LARGEST_PIXEL_UM;
}
