import type { Input, StreamedOutput } from "@/core/stage.ts";
import { type ElementFactory, streamedElement } from "@/formats/spatialdata/stage_elements.ts";
import type { PredictionDescription } from "./prediction_description.ts";
import { openPredictionSet, type PredictionSet } from "./prediction_set.ts";
import { PredictionSetWriter } from "./prediction_set_writer.ts";

/** A set of predictions that a stage writes: kept beside the store in `predictions/<name>`. */
export function predictionsOutput(
  name: string,
): StreamedOutput<ElementFactory<PredictionDescription, PredictionSetWriter>> {
  const node = `predictions/${name}`;
  return streamedElement(
    node,
    ({ disk, root }, description) => new PredictionSetWriter(disk, `${root}/${node}`, description),
  );
}

/** A set of predictions that an earlier stage wrote. */
export function predictionsInput(name: string): Input<PredictionSet> {
  const node = `predictions/${name}`;
  return {
    kind: "nodes",
    names: [node],
    doc: node,
    open: ({ resolve, disk }) => openPredictionSet(disk, resolve(node)),
  };
}
