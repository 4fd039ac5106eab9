import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { localDisk } from "@/formats/disk/mod.ts";
import { testWithData } from "../test_data.ts";
import { runCli, withTempDir } from "./run_cli.ts";

/** Marks of a figure: no store says who chose its labels. */
const MARKS =
  /<g transform="translate\([\d.]+,0\)">(<rect[^>]*stroke="#b58900"\/><text[^>]*>[^<]*<\/text>)?<\/g>/;

async function figuresOf(slide: string): Promise<Record<string, string>> {
  const figures: Record<string, string> = {};
  for await (const { name } of Deno.readDir(`${slide}/figures`)) {
    if (name.endsWith(".svg")) {
      figures[name] = await Deno.readTextFile(`${slide}/figures/${name}`);
    }
  }
  return figures;
}

testWithData(
  "xenium_pancreas_roiA",
  "a published zip is opened in place, and its figures are those of the slide it came from",
  (bundle) =>
    withTempDir(async (folder) => {
      const made = ["--out", `${folder}/made`];
      const roi = ["--bundle", bundle, "--roi", "100,100,90,80"];
      const few = ["--param", "2-02.epochs=50", "--param", "2-06.epochs=5"];
      const built = await runCli("build-slide", "part", ...roi, ...few, ...made);
      assertEquals(built.code, 0, built.stderr);
      for (const format of ["3", "2"]) {
        const to = ["--zarr-format", format, "--to", `${folder}/zip${format}`];
        const exported = await runCli("export", "part", "--zip", ...to, ...made);
        assertEquals(exported.code, 0, exported.stderr);
        const out = ["--out", `${folder}/opened${format}`];
        const store = `${folder}/zip${format}/sdata_part.zarr.zip`;
        const opened = await runCli("open", store, ...out);
        assertEquals(opened.code, 0, opened.stderr);
        assertMatch(
          opened.stdout,
          /1-03 align_he +from the opened store, without reports\/align_he/,
        );
        const drawn = await runCli("figures", "part", ...out);
        assertEquals(drawn.code, 0, drawn.stderr);
        const figures = await figuresOf(`${folder}/opened${format}/part`);
        const [extracted] = (await localDisk.list(`${folder}/opened${format}/part/stages`))
          .filter((name) => name.startsWith("opened-"));
        assertEquals(
          await localDisk.list(`${folder}/opened${format}/part/stages/${extracted}/nodes/points`),
          ["st"],
        );
        const { "resolution_table.svg": sizes, ...others } = figures;
        assertStringIncludes(sizes, "0.2125");
        const { "resolution_table.svg": _sizes, ...expected } = await figuresOf(
          `${folder}/made/part`,
        );
        const names = Object.keys(others);
        assertEquals(names.filter((name) => !/^(nuclei|cells)_/.test(name)).length, 11);
        assertEquals(names.filter((name) => /^(nuclei|cells)_/.test(name)).length, 16);
        for (const name of names) {
          const [is, was] = [others[name], expected[name]].map((svg) => svg.replace(MARKS, ""));
          assert(is === was, `${name} of zarr v${format} differs`);
        }
      }
    }),
);

testWithData(
  "xenium_ileum_tiny.sdata.zarr",
  "a store of others is opened under the name of a published slide, and nothing is simulated",
  (store) =>
    withTempDir(async (folder) => {
      const out = ["--out", folder, "--data", folder];
      const opened = await runCli("open", store, "--as", "heart_s0", ...out);
      assertEquals(opened.code, 0, opened.stderr);
      assertStringIncludes(opened.stderr, "zarr v2, 8 elements");
      assertStringIncludes(opened.stderr, "made by no stage, left as they are: labels/cell_labels");
      assertStringIncludes(opened.stdout, "without tables/table_nuclei, reports/process_slide");
      const built = await runCli("build-slide", "heart_s0", "--until", "1", ...out);
      assertEquals(built.code, 0, built.stderr);
      assertStringIncludes(built.stderr, "has no bundle: nothing is simulated");
      assertStringIncludes(
        built.stderr,
        "0 stages run, 0 kept, 1 skipped, 2 from the opened store",
      );
      assertStringIncludes(built.stdout, `Opened store:      ${store}`);
      const status = await runCli("status", "heart_s0", "--out", folder);
      assertMatch(status.stdout, /1-01 check_resolution +from the opened store/);
      const plan = await runCli("plan", "heart_s0", ...out);
      assertMatch(plan.stdout, /1-02 process_slide +opened /);
      const report = await Deno.readTextFile(`${folder}/heart_s0/report.html`);
      assertStringIncludes(report, "Opened from xenium_ileum_tiny.sdata.zarr");
      const exported = await runCli("export", "heart_s0", "--zip", "--out", folder);
      assertEquals(exported.code, 1);
      assertStringIncludes(exported.stderr, `opened from, "${store}": copy that`);
      const again = await runCli("open", store, "--as", "heart_s0", ...out);
      assertStringIncludes(again.stderr, "heart_s0: is open already");
    }),
);

Deno.test("a table alone, and a file that is no store, cannot be opened", () =>
  withTempDir(async (folder) => {
    await Deno.writeTextFile(`${folder}/sdata_x.zarr.zip`, "no archive");
    const out = ["--out", folder];
    const damaged = await runCli("open", `${folder}/sdata_x.zarr.zip`, ...out);
    assertEquals(damaged.code, 1);
    assertStringIncludes(damaged.stderr, "cut short or damaged");
    const nameless = await runCli("open", `${folder}/my store.zip`, ...out);
    assertEquals(nameless.code, 2);
    assertStringIncludes(nameless.stderr, "--as NAME");
  }));
