import { assert, assertEquals } from "@std/assert";
import { displayProgress, table } from "@/notebook/mod.ts";
import { jupyterDisplay } from "@/plots/mod.ts";

Deno.test("table() aligns columns, counts what it leaves out and escapes HTML", () => {
  const rows = [{ name: "a<b", n: 1234.5, ok: true }, { name: "longer", n: undefined, ok: false }];
  assertEquals(
    table(rows, { columns: ["name", "n"] }).toString(),
    "name    n\na<b     1,235\nlonger",
  );
  assertEquals(table(rows, { limit: 1 }).toString().split("\n").at(-1), "… and 1 more rows");
  const html = table(rows)[jupyterDisplay]()["text/html"];
  assert(html.includes('<td style="text-align:left">a&lt;b</td>'), html);
  assert(html.includes('<td style="text-align:right">1,235</td>'), html);
});

Deno.test("table() prints itself through console.log", () => {
  assertEquals(Deno.inspect(table([{ a: 0.123456 }])), "a\n0.1235");
});

Deno.test("table() of no rows is empty", () => {
  assertEquals(table([]).toString(), "");
});

Deno.test("displayProgress() prints a line at most every 5 s and one at the end", async () => {
  const lines: string[] = [];
  let time = 0;
  const progress = displayProgress("Reading", { printLine: (l) => lines.push(l), now: () => time });
  for (const [second, done] of [[1, 10], [5, 50], [6, 60], [10, 100]]) {
    time = second * 1000;
    progress.update(done, 100, "tiles");
  }
  await progress.finish();
  assertEquals(lines, [
    "Reading: 50 of 100 tiles, 5.0 s, 5 s left",
    "Reading: 100 of 100 tiles, 10.0 s",
    "Reading: 100 of 100 tiles, 10.0 s",
  ]);
});

Deno.test("displayProgress() updates one display in a notebook", async () => {
  const sent: { type: string; id: unknown }[] = [];
  const notebook = {
    broadcast(type: string, content: Record<string, unknown>) {
      sent.push({ type, id: (content.transient as Record<string, unknown>).display_id });
      return Promise.resolve();
    },
  };
  let time = 0;
  const progress = displayProgress("Reading", { notebook, now: () => time });
  for (; time < 250; time += 50) progress.update(time, 250, "tiles");
  await progress.finish();
  assertEquals(sent.map((s) => s.type), [
    "display_data",
    "update_display_data",
    "update_display_data",
    "update_display_data",
  ]);
  assertEquals(new Set(sent.map((s) => s.id)).size, 1);
});
