import { type BundleParts, namesIn } from "./bundle_parts.ts";
import { unassignedId } from "./check_counts.ts";

/** What columns of one transcript say of each other, and of its field of view. */
export function transcriptFaults(parts: BundleParts): string[] {
  return [...nucleusFaults(parts), ...fieldFaults(parts), ...geneFaults(parts)];
}

/** In a nucleus means in a cell, and at a distance of 0 from a nucleus. */
function nucleusFaults(parts: BundleParts): string[] {
  const { transcripts } = parts;
  const inside = transcripts.numbers("overlaps_nucleus");
  const ids = namesIn(transcripts, "cell_id"), lost = unassignedId(parts);
  const distance = transcripts.has("nucleus_distance")
    ? transcripts.numbers("nucleus_distance")
    : undefined;
  for (let i = 0; i < transcripts.rowCount; i++) {
    if (Number(inside[i]) === 0) continue;
    if (ids[i] === lost || (distance !== undefined && distance[i] !== 0)) {
      return [`transcript ${i} is in a nucleus but not in a cell, or away from it`];
    }
  }
  return [];
}

/** Names of fields of view and the high halves of transcript ids are one to one. */
function fieldFaults({ transcripts }: BundleParts): string[] {
  const ids = Array.from(transcripts.numbers("transcript_id") as ArrayLike<number>, BigInt);
  const faults = new Set(ids).size === ids.length ? [] : ["transcript ids that occur twice"];
  if (!transcripts.has("fov_name")) return faults;
  const numberOf = new Map<string, bigint>(), nameOf = new Map<bigint, string>();
  const names = namesIn(transcripts, "fov_name");
  for (const [i, id] of ids.entries()) {
    const field = id >> 32n, name = names[i];
    if ((numberOf.get(name) ?? field) !== field) return [...faults, `${name} has two numbers`];
    if ((nameOf.get(field) ?? name) !== name) return [...faults, `field ${field} has two names`];
    numberOf.set(name, field);
    nameOf.set(field, name);
  }
  return faults;
}

/** `is_gene` says what `codeword_category` says. */
function geneFaults({ transcripts }: BundleParts): string[] {
  if (!transcripts.has("is_gene")) return [];
  const isGene = transcripts.booleans("is_gene");
  const wrong = namesIn(transcripts, "codeword_category")
    .findIndex((category, i) => category.endsWith("_gene") !== (isGene[i] === 1));
  return wrong < 0 ? [] : [`transcript ${wrong}: is_gene and codeword_category differ`];
}
