import { SthelarError } from "@/core/errors.ts";
import type { RunningSlices } from "./running_slices.ts";

/** Names for messages. */
export interface MappingNames {
  readonly gene: (gene: number) => string;
  readonly nucleus: (nucleus: number) => string;
}

/** Says in which epoch, and which genes or nuclei, values are no longer finite. */
export async function nonFinite(
  slices: RunningSlices,
  names: MappingNames | undefined,
  cause?: unknown,
): Promise<SthelarError> {
  const { running } = slices.all.at(-1)!;
  const [epoch] = await running.read("epoch") as Float32Array;
  const sums: Float32Array[] = [];
  for (const name of ["dots", "squares", "measuredSquares"]) sums.push(await slices.ofGenes(name));
  const mass = await running.read("mass").catch(() => undefined) as Float32Array | undefined;
  const [dots] = sums;
  const genes = placesOf(dots.length, (g) => sums.every((values) => Number.isFinite(values[g])));
  const nuclei = mass === undefined
    ? []
    : placesOf(mass.length, (n) => mass[n] > 0 && mass[n] < Infinity);
  const where = genes.length === 0 && nuclei.length === 0 ? "the map" : [
    ...listed(genes, dots.length, "genes", names?.gene),
    ...listed(nuclei, mass?.length ?? 0, "nuclei", names?.nucleus),
  ].join(", ");
  return new SthelarError("CorruptData", {
    action: `Stopped Tangram in epoch ${epoch}`,
    found: `values that are not finite in ${where}`,
    expected: "finite ones",
    remedy: "look at the counts that are named, or lower the learning rate",
    ...(cause === undefined ? {} : { cause }),
  });
}

function placesOf(count: number, isFine: (place: number) => boolean): number[] {
  return Array.from({ length: count }, (_, place) => place).filter((place) => !isFine(place));
}

function listed(
  places: readonly number[],
  all: number,
  what: string,
  name: (place: number) => string = String,
): string[] {
  if (places.length === 0) return [];
  if (places.length === all) return [`all ${what}`];
  const shown = places.slice(0, 5).map((place) => `"${name(place)}"`).join(", ");
  return [`${places.length} of ${all} ${what} (${shown}${places.length > 5 ? ", …" : ""})`];
}
