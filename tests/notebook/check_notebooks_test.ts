import { assert, assertEquals } from "@std/assert";
import { checkNotebooks } from "@/notebook/mod.ts";
import { join } from "node:path";
import { code, markdown, notebookText, withNotebook } from "./make_notebook.ts";

Deno.test("checkNotebooks() finds nothing in a notebook that is right", async () => {
  const cells = [
    code('import { join } from "node:path"'),
    markdown("text"),
    code('const path = await Promise.resolve(join("a", "b"))\npath'),
    code("[1, 2].map((x) => x + path.length)"),
  ];
  await withNotebook(cells, async (path, folder) => {
    assertEquals(await checkNotebooks([path]), []);
    assertEquals([...Deno.readDirSync(folder)].map((entry) => entry.name), ["1-01_trial.ipynb"]);
  });
});

Deno.test("checkNotebooks() maps types, names and lint rules to cells and lines", async () => {
  const cells = [
    code('import { basename } from "node:path";\nconst count: number = "s";'),
    markdown("text"),
    code("let n = 1;\nn++;\nconst count = n;"),
    code("absent();"),
  ];
  await withNotebook(cells, async (path, folder) => {
    const problems = await checkNotebooks([path]);
    const found = problems.map(({ cell, line, message }) => `${cell}:${line} ${message}`);
    const has = (start: string) =>
      assert(found.some((text) => text.startsWith(start)), `no "${start}" in ${found.join("\n")}`);
    has("1:1 no-unused-vars");
    has("1:2 TS2322");
    has("1:2 TS2451: Cannot redeclare block-scoped variable 'count'");
    has("2:3 TS2451: Cannot redeclare block-scoped variable 'count'");
    has("3:1 TS2304");
    assertEquals([...Deno.readDirSync(folder)].length, 1);
  });
});

Deno.test("checkNotebooks() reports a syntax error and a missing module with their cell", async () => {
  for (const source of ["const = 1;", 'import { x } from "./absent.ts";\nx();']) {
    await withNotebook([code("1;"), code(source)], async (path) => {
      const [problem] = await checkNotebooks([path]);
      assertEquals([problem.cell, problem.line], [2, 1], problem.message);
    });
  }
});

Deno.test("checkNotebooks() tells the problems of several notebooks apart", async () => {
  await withNotebook([code("one();")], async (path, folder) => {
    const second = join(folder, "1-02_other.ipynb");
    await Deno.writeTextFile(second, notebookText([code("1;"), code("two();")]));
    const problems = await checkNotebooks([second, path]);
    assertEquals(problems.map((p) => [p.path, p.cell]), [[path, 1], [second, 2]]);
  });
});
