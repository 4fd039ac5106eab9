import type { Disk } from "@/core/disk.ts";
import { type Progress, silentProgress } from "@/core/progress.ts";
import type { CountTally } from "./count_tally.ts";
import type { Feature } from "./feature_list.ts";
import type { BundlePreset } from "./presets.ts";
import type { TranscriptGenerator } from "./simulate_transcripts.ts";
import { type StreamBlock, type StreamColumn, writeTableStream } from "./table_stream.ts";
import type { TranscriptBlock } from "./transcript_block.ts";

/** High half of the ids of the first field of view's transcripts. */
const FIRST_FIELD_ID = 65536n;

/** The names of cells in a bundle: text, or numbers in the oldest. */
export interface CellNames {
  /** One name a cell, as text. */
  readonly texts: readonly string[];
  /** The prefix of each. */
  readonly prefixes: Uint32Array;
}

/** Makes and writes the transcripts, one field of view in memory at a time, and tallies them. */
export async function writeTranscripts(
  disk: Disk,
  path: string,
  preset: BundlePreset,
  generator: TranscriptGenerator,
  names: CellNames,
  tally: CountTally,
  progress: Progress = silentProgress,
): Promise<void> {
  const columns = transcriptColumns(preset);
  const { features } = tally;
  const makeBlocks = function* (): Generator<StreamBlock> {
    for (let f = 0; f < generator.fields.length; f++) {
      const block = generator.make(f);
      tally.add(block);
      yield blockColumns(block, f, generator.fields[f].name, preset, features, names);
      progress.update(f + 1, generator.fields.length, "fields of view");
    }
  };
  await writeTableStream(disk, path, columns, makeBlocks());
}

function transcriptColumns(preset: BundlePreset): StreamColumn[] {
  const text = preset.binaryTexts ? "bytes" : "text";
  const all: StreamColumn[] = [
    { name: "transcript_id", type: "uint64" },
    { name: "cell_id", type: preset.ids === "integer" ? "int32" : text },
    { name: "overlaps_nucleus", type: "uint8" },
    { name: "feature_name", type: text },
    { name: "x_location", type: "float32" },
    { name: "y_location", type: "float32" },
    { name: "z_location", type: "float32" },
    { name: "qv", type: "float32" },
    { name: "fov_name", type: text },
    { name: "nucleus_distance", type: "float32" },
    { name: "codeword_index", type: "int32" },
    { name: "codeword_category", type: text },
    { name: "is_gene", type: "boolean" },
  ];
  return all.slice(0, preset.transcriptColumns);
}

function blockColumns(
  block: TranscriptBlock,
  field: number,
  fieldName: string,
  preset: BundlePreset,
  features: readonly Feature[],
  names: CellNames,
): StreamBlock {
  const { length } = block;
  const encoder = new TextEncoder();
  const text = (value: string) => preset.binaryTexts ? encoder.encode(value) : value;
  const featureNames = features.map(({ name }) => text(name));
  const categories = features.map(({ category }) => text(category));
  const cellNames = names.texts.map(text), unassigned = text("UNASSIGNED");
  const base = (FIRST_FIELD_ID + BigInt(field)) << 32n;
  const each = <T>(value: (i: number) => T) => Array.from({ length }, (_, i) => value(i));
  const isInteger = preset.ids === "integer";
  return new Map<string, ArrayLike<unknown>>([
    ["transcript_id", BigUint64Array.from({ length }, (_, i) => base + BigInt(i))],
    [
      "cell_id",
      isInteger
        ? Int32Array.from(block.cell, (cell) => cell < 0 ? -1 : cell + 1)
        : each((i) => block.cell[i] < 0 ? unassigned : cellNames[block.cell[i]]),
    ],
    ["overlaps_nucleus", block.inNucleus],
    ["feature_name", each((i) => featureNames[block.feature[i]])],
    ["x_location", block.x],
    ["y_location", block.y],
    ["z_location", block.z],
    ["qv", block.qv],
    ["fov_name", each(() => text(fieldName))],
    ["nucleus_distance", block.nucleusDistance],
    ["codeword_index", Int32Array.from(block.feature)],
    ["codeword_category", each((i) => categories[block.feature[i]])],
    ["is_gene", each((i) => features[block.feature[i]].type === "Gene Expression")],
  ]);
}
