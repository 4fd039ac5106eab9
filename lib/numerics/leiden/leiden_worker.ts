import { Random } from "@/core/random.ts";
import { serveTask } from "@/numerics/workers/mod.ts";
import { Clustering, LeidenAlgorithm } from "networkanalysis-ts";
import { bySize } from "./by_size.ts";
import type { LeidenTask } from "./leiden_task.ts";
import { TypedNetwork } from "./typed_network.ts";

type LibraryRandom = Parameters<LeidenAlgorithm["initializeBasedOnRandom"]>[0];

/** What the algorithm asks of the library's own generator. */
function libraryRandom(seed: number): LibraryRandom {
  const random = new Random(seed);
  return {
    nextInt: (below: number) => random.integer(below),
    nextDouble: () => random.uniform(),
  } as unknown as LibraryRandom;
}

serveTask<LeidenTask, Int32Array<ArrayBuffer>>(
  ({ graph, resolution, iterations, seed }, progress) => {
    const algorithm = new LeidenAlgorithm();
    algorithm.initializeBasedOnResolutionAndNIterationsAndRandomnessAndRandom(
      resolution / graph.totalStrength,
      1,
      LeidenAlgorithm.DEFAULT_RANDOMNESS,
      libraryRandom(seed),
    );
    const network = TypedNetwork.of(graph);
    const clustering = new Clustering({ nNodes: graph.nodes });
    for (let done = 0; done < iterations; done++) {
      algorithm.improveClustering(network, clustering);
      progress.update(done + 1, iterations, "iterations");
    }
    return bySize(clustering.clusters);
  },
);
