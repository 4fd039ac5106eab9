import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { existsSync } from "node:fs";
import { localDisk } from "@/formats/disk/mod.ts";
import { describeSpatialData, openSpatialData } from "@/formats/spatialdata/mod.ts";
import { openZip } from "@/formats/zip/mod.ts";
import { testWithData } from "../test_data.ts";
import { cliCommand, runCli, withTempDir } from "./run_cli.ts";

const delay = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
const ILEUM = "xenium_ileum_tiny_outs";

async function copyBundle(from: string, to: string): Promise<void> {
  await Deno.mkdir(to, { recursive: true });
  for await (const { name, isDirectory } of Deno.readDir(from)) {
    if (isDirectory) await copyBundle(`${from}/${name}`, `${to}/${name}`);
    else await Deno.writeFile(`${to}/${name}`, await Deno.readFile(`${from}/${name}`));
  }
}

testWithData(
  ILEUM,
  "build-slide makes a store, keeps it, and computes again what it is told to",
  (bundle, t) =>
    withTempDir(async (folder) => {
      const args = ["build-slide", "ileum", "--until", "1", "--out", folder];
      const report = () => Deno.readTextFile(`${folder}/ileum/report.html`);
      await t.step("the first run makes a store", async () => {
        const first = await runCli(...args, "--bundle", bundle);
        assertEquals(first.code, 0, first.stderr);
        assertMatch(first.stderr, /1-02 process_slide: done in [\d.]+ s, peak memory \d+ MB/);
        assertStringIncludes(first.stdout, `SpatialData store: ${folder}/ileum/sdata_ileum.zarr`);
      });
      await t.step("the second run keeps it", async () => {
        const second = await runCli(...args);
        assertEquals(second.code, 0, second.stderr);
        assertStringIncludes(second.stderr, "1-02 process_slide: kept");
        assertStringIncludes(second.stderr, "0 stages run, 2 kept, 1 skipped");
        const store = await openSpatialData(localDisk, `${folder}/ileum/sdata_ileum.zarr`);
        assertStringIncludes(await describeSpatialData(store), "'table_nuclei': AnnData (23, ");
      });
      await t.step("--force computes again what is there", async () => {
        const forced = await runCli(...args, "--bundle", bundle, "--force");
        assertEquals(forced.code, 0, forced.stderr);
        assertStringIncludes(forced.stderr, "2 stages run, 0 kept, 1 skipped");
      });
      await t.step(
        "the report is drawn again when parameters go back to kept results",
        async () => {
          assertEquals((await runCli(...args, "--param", "1-02.minQv=20")).code, 0);
          assertStringIncludes(await report(), "minQv 20");
          const back = await runCli(...args);
          assertStringIncludes(back.stderr, "0 stages run, 2 kept");
          assertEquals((await report()).includes("minQv 20"), false, "the report is of minQv 20");
        },
      );
    }),
);

testWithData(
  ILEUM,
  "stage, plan, status and export work on the same slide",
  (bundle) =>
    withTempDir(async (folder) => {
      const common = ["--bundle", bundle, "--out", folder];
      const before = await runCli("plan", "ileum", ...common);
      assertMatch(before.stdout, /1-02 process_slide +run .* not done yet/);
      const stage = await runCli("stage", "1-2", "ileum", ...common);
      assertEquals(stage.code, 0, stage.stderr);
      const after = await runCli("plan", "ileum", "--param", "1-2.minQv=20", "--out", folder);
      assertMatch(after.stdout, /1-02 process_slide +run .* minQv none -> 20/);
      assertMatch((await runCli("status", "ileum", "--out", folder)).stdout, /process_slide +done/);
      const exported = await runCli("export", "ileum", "--zip", "--out", folder);
      assertEquals(exported.code, 0, exported.stderr);
      const zip = await openZip(localDisk, `${folder}/ileum/sdata_ileum.zarr.zip`);
      assert(zip.entries.has("sdata_ileum.zarr/zarr.json"));
    }),
);

/** Whether a stage has begun to write its results since a moment. */
function isWriting(stages: string, sinceMs: number): boolean {
  return existsSync(stages) &&
    [...Deno.readDirSync(stages)].some(({ name }) =>
      name.startsWith(".tmp-") && Deno.statSync(`${stages}/${name}`).mtime!.getTime() >= sinceMs
    );
}

