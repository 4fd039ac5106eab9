import { assert, assertEquals } from "@std/assert";
import { inferenceLog } from "@/formats/cellvit/mod.ts";
import { simpleTable } from "@/formats/cellvit/simple_table.ts";

const TABLES = Deno.readTextFileSync("tests/fixtures/cellvit/tables.txt").trimEnd().split("\n\n");

Deno.test("simpleTable() draws the tables that tabulate draws", () => {
  const tissues = simpleTable(["Tissue", "Dice", "Jaccard", "mPQ", "bPQ"], [
    ["breast", 0.8123456789, 0.7, 0.5, 0.44444],
    ["heart", 1, undefined, 1.5e-7, 123456.789],
  ]);
  const types = simpleTable(["Nuclei Type", "DQ", "SQ", "PQ"], [
    ["Neoplastic", 0.5, 0.25, 0.125],
    ["Dead", undefined, 0, 1e-5],
  ]);
  assertEquals(
    [tissues, types, simpleTable(["Nuclei Type", "Precision", "Recall", "F1"], [])],
    TABLES,
  );
});

Deno.test("the log has CellViT's sections, each with its values", () => {
  const log = inferenceLog({
    dataset: { "Binary-Cell-Dice-Mean": 0.8, mPQ: undefined },
    tissues: { heart: { dice: 0.8, jaccard: 0.7, mPQ: 0.5, bPQ: 0.4 } },
    patches: new Map(),
    pq: { Dead: 0.25 },
    detection: { Dead: { f1: 0.5, precision: 0.4, recall: 0.6 } },
  }, {
    dq: { Dead: 0.5 },
    sq: { Dead: 0.75 },
    confusion: { types: ["Dead"], shares: [[1]] },
  });
  const titles = [...log.matchAll(/^\*{20} (.*) \*{20}$/gm)].map(([, title]) => title);
  assertEquals(titles, [
    "Binary Dataset metrics",
    "Tissue metrics",
    "Nuclei Type Metrics",
    "Nuclei Detection Metrics",
    "Confusion Matrix",
  ]);
  assert(log.includes("mPQ:                      nan\n"));
  assert(/^Dead +0\.5 +0\.75 +0\.25$/m.test(log));
  assert(/^True \\ Pred +Dead$/m.test(log));
});
