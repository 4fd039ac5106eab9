/** Clusters numbered anew: 0 the largest; of equal ones, that with the first member comes first. */
export function bySize(clusters: ArrayLike<number>): Int32Array<ArrayBuffer> {
  const sizes = new Map<number, number>();
  for (let node = 0; node < clusters.length; node++) {
    sizes.set(clusters[node], (sizes.get(clusters[node]) ?? 0) + 1);
  }
  const ordered = [...sizes].sort(([, a], [, b]) => b - a);
  const place = new Map(ordered.map(([cluster], rank) => [cluster, rank]));
  return Int32Array.from(clusters, (cluster) => place.get(cluster)!);
}