testWithData(
  ILEUM,
  "a stage killed at any moment is finished by the next build",
  (bundle) =>
    withTempDir(async (folder) => {
      const args = ["stage", "1-02", "ileum", "--bundle", bundle, "--out", folder];
      let killed = 0;
      for (const afterMs of [0, 150, 350, 600]) {
        const started = Date.now();
        const child = cliCommand([...args, "--force"]).spawn();
        let running = true;
        const output = child.output().finally(() => running = false);
        while (running && !isWriting(`${folder}/ileum/stages`, started)) await delay(5);
        await delay(afterMs);
        if (running) child.kill("SIGKILL");
        if ((await output).signal === "SIGKILL") killed++;
      }
      assert(killed >= 3, `only ${killed} were killed in time`);
      const last = await runCli(
        ...["build-slide", "ileum", "--bundle", bundle, "--until", "1", "--out", folder],
      );
      assertEquals(last.code, 0, last.stderr);
      const left = [...Deno.readDirSync(`${folder}/ileum/stages`)].map(({ name }) => name);
      assertEquals(left.filter((name) => name.startsWith(".tmp")), []);
      const store = await openSpatialData(localDisk, `${folder}/ileum/sdata_ileum.zarr`);
      assertStringIncludes(await describeSpatialData(store), "'table_nuclei': AnnData (23, ");
    }),
);

testWithData(
  "xenium_pancreas_roiA",
  "Ctrl-C stops the build and its stage, and leaves nothing half-done",
  (bundle) =>
    withTempDir(async (folder) => {
      const args = ["build-slide", "pancreas", "--bundle", bundle, "--until", "1", "--out", folder];
      const child = cliCommand(args).spawn();
      const log = `${folder}/pancreas/logs/1-02_process_slide.log`;
      while (await localDisk.stat(log) === undefined) await delay(20);
      child.kill("SIGINT");
      const { code, stderr } = await child.output();
      assertEquals(code, 1);
      assertStringIncludes(new TextDecoder().decode(stderr), "Stopped; run the same command");
      assertEquals(await unfinished(`${folder}/pancreas`), []);
    }),
);

testWithData(
  ILEUM,
  "two builds of one slide: the second says who holds it",
  (bundle) =>
    withTempDir(async (folder) => {
      const args = ["build-slide", "ileum", "--bundle", bundle, "--until", "1", "--out", folder];
      const results = await Promise.all([runCli(...args), runCli(...args)]);
      assertEquals(results.map(({ code }) => code).sort(), [0, 1]);
      const refused = results.find(({ code }) => code === 1)!;
      assertMatch(refused.stderr, /it is being built by process \d+ since/);
    }),
);

/** What stage 1-02 left in a slide's folder, though it failed. */
async function unfinished(slide: string): Promise<string[]> {
  const names = await localDisk.list(`${slide}/stages`);
  return names.filter((name) => !name.startsWith("1-01-"));
}

/** Damage to a bundle, and what the error must say. */
const DAMAGES: readonly {
  readonly name: string;
  readonly damage: (bundle: string) => Promise<void> | void;
  readonly says: readonly string[];
}[] = [
  {
    name: "a missing file",
    damage: (bundle) => Deno.remove(`${bundle}/transcripts.parquet`),
    says: ["Cannot read the transcripts", '"transcripts.parquet"', "copy"],
  },
  {
    name: "a truncated table",
    damage: (bundle) => Deno.truncate(`${bundle}/nucleus_boundaries.parquet`, 3000),
    says: ["nucleus_boundaries.parquet"],
  },
  {
    name: "a truncated image",
    damage: (bundle) =>
      Deno.truncate(`${bundle}/morphology_focus/morphology_focus_0000.ome.tif`, 90_000),
    says: ["morphology_focus_0000.ome.tif"],
  },
  {
    name: "wrong magic bytes",
    damage: (bundle) => Deno.writeTextFile(`${bundle}/cell_feature_matrix.h5`, "not an HDF5 file"),
    says: ["cell_feature_matrix.h5"],
  },
  {
    name: "a manifest that is no JSON",
    damage: (bundle) => Deno.writeTextFile(`${bundle}/experiment.xenium`, "{"),
    says: ["experiment.xenium"],
  },
  {
    name: "files of two runs",
    damage: async (bundle) => {
      const other = bundle.replace(/[^/]+$/, "other");
      await Deno.copyFile(
        `${other}/nucleus_boundaries.parquet`,
        `${bundle}/nucleus_boundaries.parquet`,
      );
    },
    says: ["Cannot match the cells", "the files come from different runs"],
  },
];

