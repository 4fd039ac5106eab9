import { assert, assertEquals, assertRejects } from "@std/assert";
import { SthelarError } from "@/core/errors.ts";
import { type CellOutput, runNotebook } from "@/notebook/mod.ts";
import { describeFailure } from "@/notebook/run_notebook.ts";
import { code, markdown, withNotebook } from "./make_notebook.ts";

/** The folder whose deno.json the cells use. */
const PROJECT = new URL("../../", import.meta.url).pathname;

function data(output: CellOutput): Readonly<Record<string, unknown>> {
  assert("data" in output, `found ${output.output_type}`);
  return output.data;
}

Deno.test("runNotebook() keeps what cells print and show, figures and tables included", async () => {
  const cells = [
    markdown("# A trial"),
    code('import { histogram } from "@/plots/mod.ts";\nimport { table } from "@/notebook/mod.ts";'),
    code('console.log("one"); console.log("two"); console.error("three");'),
    code('histogram({ values: [1, 2, 3], xLabel: "count", unit: "nuclei" })'),
    code('table([{ slide: "heart_s0", cells: 3 }])'),
    code('const wrong: number = "transpiled only"; wrong.length'),
  ];
  await withNotebook(cells, async (path) => {
    const run = await runNotebook(path, { cwd: PROJECT, timeoutMs: 60_000 });
    assertEquals(run.failure, undefined);
    assertEquals(run.cellsRun, 5);
    const outputs = run.notebook.cells.map((cell) => cell.outputs ?? []);
    assertEquals(outputs[2], [
      { output_type: "stream", name: "stdout", text: "one\ntwo\n" },
      { output_type: "stream", name: "stderr", text: "three\n" },
    ]);
    assert(String(data(outputs[3][0])["image/svg+xml"]).includes("n = 3 nuclei"));
    assertEquals(data(outputs[4][0])["text/plain"], "slide     cells\nheart_s0  3");
    assert(String(data(outputs[4][0])["text/html"]).startsWith("<table>"));
    assertEquals(run.notebook.cells[5].execution_count, 5);
  });
});

Deno.test("runNotebook() keeps the last state of a display that was updated in place", async () => {
  const cells = [
    code('import { displayProgress } from "@/notebook/mod.ts";'),
    code(`const progress = displayProgress("Reading");
progress.update(1, 4, "tiles");
progress.update(4, 4, "tiles");
await progress.finish();`),
  ];
  await withNotebook(cells, async (path) => {
    const { notebook } = await runNotebook(path, { cwd: PROJECT });
    const outputs = notebook.cells[1].outputs ?? [];
    assertEquals(outputs.length, 1);
    assertEquals(data(outputs[0])["text/plain"], "Reading: 4 of 4 tiles");
  });
});

Deno.test("runNotebook() stops at the cell that throws, and says which and where", async () => {
  const cells = [
    code("1"),
    markdown("text"),
    code('const a = 1;\nthrow new RangeError("no such tile");'),
    code("globalThis.ran = true"),
  ];
  await withNotebook(cells, async (path) => {
    const { failure, cellsRun, notebook } = await runNotebook(path);
    assert(failure !== undefined);
    assertEquals([failure.cell, failure.name, failure.message], [2, "RangeError", "no such tile"]);
    assertEquals(cellsRun, 2);
    assertEquals(notebook.cells[2].outputs?.[0].output_type, "error");
    assertEquals(notebook.cells[3].outputs, []);
    const text = describeFailure("a.ipynb", failure);
    assert(text.startsWith("a.ipynb: cell 2: RangeError: no such tile\n"), text);
    assert(text.includes('   2 | throw new RangeError("no such tile");'), text);
  });
});

Deno.test("runNotebook() goes on after a cell that is tagged raises-exception", async () => {
  const cells = [code('throw new Error("expected")', ["raises-exception"]), code("2")];
  await withNotebook(cells, async (path) => {
    const { failure, cellsRun } = await runNotebook(path);
    assertEquals([failure, cellsRun], [undefined, 2]);
  });
});

Deno.test("runNotebook() kills the kernel when a cell hangs, and names the cell", async () => {
  await withNotebook([code("1"), code("while (true) {}")], async (path) => {
    const { failure, seconds } = await runNotebook(path, { timeoutMs: 1500 });
    assertEquals(failure?.cell, 2);
    assertEquals(failure?.source, "while (true) {}");
    assertEquals(failure?.message, "did not run the cell within 1.5 s; the kernel was killed");
    assert(seconds < 30, `${seconds} s`);
  });
});

Deno.test("runNotebook() also ends a cell that waits for what never comes", async () => {
  await withNotebook([code("await new Promise(() => {})")], async (path) => {
    const { failure } = await runNotebook(path, { timeoutMs: 1000 });
    assertEquals(failure?.cell, 1);
  });
});

Deno.test("runNotebook() reports the death of the kernel with the cell", async () => {
  await withNotebook([code("Deno.exit(3)"), code("2")], async (path) => {
    const { failure } = await runNotebook(path);
    assertEquals(failure?.cell, 1);
    assertEquals(failure?.name, "KernelLost");
    assert(failure?.message.startsWith("the kernel died (code 3)"), failure?.message);
  });
});

Deno.test("runNotebook() runs cells in the notebook's folder with the given environment", async () => {
  await withNotebook(
    [code('console.log(Deno.cwd(), Deno.env.get("TRIAL"))')],
    async (path, folder) => {
      const { notebook } = await runNotebook(path, { env: { TRIAL: "7" } });
      const text = `${await Deno.realPath(folder)} 7\n`;
      assertEquals(notebook.cells[0].outputs, [{ output_type: "stream", name: "stdout", text }]);
    },
  );
});

Deno.test("runNotebook() says that a kernel can't start in a folder that is not there", async () => {
  await withNotebook([code("1")], async (path, folder) => {
    const { failure } = await runNotebook(path, { cwd: `${folder}/absent` });
    assertEquals(failure?.cell, 0);
    assert(failure?.message.includes("absent"), failure?.message);
  });
});

Deno.test("runNotebook() names a file that is missing or no notebook", async () => {
  await assertRejects(() => runNotebook("absent.ipynb"), SthelarError, 'notebook "absent.ipynb"');
  await withNotebook([code("1")], async (path) => {
    await Deno.writeTextFile(path, '{"cells": [1');
    await assertRejects(() => runNotebook(path), SthelarError, "no JSON");
    await Deno.writeTextFile(path, '{"cells": [1], "nbformat": 4}');
    await assertRejects(() => runNotebook(path), SthelarError, "an object with cells");
    await Deno.writeTextFile(path, '{"cells": [], "nbformat": 3}');
    await assertRejects(() => runNotebook(path), SthelarError, "nbformat 3");
  });
});
