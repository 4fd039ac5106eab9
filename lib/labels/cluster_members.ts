import { createHash } from "node:crypto";
import type { Clustering } from "./cluster_statistics.ts";

/** Members of a cluster as a decisions file keeps them: enough to find the cluster again. */
export interface ClusterMembers {
  /** Cells of the cluster. */
  readonly cells: number;
  /** Ids of up to 64 of them, drawn by the hash of the id. */
  readonly sample: readonly string[];
  /** Genes that rise most in it. */
  readonly topGenes: readonly string[];
}

/**
 * A share that is estimated from 64 members is within 6 % (one standard error); the sample makes a file
 * no larger for a million cells than for a thousand, and a person can read it.
 */
const SAMPLE = 64;

/**
 * The stamp of a clustering: equal only if the same cells are in the same clusters, under the same key.
 *
 * @param ids Id of each cell, one that outlives a new build (the bundle's).
 *
 * @example
 * ```ts
 * import { assertNotEquals } from "@std/assert";
 * import { clusteringStamp } from "@/labels/cluster_members.ts";
 *
 * const of = (codes: number[]) =>
 *   clusteringStamp({ key: "leiden", codes: Int32Array.from(codes), count: 2 }, ["a-1", "b-1"]);
 * assertNotEquals(of([0, 1]), of([1, 0]));
 * ```
 */
export function clusteringStamp({ key, codes }: Clustering, ids: readonly string[]): string {
  const hash = createHash("sha256");
  hash.update(JSON.stringify([key, codes.length]));
  const block = 65_536, bytes = new Uint8Array(4 * block), view = new DataView(bytes.buffer);
  for (let start = 0; start < codes.length; start += block) {
    const end = Math.min(codes.length, start + block);
    for (let cell = start; cell < end; cell++) {
      view.setInt32(4 * (cell - start), codes[cell], true);
    }
    hash.update(bytes.subarray(0, 4 * (end - start)));
    hash.update(ids.slice(start, end).join("\n") + "\n");
  }
  return hash.digest("hex").slice(0, 32);
}

/**
 * Draws members of every cluster: those whose ids hash lowest, so that the draw depends neither on the
 * order of the cells nor on chance.
 *
 * @param ids Id of each cell.
 * @param codes Cluster of each cell; those below 0 are left out.
 * @param count How many clusters there are.
 */
export function sampleMembers(
  ids: readonly string[],
  codes: Int32Array,
  count: number,
): { readonly cells: number; readonly sample: string[] }[] {
  const drawn = Array.from({ length: count }, () => ({ cells: 0, lowest: new Lowest() }));
  ids.forEach((id, cell) => {
    const cluster = drawn[codes[cell]];
    if (cluster === undefined) return;
    cluster.cells++;
    cluster.lowest.offer(id);
  });
  return drawn.map(({ cells, lowest }) => ({ cells, sample: lowest.ids() }));
}

/** The ids with the lowest hashes of all that were offered. */
class Lowest {
  readonly #kept: { readonly id: string; readonly hash: number }[] = [];
  #limit = Infinity;

  offer(id: string): void {
    const hash = hashOf(id);
    if (hash > this.#limit) return;
    this.#kept.push({ id, hash });
    if (this.#kept.length >= 4 * SAMPLE) this.#trim();
  }

  ids(): string[] {
    this.#trim();
    return this.#kept.map(({ id }) => id).sort();
  }

  #trim(): void {
    this.#kept.sort((a, b) => a.hash - b.hash || (a.id < b.id ? -1 : 1));
    if (this.#kept.length <= SAMPLE) return;
    this.#kept.length = SAMPLE;
    this.#limit = this.#kept[SAMPLE - 1].hash;
  }
}

/** FNV-1a with the finish of MurmurHash3: ids that follow each other hash far apart. */
function hashOf(id: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < id.length; i++) hash = Math.imul(hash ^ id.charCodeAt(i), 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}
