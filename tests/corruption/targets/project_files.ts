import { codeCells, formatNotebook, parseNotebook } from "@/notebook/notebook_file.ts";
import { emptyManifest, readManifest, type StageRecord } from "@/pipeline/manifest.ts";
import type { PlannedStage } from "@/pipeline/plan.ts";
import { readRecord } from "@/pipeline/run_stage.ts";
import { artefactFolder, slideFolder } from "@/pipeline/slide_folder.ts";
import { diskOf, jsonFile, textFile } from "../seed_files.ts";
import { expectThat, type Target } from "../target.ts";

const FOLDER = slideFolder("/out", "demo");

const RECORD: StageRecord = {
  name: "process_slide",
  version: 1,
  key: "ab".repeat(32),
  params: { level: 1, name: "x" },
  inputs: { bundle: "cd".repeat(32) },
  nodes: ["images/he"],
  seconds: 1.5,
  peakMemoryBytes: 1e8,
  warnings: ["one"],
  facts: { cells: 3 },
  simulated: false,
};

const RECORD_PATH = `${artefactFolder(FOLDER, "1_02_process_slide", RECORD.key)}/artefact.json`;

/** The manifest of a slide's results. */
export const slideManifest: Target = {
  name: "slide_manifest",
  seeds: () =>
    Promise.resolve([{
      name: "manifest",
      files: new Map([[
        FOLDER.manifest,
        jsonFile({
          ...emptyManifest("demo"),
          sources: { bundle: "/data/demo" },
          stages: { "1_02_process_slide": RECORD },
        }),
      ]]),
    }]),
  async read(files) {
    const manifest = await readManifest(diskOf(files), FOLDER);
    for (const { key, nodes, seconds, warnings } of Object.values(manifest.stages)) {
      expectThat(typeof key === "string" && Array.isArray(nodes), "a record without key or nodes");
      expectThat(
        typeof seconds === "number" && Array.isArray(warnings),
        "a record without seconds",
      );
    }
    for (const path of Object.values(manifest.sources)) {
      expectThat(typeof path === "string", "a source");
    }
    return manifest;
  },
};

/** The record that an artefact keeps of its stage. */
export const stageRecord: Target = {
  name: "stage_record",
  seeds: () =>
    Promise.resolve([{ name: "record", files: new Map([[RECORD_PATH, jsonFile(RECORD)]]) }]),
  async read(files) {
    // Only the planned stage's id and key name the file.
    const planned = {
      stage: { id: "1_02_process_slide" },
      key: RECORD.key,
    } as unknown as PlannedStage;
    const record = await readRecord(diskOf(files), FOLDER, planned);
    expectThat(typeof record.key === "string" && Array.isArray(record.nodes), "no key or nodes");
    expectThat(Object.values(record.inputs).every((input) => typeof input === "string"), "inputs");
    return record;
  },
};

const NOTEBOOK = "/n.ipynb";

/** Notebooks. */
export const notebook: Target = {
  name: "notebook",
  seeds: () =>
    Promise.resolve([{
      name: "notebook",
      files: new Map([[
        NOTEBOOK,
        textFile(formatNotebook({
          cells: [
            { cell_type: "markdown", source: ["# Title\n", "text"], metadata: {} },
            {
              cell_type: "code",
              source: "1 + 1",
              metadata: { tags: ["a"] },
              outputs: [{ output_type: "stream", name: "stdout", text: "2" }],
              execution_count: 1,
            },
          ],
          metadata: { kernelspec: { name: "deno" } },
          nbformat: 4,
          nbformat_minor: 5,
        })),
      ]]),
    }]),
  // deno-lint-ignore require-await -- targets read asynchronously
  async read(files) {
    const parsed = parseNotebook(new TextDecoder().decode(files.get(NOTEBOOK)), NOTEBOOK);
    const cells = codeCells(parsed);
    for (const { source } of cells) {
      expectThat(typeof source === "string", "a source that is no text");
    }
    return [cells, formatNotebook(parsed)];
  },
};