for (const { name, damage, says } of DAMAGES) {
  testWithData(
    ILEUM,
    `${name} is an error that names it, and nothing is left`,
    (source) =>
      withTempDir(async (folder) => {
        await copyBundle(source, `${folder}/bundle`);
        await copyBundle(source.replace(/[^/]+$/, "xenium_pancreas_roiA"), `${folder}/other`);
        await damage(`${folder}/bundle`);
        const { code, stderr } = await runCli(
          ...["build-slide", "ileum", "--bundle", `${folder}/bundle`, "--out", `${folder}/out`],
        );
        assertEquals(code, 1, stderr);
        for (const text of says) assertStringIncludes(stderr, text);
        assertEquals(await unfinished(`${folder}/out/ileum`), []);
        assertEquals(await localDisk.stat(`${folder}/out/ileum/sdata_ileum.zarr`), undefined);
      }),
  );
}

/** Wrong usage, and what the error must say. */
const USAGES: readonly (readonly [args: string[], says: string])[] = [
  [["build-slide", "hart_s0"], 'did you mean "heart_s0"'],
  [["build-slide", "breast_s2"], "older analysis of breast_s0"],
  [["build-slide"], "expected <slide>"],
  [["build-slide", "heart_s0", "--forse"], 'did you mean "--force"'],
  [["build-slide", "heart_s0", "--bundle"], "expected DIR"],
  [["build-slide", "heart_s0", "--bundle", "/nowhere"], "check the path"],
  [["build-slide", "../x", "--bundle", "."], "letters, digits"],
  [["build-slide", "heart_s0", "--param", "1-02.minqv=20"], 'did you mean "minQv"'],
  [["build-slide", "heart_s0", "--param", "minQv"], "1-02.minQv=20"],
  [["build-slide", "heart_s0", "--until", "9-1"], 'Cannot find stage "9-1"'],
  [["build-slide", "heart_s0", "--memory", "lots"], "a number above 0"],
  [["crop", "bundle", "--roi", "0,0,9,9", "--to", "x", "--threads", "many"], "a number above 0"],
  [["crop", "bundle", "--to", "x"], "expected --roi X,Y,W,H --to DIR"],
  [["simulate", "heart_s0", "--cells", "few", "--to", "x"], "a whole number"],
  [["simulate", "hart_s0", "--to", "x"], "heart_s0"],
  [["biuld-slide"], 'did you mean "build-slide"'],
  [[], "deno task build-slide <slide>"],
];

for (const [args, says] of USAGES) {
  Deno.test(`wrong usage ends with 2 and says what to do: ${args.join(" ") || "nothing"}`, () =>
    withTempDir(async (folder) => {
      const takesOut = args.length > 1 && !["crop", "simulate"].includes(args[0]);
      const out = takesOut ? ["--out", folder] : [];
      const { code, stderr } = await runCli(...args, ...out);
      assertEquals(code, 2, stderr);
      assertStringIncludes(stderr, says);
    }));
}

Deno.test("a slide without its bundle cannot be planned, and the error says where to put it", () =>
  withTempDir(async (folder) => {
    const { code, stderr } = await runCli(
      "plan",
      "skin_s1",
      "--out",
      folder,
      "--data",
      folder,
    );
    assertEquals(code, 1);
    assertStringIncludes(stderr, `no bundle in "${folder}/xenium/skin_s1"`);
    assertStringIncludes(stderr, "human-skin-data-xenium-human-multi-tissue-and-cancer-panel");
  }));

