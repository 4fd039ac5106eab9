import { SthelarError } from "@/core/errors.ts";
import { localDisk } from "@/formats/disk/mod.ts";
import { writeWholeFolder } from "@/pipeline/whole_folder.ts";
import {
  MATRIX_FORMATS,
  type PresetName,
  PRESETS,
  simulateSlide,
  type SimulationOptions,
  TABLE_FORMATS,
} from "@/simulate/mod.ts";
import type { Arguments } from "./arguments.ts";
import { type Command, takeWords } from "./command.ts";
import { userPath } from "./options.ts";
import { runFolderJob } from "./reported_job.ts";

/** Writes a simulated slide with known truth. */
export const simulateCommand: Command = {
  words: ["<slide>"],
  doc: "writes a simulated slide with known truth, in 10x's own formats",
  options: {
    to: { type: "string", value: "DIR", doc: "where to: a folder that does not exist yet" },
    cells: { type: "string", value: "N", doc: 'cells (default 2500), or "published" for all' },
    tissue: { type: "string", value: "all", doc: "a tissue with all ten categories of cells" },
    seed: { type: "string", value: "N", doc: "another slide of the same kind (default 0)" },
    preset: { type: "string", value: "NAME", doc: `format: ${Object.keys(PRESETS).join(", ")}` },
    tables: { type: "string", value: "FORMAT", doc: `${TABLE_FORMATS.join(", ")} (parquet)` },
    matrix: { type: "string", value: "LIST", doc: `of ${MATRIX_FORMATS.join(",")} (h5)` },
    stack: { type: "string", value: "N", doc: "planes of morphology.ome.tif (default 0: none)" },
    morphology: { type: "string", value: "CODEC", doc: "deflate (default) or jpeg2000" },
    he: { type: "string", value: "GRID", doc: "rotated (default) or registered" },
    "reference-cells": { type: "string", value: "N", doc: "cells of the reference (default 800)" },
    events: { type: "string" },
  },
  async run(args) {
    const [slideId] = takeWords("simulate", this, args);
    if (args.values.to === undefined) throw invalid("to", "nothing", "--to DIR");
    const folder = userPath(args.values.to);
    const options = { slideId, ...simulationOptions(args) };
    await runFolderJob(
      { label: `simulating ${slideId}`, folder, lockFile: args.values.events },
      (progress) =>
        writeWholeFolder(
          localDisk,
          folder,
          (next) => simulateSlide(localDisk, next, options, progress),
        ),
      ({ plan, transcriptCount }) =>
        `${slideId}: ${plan.cellCount} cells, ${transcriptCount} transcripts, simulated`,
    );
  },
};

function simulationOptions({ values }: Arguments): Omit<SimulationOptions, "slideId"> {
  const cells = values.cells === "published" ? "published" as const : count("cells", values.cells);
  const seed = count("seed", values.seed);
  const referenceCells = count("reference-cells", values["reference-cells"]);
  const tissue = choice("tissue", values.tissue, ["all"] as const);
  const preset = choice("preset", values.preset, Object.keys(PRESETS) as PresetName[]);
  const codec = choice("morphology", values.morphology, ["jpeg2000", "deflate"] as const);
  const tables = choice("tables", values.tables, TABLE_FORMATS);
  const matrix = values.matrix?.split(",").map((name) => choice("matrix", name, MATRIX_FORMATS)!);
  const stackPlanes = count("stack", values.stack);
  const he = choice("he", values.he, ["rotated", "registered"] as const);
  return {
    ...(cells === undefined ? {} : { cells }),
    ...(seed === undefined ? {} : { seed }),
    ...(referenceCells === undefined ? {} : { referenceCells }),
    ...(tissue === undefined ? {} : { tissue }),
    ...(preset === undefined ? {} : { preset }),
    ...(codec === undefined ? {} : { morphologyCompression: codec }),
    ...(tables === undefined ? {} : { tables }),
    ...(matrix === undefined ? {} : { matrix: [...new Set(matrix)] }),
    ...(stackPlanes === undefined ? {} : { stackPlanes }),
    ...(he === undefined ? {} : { he }),
  };
}

function count(name: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  if (/^\d{1,9}$/.test(text)) return Number(text);
  throw invalid(name, `"${text}"`, "a whole number");
}

function choice<T extends string>(
  name: string,
  text: string | undefined,
  choices: readonly T[],
): T | undefined {
  if (text === undefined) return undefined;
  const chosen = choices.find((value) => value === text);
  if (chosen !== undefined) return chosen;
  throw invalid(name, `"${text}"`, choices.join(" or "));
}

function invalid(name: string, found: string, expected: string): SthelarError {
  return new SthelarError("InvalidArgument", {
    action: `Cannot use --${name} of simulate`,
    found,
    expected,
  });
}
