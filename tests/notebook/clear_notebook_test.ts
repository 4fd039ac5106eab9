import { assert, assertEquals } from "@std/assert";
import { clearNotebook, parseNotebook } from "@/notebook/mod.ts";
import { notebookCli } from "@/notebook/cli.ts";
import { code, markdown, notebookText, withNotebook } from "./make_notebook.ts";

const RUN = {
  ...code("const a = 1;\na"),
  metadata: { tags: ["keep"], execution: { iopub: 1 } },
  outputs: [{ output_type: "stream" as const, name: "stdout", text: "1\n" }],
  execution_count: 4,
};

Deno.test("clearNotebook() removes outputs and counts and keeps source and tags", () => {
  const text = notebookText([markdown("# Title\n\ntext\n"), RUN]);
  const { cells } = parseNotebook(clearNotebook(parseNotebook(text, "a")), "a");
  assertEquals(cells[0].source, ["# Title\n", "\n", "text\n"]);
  assertEquals(cells[1], {
    cell_type: "code",
    id: "cell-2",
    metadata: { tags: ["keep"] },
    source: ["const a = 1;\n", "a"],
    outputs: [],
    execution_count: null,
  });
});

Deno.test("clearNotebook() keeps ids and gives none twice", () => {
  const text = notebookText([markdown("a"), { ...RUN, id: "cell-1" }, markdown("b")]);
  const { cells } = parseNotebook(clearNotebook(parseNotebook(text, "a")), "a");
  assertEquals(cells.map((cell) => cell.id), ["cell-2", "cell-1", "cell-3"]);
});

Deno.test("clearNotebook() changes nothing the second time, nor does deno fmt", async () => {
  const cleared = clearNotebook(parseNotebook(notebookText([RUN]), "a"));
  assertEquals(clearNotebook(parseNotebook(cleared, "a")), cleared);
  await withNotebook([], async (path) => {
    await Deno.writeTextFile(path, cleared.replace('"a"', '"a;"'));
    const fmt = new Deno.Command(Deno.execPath(), { args: ["fmt", path], stderr: "null" });
    assert((await fmt.output()).success);
    const formatted = await Deno.readTextFile(path);
    assertEquals(clearNotebook(parseNotebook(formatted, "a")), formatted);
  });
});

Deno.test("notebookCli() clear --check tells without writing, clear writes", async () => {
  await withNotebook([RUN], async (path) => {
    const before = await Deno.readTextFile(path);
    assertEquals(await quietly(() => notebookCli(["clear", "--check", path])), 1);
    assertEquals(await Deno.readTextFile(path), before);
    assertEquals(await quietly(() => notebookCli(["clear", path])), 0);
    assertEquals(await quietly(() => notebookCli(["clear", "--check", path])), 0);
  });
});

Deno.test("notebookCli() run --write keeps outputs of a notebook that failed", async () => {
  await withNotebook([code("console.log(6 * 7)"), code("throw 1")], async (path, folder) => {
    const args = ["run", "--write", `${folder}/ran`, "--timeout", "60", path];
    assertEquals(await quietly(() => notebookCli(args)), 1);
    const text = await Deno.readTextFile(`${folder}/ran/1-01_trial.ipynb`);
    assert(text.includes('"42\\n"'));
  });
});

Deno.test("notebookCli() refuses calls that can't be right with exit code 2", async () => {
  const calls = [[], ["run"], ["swim", "a.ipynb"], ["run", "--fast", "a"], ["run", "absent.ipynb"]];
  for (const args of [...calls, ["run", "--timeout", "soon", "a.ipynb"]]) {
    assertEquals(await quietly(() => notebookCli(args)), 2, args.join(" "));
  }
});

/** Runs without the console; tests print nothing. */
async function quietly<T>(run: () => Promise<T>): Promise<T> {
  const { log, error } = console;
  Object.assign(console, { log: () => {}, error: () => {} });
  try {
    return await run();
  } finally {
    Object.assign(console, { log, error });
  }
}
