import type { Categorical } from "@/core/categorical.ts";
import { scviLearningRate, scviLosses, umapFigure, type UmapPanel } from "@/plots/chapter_2/mod.ts";
import { type FigureNote, formatCount, histogram, panels } from "@/plots/mod.ts";
import type { NamedFigure } from "@/report/slide_figures.ts";
import type { ScviTraining } from "@/stages/scvi_report.ts";
import type { JointSpace } from "./joint_space.ts";
import { labelColours } from "./label_colours.ts";

/** What the figures of the model of all slides show. */
export interface JointData {
  /** How it was trained. */
  readonly training: ScviTraining;
  /** Its cells. */
  readonly space: JointSpace;
  /** Slide of each cell. */
  readonly samples: Categorical;
  /** Final label of each cell. */
  readonly labels: Categorical;
  /** Transcripts of all cells of the slides. */
  readonly transcripts: Float64Array;
  /** Genes of the model. */
  readonly genes: number;
  /** Marks that figures must carry. */
  readonly notes: readonly FigureNote[];
}

/** Transcripts of all cells; how the model learned; the UMAP by slide, final label and cluster. */
export function jointFigures(data: JointData): NamedFigure[] {
  const { training, genes, samples, notes } = data;
  const { train, validation, epochs, stoppedEarly, learningRate } = training;
  return [
    { name: "transcripts_hist_all", figure: transcriptFigure(data) },
    {
      name: "scvi_losses_all",
      figure: scviLosses({
        ...{ train, validation, notes, title: "scVI's training on all slides" },
        subtitle: `${epochs} epochs${stoppedEarly ? ", stopped early" : ""}, ` +
          `${formatCount(samples.codes.length)} cells, ${formatCount(genes)} genes`,
      }),
    },
    { name: "scvi_learning_rate_all", figure: scviLearningRate({ learningRate, notes }) },
    { name: "umap_scvi_all", figure: umapOfSlides(data) },
  ];
}

function transcriptFigure({ transcripts, notes }: JointData) {
  const thresholds = [10, 15, 20];
  const shares = thresholds.map((at) => {
    const share = transcripts.filter((count) => count > at).length / transcripts.length;
    return `${(100 * share).toFixed(1)} % have more than ${at}`;
  });
  const lines = thresholds.map((at) => ({ at, label: String(at) }));
  const common = { values: transcripts, unit: "cells", xLabel: "transcripts", integers: true };
  return panels([
    histogram({ ...common, bins: 100 }),
    histogram({ ...common, log: true, lines }),
  ], {
    title: "Transcripts of the cells of all slides",
    subtitle: `Of the cells ${shares.join(", ")}`,
    notes,
  });
}

function umapOfSlides({ space, samples, labels, notes }: JointData) {
  const { data } = space.layout;
  const axis = (first: number) =>
    Float32Array.from({ length: data.length / 2 }, (_, row) => data[2 * row + first]);
  const panels: UmapPanel[] = [
    { kind: "categorical", title: "slide", column: samples },
    {
      ...{ kind: "categorical", title: "final label (by RNA)", column: labels },
      colours: labelColours("final_label", labels.levels),
    },
    ...[...space.clusterings].map(([resolution, clusters]): UmapPanel => ({
      ...{ kind: "categorical", title: `Leiden ${resolution}`, labelsOnData: true },
      column: clusterColumn(clusters),
    })),
  ];
  return umapFigure({
    ...{ x: axis(0), y: axis(1), panels, notes, unit: "cells", columns: 2 },
    title: "Latent space of all slides",
  });
}

function clusterColumn(clusters: Int32Array): Categorical {
  const count = clusters.reduce((most, cluster) => Math.max(most, cluster + 1), 0);
  const levels = Array.from({ length: count }, (_, cluster) => String(cluster));
  return { codes: clusters, levels, ordered: false };
}
