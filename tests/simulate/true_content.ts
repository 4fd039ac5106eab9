import { encodeCellId } from "@/core/ids.ts";
import { Random } from "@/core/random.ts";
import { planSlide, type SimulationOptions } from "@/simulate/mod.ts";
import { closedRing } from "@/simulate/cell_rings.ts";
import type { Outlines } from "@/simulate/cell_shapes.ts";
import { CountTally } from "@/simulate/count_tally.ts";
import { expressionModel } from "@/simulate/expression_model.ts";
import { featureList } from "@/simulate/feature_list.ts";
import { panelOf } from "@/simulate/panel.ts";
import type { RingStyle } from "@/simulate/presets.ts";
import { expressProteins, withProteins } from "@/simulate/protein_expression.ts";
import { growTissue } from "@/simulate/simulated_tissue.ts";
import { TranscriptGenerator } from "@/simulate/simulate_transcripts.ts";
import { measureCells } from "@/simulate/write_cell_tables.ts";
import type { BundleContent } from "./read_bundle.ts";

/** What a bundle must say: grown again from its options, no file is read. */
export function trueContent(options: SimulationOptions): BundleContent {
  const plan = planSlide(options);
  const { preset, cellCount } = plan;
  const random = new Random(`${plan.profile.id}/${plan.profile.tissue}/${plan.seed}`);
  const tissue = growTissue(plan);
  const panel = panelOf(preset);
  const model = expressionModel(plan.profile, tissue.typing, panel, random.split("expression"));
  const generator = new TranscriptGenerator({ ...tissue, model }, random.split("transcripts"));
  const features = featureList(panel, preset);
  const tally = new CountTally(features, cellCount);
  const ids = trueIds(cellCount, preset.ids === "integer", random.split("names"));
  const transcripts: Record<string, unknown[]> = {};
  const add = (name: string, value: unknown) => (transcripts[name] ??= []).push(value);
  generator.fields.forEach((_, f) => {
    const block = generator.make(f);
    tally.add(block);
    for (let i = 0; i < block.length; i++) {
      const none = preset.ids === "integer" ? "-1" : "UNASSIGNED";
      add("feature_name", features[block.feature[i]].name);
      add("cell_id", block.cell[i] < 0 ? none : ids[block.cell[i]]);
      add("transcript_id", String((65536n + BigInt(f) << 32n) + BigInt(i)));
      add("overlaps_nucleus", block.inNucleus[i]);
      add("x", block.x[i]);
      add("y", block.y[i]);
      add("z", block.z[i]);
      add("qv", block.qv[i]);
    }
  });
  const proteins = expressProteins(preset.proteins, tissue.typing, random.split("proteins"));
  const rows = [...features, ...proteins.features];
  const matrix = withProteins(tally.matrix(), proteins);
  const counts = ids.map((id, cell) => {
    const entries: [string, number][] = [];
    for (let k = Number(matrix.indptr[cell]); k < Number(matrix.indptr[cell + 1]); k++) {
      entries.push([String(matrix.indices[k]), Number(matrix.data[k])]);
    }
    return [id, Object.fromEntries(entries)] as const;
  });
  const { shapes } = tissue;
  const sizes = measureCells(shapes);
  const owners = Int32Array.from(ids, (_, i) => i);
  return {
    cells: {
      cell_id: ids,
      x: [...shapes.cells.x],
      y: [...shapes.cells.y],
      cell_area: [...sizes.cellAreaUm2],
      nucleus_area: [...sizes.nucleusAreaUm2],
      nucleus_count: preset.nucleiPerCell === "one" ? [] : [...sizes.nucleusCount],
    },
    nuclei: trueRings(shapes.nuclei, preset.rings === 13 ? 13 : 25, shapes.owner, ids),
    outlines: trueRings(shapes.cells, preset.rings, owners, ids),
    transcripts,
    counts: Object.fromEntries(counts),
    features: rows.map(({ name, type }) => `${name}: ${type}`),
    channels: preset.channels,
  };
}

function trueIds(count: number, isInteger: boolean, random: Random): string[] {
  const distinct = new Set<number>();
  while (distinct.size < count) distinct.add(random.integer(2 ** 32));
  const prefixes = Uint32Array.from(distinct).sort();
  return Array.from(prefixes, (prefix, i) => isInteger ? String(i + 1) : encodeCellId(prefix));
}

function trueRings(
  outlines: Outlines,
  style: RingStyle,
  owner: Int32Array,
  ids: readonly string[],
): Record<string, string[]> {
  const rings: Record<string, string[]> = {};
  owner.forEach((row, p) => {
    const ring = closedRing(outlines, p, style);
    if (ring.length >= 8) (rings[ids[row]] ??= []).push(ring.map(Math.fround).join(" "));
  });
  for (const parts of Object.values(rings)) parts.sort();
  return rings;
}
