import { Random } from "@/core/random.ts";
import { serveTask } from "@/numerics/workers/mod.ts";
import { optimiseLayout } from "./optimise_layout.ts";
import { scaledStart } from "./scaled_start.ts";
import { spectralStart } from "./spectral_start.ts";
import type { UmapTask } from "./umap_task.ts";
import { prunedGraph } from "./weighted_graph.ts";

serveTask<UmapTask, Float32Array<ArrayBuffer>>(
  ({ connectivities, curve, epochs, start, seed }, progress) => {
    const random = new Random(seed);
    const graph = prunedGraph(connectivities, epochs);
    const coordinates = start ?? spectralStart(
      graph,
      random.split("spectral"),
      (done, most) => progress.update(done, most, "products"),
    );
    const layout = scaledStart(coordinates, random.split("noise"));
    optimiseLayout(layout, graph, {
      curve,
      epochs,
      seed: random.integer(2 ** 32),
      onEpoch: (done) => progress.update(done, epochs, "epochs"),
    });
    return layout;
  },
);
