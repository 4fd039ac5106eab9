import type { Disk } from "@/core/disk.ts";
import { type Column, writeParquet } from "@/formats/parquet/mod.ts";
import type { ProteinExpression } from "./protein_expression.ts";
import type { SimulatedTissue } from "./simulated_tissue.ts";
import type { TranscriptTruth } from "./simulate_transcripts.ts";
import { COMPARTMENTS } from "./simulation_tables.ts";
import { measureCells } from "./write_cell_tables.ts";
import type { CellNames } from "./write_transcripts.ts";

/**
 * Writes `truth.parquet`: what each cell is, where it lies, how much RNA it made, how strongly each
 * protein was stained.
 */
export async function writeTruth(
  disk: Disk,
  path: string,
  { shapes, typing, places }: SimulatedTissue,
  truth: TranscriptTruth,
  proteins: ProteinExpression,
  names: CellNames,
): Promise<void> {
  const typeOf = (cell: number) => typing.types[typing.typeOf[cell]];
  const texts = (value: (cell: number) => string): Column => ({
    kind: "text",
    values: names.texts.map((_, cell) => value(cell)),
  });
  const numbers = (values: Int32Array | Float64Array): Column => ({ kind: "numbers", values });
  await writeParquet(
    disk,
    path,
    new Map<string, Column>([
      ["cell_id", { kind: "text", values: names.texts }],
      ["final_label", texts((cell) => typeOf(cell).finalLabel)],
      ["label1", texts((cell) => typeOf(cell).label1)],
      ["cell_type", texts((cell) => typeOf(cell).name)],
      ["reference_type", texts((cell) => typeOf(cell).referenceType)],
      ["region", texts((cell) => COMPARTMENTS[places.compartment[cell]])],
      ["x_um", numbers(shapes.cells.x)],
      ["y_um", numbers(shapes.cells.y)],
      ["nucleus_count", numbers(measureCells(shapes).nucleusCount)],
      ["transcripts_made", numbers(truth.made)],
      ["transcripts_made_in_nucleus", numbers(truth.madeInNucleus)],
      ["transcripts_leaked", numbers(truth.leaked)],
      ["transcripts_received", numbers(truth.received)],
      ...proteins.features.map(({ name }, p) => {
        const count = names.texts.length;
        const intensity = proteins.intensity.slice(p * count, (p + 1) * count);
        return [`protein_${name}`, numbers(intensity)] as const;
      }),
    ]),
  );
}
