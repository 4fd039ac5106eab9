/** Values of a run: first pixel, pixels, label. */
const RUN_VALUES = 3;

/** Instance maps of several patches, as runs of equal labels in the order of pixels. */
export interface InstanceRuns {
  /** Where the runs of each map begin in `runs`, and the end. */
  readonly starts: Int32Array<ArrayBuffer>;
  /** First pixel, pixels, label of each run. */
  readonly runs: Int32Array<ArrayBuffer>;
}

/** The maps as runs; an empty array is a map without nuclei. */
export function runsOfMaps(maps: readonly Int32Array[]): InstanceRuns {
  const starts = new Int32Array(maps.length + 1);
  maps.forEach((map, i) => starts[i + 1] = starts[i] + RUN_VALUES * countRuns(map));
  const runs = new Int32Array(starts[maps.length]);
  maps.forEach((map, i) => {
    let at = starts[i];
    for (let p = 0; p < map.length;) {
      const label = map[p], first = p;
      while (p < map.length && map[p] === label) p++;
      if (label === 0) continue;
      runs[at++] = first;
      runs[at++] = p - first;
      runs[at++] = label;
    }
  });
  return { starts, runs };
}

/** One of the maps. */
export function mapOfRuns(
  { starts, runs }: InstanceRuns,
  index: number,
  pixels: number,
): Int32Array<ArrayBuffer> {
  const map = new Int32Array(pixels);
  for (let k = starts[index]; k < starts[index + 1]; k += RUN_VALUES) {
    map.fill(runs[k + 2], runs[k], runs[k] + runs[k + 1]);
  }
  return map;
}

function countRuns(map: Int32Array): number {
  let count = 0;
  for (let p = 0; p < map.length; p++) {
    if (map[p] !== 0 && (p === 0 || map[p] !== map[p - 1])) count++;
  }
  return count;
}