testWithData(
  ILEUM,
  "too little memory is refused before anything starts",
  (bundle) =>
    withTempDir(async (folder) => {
      const { code, stderr } = await runCli(
        ...["build-slide", "ileum", "--bundle", bundle, "--out", folder, "--memory", "0.1"],
      );
      assertEquals(code, 1);
      assertStringIncludes(stderr, "found 100 MB of memory to use");
      assertEquals(await localDisk.list(`${folder}/ileum/stages`), []);
    }),
);

Deno.test("a slide of the catalogue without its bundle is simulated, loudly, and marked", () =>
  withTempDir(async (folder) => {
    const where = ["--out", folder, "--data", folder];
    const built = await runCli("build-slide", "tonsil_s0", "--until", "1", ...where);
    assertEquals(built.code, 0, built.stderr);
    assertStringIncludes(built.stderr, "this is a SIMULATED slide, not real tissue");
    assertStringIncludes(built.stderr, "3 stages run, 0 kept, 0 skipped");
    const manifest = JSON.parse(await Deno.readTextFile(`${folder}/tonsil_s0/manifest.json`));
    assertEquals(manifest.simulated, true);
    const root = await Deno.readTextFile(`${folder}/tonsil_s0/sdata_tonsil_s0.zarr/zarr.json`);
    assertEquals(JSON.parse(root).attributes.sthelar.simulated, true);
    const again = await runCli("build-slide", "tonsil_s0", "--until", "1", ...where);
    assertStringIncludes(again.stderr, "0 stages run, 3 kept, 0 skipped");
  }));

testWithData(
  "xenium_pancreas_roiA",
  "--roi builds a rectangle of the slide, and later runs know it",
  (bundle) =>
    withTempDir(async (folder) => {
      const out = ["--out", folder];
      const roi = ["--roi", "100,100,70,60", "--until", "1"];
      const built = await runCli("build-slide", "part", "--bundle", bundle, ...roi, ...out);
      assertEquals(built.code, 0, built.stderr);
      const again = await runCli("build-slide", "part", "--until", "1", ...out);
      assertStringIncludes(again.stderr, "0 stages run, 3 kept, 0 skipped");
      const tree = (await runCli("inspect", `${folder}/part/sdata_part.zarr`)).stdout;
      assertStringIncludes(tree, "'morpho': DataTree[cyx] (4, 283, 330)");
      const twice = await runCli("build-slide", "part", ...roi, ...out);
      assertEquals(twice.code, 2);
      assertStringIncludes(twice.stderr, "name the whole bundle with --bundle DIR");
      const wrong = await runCli("build-slide", "new", "--bundle", bundle, "--roi", "5,5", ...out);
      assertEquals(wrong.code, 2);
      assertStringIncludes(wrong.stderr, "four numbers: x,y,width,height in um");
      const outside = ["--roi", "9000,9000,10,10"];
      const beyond = await runCli("build-slide", "new", "--bundle", bundle, ...outside, ...out);
      assert(beyond.code > 0);
      assertStringIncludes(beyond.stderr, "425");
    }),
);

/** Mounts a small disk, as only root on Linux may. */
function mount(...args: string[]): boolean {
  try {
    return new Deno.Command("mount", { args, stderr: "null" }).outputSync().success;
  } catch {
    return false;
  }
}

testWithData(
  ILEUM,
  "a full disk is a clean stop, and the build goes on with more space",
  (bundle) =>
    withTempDir(async (folder) => {
      const disk = `${folder}/disk`;
      await Deno.mkdir(disk);
      if (!mount("-t", "tmpfs", "-o", "size=250k", "tmpfs", disk)) {
        console.warn("not tested: only root on Linux may mount a small disk");
        return;
      }
      try {
        const args = ["build-slide", "ileum", "--bundle", bundle, "--until", "1", "--out", disk];
        const full = await runCli(...args);
        assertEquals(full.code, 1);
        assertStringIncludes(full.stderr, "No space left on device");
        assertMatch(full.stderr, /\d+ kB to write, \d+ kB free/);
        assertStringIncludes(full.stderr, "free some space and run the same command again");
        assertEquals(await unfinished(`${disk}/ileum`), []);
        assert(mount("-o", "remount,size=100m", disk));
        const { code, stderr } = await runCli(...args);
        assertEquals(code, 0, stderr);
      } finally {
        new Deno.Command("umount", { args: [disk] }).outputSync();
      }
    }),
);
