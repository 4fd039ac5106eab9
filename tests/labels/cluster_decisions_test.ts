import { assert, assertEquals, assertMatch, assertThrows } from "@std/assert";
import { isSthelarError, SthelarError } from "@/core/errors.ts";
import { applyDecisions, neededSubclusters } from "@/labels/apply_decisions.ts";
import { automaticLabels } from "@/labels/automatic_labels.ts";
import {
  formatClusterDecisions,
  parseClusterDecisions,
  type TableDecisions,
} from "@/labels/cluster_decisions.ts";
import { clusteringStamp, sampleMembers } from "@/labels/cluster_members.ts";
import type { Clustering } from "@/labels/cluster_statistics.ts";
import { draftDecisions } from "@/labels/draft_decisions.ts";
import { proposeByOverlap } from "@/labels/propose_decisions.ts";

const PATH = "data/decisions/heart_s0/clusters.json";
const IDS = ["a-1", "b-1", "c-1", "d-1", "e-1", "f-1"];
const COARSE: Clustering = { key: "res0.2", codes: Int32Array.of(0, 0, 0, 1, 1, 2), count: 3 };
const FINE: Clustering = { key: "res0.6", codes: Int32Array.of(0, 0, 3, 1, 1, 2), count: 4 };
const T = { label1: "T" }, MAST = { label1: "Mast" }, CANCER = "cancer_cell";

function decisions(table: Record<string, unknown>): TableDecisions {
  const clustering = { key: COARSE.key, stamp: clusteringStamp(COARSE, IDS) };
  const text = JSON.stringify({ format: 1, nuclei: { clustering, ...table } });
  return parseClusterDecisions(text, PATH).nuclei!;
}

function apply(table: Record<string, unknown>, clusterings = [COARSE, FINE]) {
  return applyDecisions(clusterings, decisions(table), { ids: IDS, path: PATH });
}

function refusal(run: () => unknown, tag: SthelarError["tag"] = "InvalidArgument"): string {
  const error = assertThrows(run, SthelarError);
  assert(isSthelarError(error, tag), error.message);
  assertEquals(error.path, PATH);
  return error.message;
}

function texts({ codes, levels }: { codes: Int32Array; levels: readonly string[] }): string {
  return Array.from(codes, (code) => levels[code]).join(" ");
}

Deno.test("the example of the repository is a decisions file", async () => {
  const path = "data/decisions/examples/heart_s0/clusters.json";
  const { nuclei, cells } = parseClusterDecisions(await Deno.readTextFile(path), path);
  assertEquals(nuclei?.labels.get("perivascular")?.label1, "Perivascular");
  assertEquals(nuclei?.merges.get("perivascular"), ["4", "5"]);
  assertEquals([nuclei?.members.get("0")?.sample.length, cells?.labels.size], [64, 8]);
  assertEquals(
    parseClusterDecisions(formatClusterDecisions({ nuclei: nuclei!, cells: cells! }), path),
    { nuclei: nuclei!, cells: cells! },
  );
});

Deno.test("parseClusterDecisions() names the nearest label and key, and where it is", () => {
  const table = (labels: unknown, more = {}) => () => decisions({ labels, ...more });
  assertMatch(
    refusal(table({ "0": { label1: "Mastt" } })),
    /nuclei\.labels\.0\.label1 .*found "Mastt".*did you mean "Mast"/,
  );
  assertMatch(
    refusal(table({ "0": { ...T, lable2: "x" } })),
    /found key "lable2".*did you mean "label2"/,
  );
  assertMatch(
    refusal(table({ "0": { ...T, label3: "cancer" } })),
    /known are normal_cell, cancer_cell/,
  );
  assertMatch(refusal(table({}, { merge: {} })), /did you mean "merges"/);
  assertMatch(refusal(table({ "0": "T" })), /found "T", expected an object/);
  assertMatch(refusal(table(undefined)), /nuclei\.labels .*found nothing/);
  assertMatch(refusal(table({}, { merges: { x: "0" } })), /a list of texts/);
  assertMatch(refusal(table({}, { splits: { "0": {} } })), /either "by".*or "resolution"/);
  assertMatch(refusal(table({}, { splits: { "0": { resolution: -1 } } })), /at least 0/);
  assertMatch(refusal(table({}, { evidence: "seen" })), /evidence .*an object/);
});

Deno.test("parseClusterDecisions() refuses what is no JSON, no object, or of another format", () => {
  const parse = (text: string) => () => parseClusterDecisions(text, PATH);
  refusal(parse('{"format": 1, "nuclei": {'), "CorruptData");
  refusal(parse("[".repeat(1000) + "]".repeat(1000)), "CorruptData");
  refusal(parse("[]"));
  refusal(parse("null"));
  refusal(parse('{"format": 2}'), "UnsupportedVersion");
  refusal(parse("{}"), "UnsupportedVersion");
  assertMatch(refusal(parse('{"format": 1, "nucleus": {}}')), /did you mean "nuclei"/);
  assertEquals(parse('{"format": 1}')(), {});
  const odd = parse(
    '{"format":1,"cells":{"clustering":{"key":"k","stamp":"s"},"labels":{"__proto__":{"label1":"T"}}}}',
  )();
  assertEquals([...odd.cells!.labels.keys()], ["__proto__"]);
});

Deno.test("applyDecisions() labels clusters, merged and split ones", () => {
  const applied = apply({
    splits: { "0": { by: "res0.6", stamp: clusteringStamp(FINE, IDS) } },
    merges: { mixed: ["0.3", "2"] },
    labels: { "0.0": { ...T, label2: "T_CD8" }, "1": MAST, mixed: { ...T, label3: CANCER } },
  });
  assert(applied.kind === "applied");
  assertEquals(texts(applied.refined), "0.0 0.0 mixed 1 1 mixed");
  assertEquals(texts(applied.label1), "T T T Mast Mast T");
  assertEquals(texts(applied.label2), "T_CD8 T_CD8 T Mast Mast T");
  assertEquals(texts(applied.label3).split(" ").filter((label) => label === CANCER).length, 2);
  assertEquals(applied.clusters.map(({ name, from, cells }) => ({ name, from, cells })), [
    { name: "0.0", from: ["0.0"], cells: 2 },
    { name: "1", from: ["1"], cells: 2 },
    { name: "mixed", from: ["0.3", "2"], cells: 2 },
  ]);
});

Deno.test("applyDecisions() splits by a clustering of the cluster's own cells", () => {
  const table = {
    splits: { "0": { resolution: 0.3 } },
    labels: { "0.0": T, "0.1": MAST, "1": T, "2": T },
  };
  assertEquals(neededSubclusters(decisions(table)), [
    { cluster: "0", resolution: 0.3, key: "0@0.3" },
  ]);
  const own = { key: "0@0.3", codes: Int32Array.of(1, 0, 0, 0, 0, 0), count: 2 };
  const applied = apply(table, [COARSE, own]);
  assertEquals(applied.kind === "applied" && texts(applied.refined), "0.1 0.0 0.0 1 1 2");
  assertMatch(refusal(() => apply(table)), /no clustering "0@0\.3"/);
});

Deno.test("applyDecisions() says which cluster is not there, left out, or used twice", () => {
  const all = { "0": T, "1": T, "2": T };
  const message = (table: Record<string, unknown>) => refusal(() => apply(table));
  assertMatch(message({ labels: { ...all, "7": T } }), /cluster "7".*no such cluster/);
  assertMatch(message({ labels: { "0": T, "1": T } }), /no labels for "2" \(1 cells\)/);
  assertMatch(
    message({ merges: { x: ["0", "9"] }, labels: { x: T, "1": T, "2": T } }),
    /"9", which is no cluster/,
  );
  assertMatch(
    message({ merges: { x: ["0", "1"], y: ["1"] }, labels: { x: T, y: T, "2": T } }),
    /"1", which is also in "x"/,
  );
  assertMatch(message({ merges: { x: [] }, labels: all }), /no clusters/);
  assertMatch(
    message({ merges: { "2": ["0", "1"] }, labels: { "2": T } }),
    /a cluster of that name outside of it/,
  );
  assertMatch(
    message({ merges: { x: ["0", "1"] }, labels: { x: T, "0": T, "2": T } }),
    /it is merged into "x"/,
  );
  assertMatch(message({ splits: { "7": { by: "res0.6" } }, labels: all }), /"0" to "2"/);
  assertMatch(
    message({ splits: { "0": { by: "res0.7" } }, labels: all }),
    /no clustering "res0\.7".*"res0\.6"/,
  );
  assertMatch(message({ splits: { "0": { by: "res0.6" } }, labels: all }), /cluster "0"/);
  assertMatch(
    message({ splits: { "0": { by: "res0.6", stamp: "old" } }, labels: all }),
    /another result of "res0\.6".*expected stamp old/,
  );
});

Deno.test("applyDecisions() asks no labels of an empty cluster", () => {
  const codes = COARSE.codes.map((code) => code === 1 ? 0 : code);
  const sparse = { ...COARSE, codes };
  const clustering = { key: COARSE.key, stamp: clusteringStamp(sparse, IDS) };
  const applied = apply({ clustering, labels: { "0": T, "2": MAST } }, [sparse]);
  assertEquals(applied.kind === "applied" && texts(applied.label1), "T T T T T Mast");
});

Deno.test("applyDecisions() applies nothing to another clustering, and says what differs", () => {
  const table = { labels: { "0": T, "1": T, "2": T } };
  const moved = { ...COARSE, codes: Int32Array.of(0, 0, 0, 1, 2, 2) };
  const other = apply(table, [moved]);
  assert(other.kind === "otherClustering");
  assertMatch(other.reason, /another result of "res0\.2": its stamp is \w+, that of this one \w+/);
  const absent = apply(table, [FINE]);
  assert(absent.kind === "otherClustering");
  assertMatch(absent.reason, /clustering "res0\.2", and there are res0\.6/);
});

Deno.test("clusteringStamp() sees the key, the clusters, the cells and their order", () => {
  const stamps = [
    clusteringStamp(COARSE, IDS),
    clusteringStamp({ ...COARSE, key: "res0.4" }, IDS),
    clusteringStamp({ ...COARSE, codes: Int32Array.of(0, 0, 0, 1, 1, 1) }, IDS),
    clusteringStamp(COARSE, IDS.toReversed()),
    clusteringStamp(FINE, IDS),
  ];
  assertEquals(new Set(stamps).size, 5);
  assertEquals(clusteringStamp({ ...COARSE, count: 9 }, [...IDS]), stamps[0]);
});

Deno.test("sampleMembers() draws the same 64 whatever the order of the cells, evenly", () => {
  const ids = Array.from({ length: 20_000 }, (_, i) => `cell${i}-1`);
  const codes = Int32Array.from(ids, (_, i) => i % 4 === 0 ? 1 : 0);
  const [large, small] = sampleMembers(ids, codes, 2);
  assertEquals([large.cells, small.cells, large.sample.length], [15_000, 5_000, 64]);
  const reversed = sampleMembers(ids.toReversed(), codes.toReversed(), 2);
  assertEquals(reversed, [large, small]);
  const early = large.sample.filter((id) => Number(id.slice(4, -2)) < 10_000).length;
  assert(early > 20 && early < 44, `${early} of 64 in the first half`);
});

Deno.test("a draft is read back as it was written, and applies to its clustering", () => {
  const labels = automaticLabels(["Mast", "T", "B"].map((label1, cluster) => ({
    name: `${cluster}`,
    cells: 2,
    markers: [],
    tangram: [{ label1, finalLabel: "Myeloid", share: 1 }],
    topGenes: [],
  })));
  const splits = new Map([["0", { by: "res0.6" }]]);
  const cells = draftDecisions({
    ...{ chosen: COARSE, clusterings: [COARSE, FINE], splits, ids: IDS, labels },
  });
  const read = parseClusterDecisions(formatClusterDecisions({ cells }), PATH).cells!;
  assertEquals(new Map([...read.labels].sort()), new Map([...cells.labels].sort()));
  const applied = applyDecisions([COARSE, FINE], read, { ids: IDS, path: PATH });
  assertEquals(applied.kind === "applied" && texts(applied.label1), "Mast Mast Mast T T B");
  assertEquals(read.members.get("0.3")?.sample, ["c-1"]);
});

Deno.test("proposeByOverlap() carries labels and merges over to renumbered clusters", () => {
  const ids = Array.from({ length: 3000 }, (_, i) => `cell${i}-1`);
  const before: Clustering = {
    key: "res0.2",
    codes: Int32Array.from(ids, (_, i) => i < 1800 ? 0 : i < 2400 ? 1 : i < 2900 ? 2 : 3),
    count: 4,
  };
  const draft = draftDecisions({ chosen: before, ids, labels: [] });
  const normal = { label3: "normal_cell" } as const;
  const old: TableDecisions = {
    ...draft,
    merges: new Map([["vessel", ["1", "2"]]]),
    labels: new Map([
      ["0", { label1: "T", label2: "T_CD4", ...normal }],
      ["vessel", { label1: "Blood_vessel", label2: "Blood_vessel", ...normal }],
      ["3", { label1: "Mast", label2: "Mast", ...normal }],
    ]),
  };
  const renumber = [3, 0, 1, 2];
  const moved = before.codes.map((code, i) => i % 10 === 0 ? 0 : renumber[code]);
  moved.fill(4, 2950);
  const now: Clustering = { key: "res0.2", codes: moved, count: 6 };
  const { decisions: proposal, clusters } = proposeByOverlap(old, now, ids);
  assertEquals(proposal.merges, new Map([["vessel", ["0", "1"]], ["2+4", ["2", "4"]]]));
  assertEquals(proposal.labels.get("3")?.label2, "T_CD4");
  assertEquals(proposal.labels.get("2+4")?.label1, "Mast");
  const largest = clusters.find(({ name }) => name === "0")!;
  assertEquals([largest.from, largest.isDoubtful], ["vessel", false]);
  const applied = applyDecisions([now], proposal, { ids, path: PATH });
  assert(applied.kind === "applied");
  const right = before.codes.filter((code, i) =>
    applied.label1.levels[applied.label1.codes[i]] ===
      ["T", "Blood_vessel", "Blood_vessel", "Mast"][code]
  ).length;
  assert(right > 0.9 * ids.length, `${right}`);
  const text = formatClusterDecisions({ nuclei: proposal });
  assertEquals(parseClusterDecisions(text, PATH).nuclei!.clustering, proposal.clustering);
});

Deno.test("proposeByOverlap() doubts mixtures, and calls Unknown what it remembers nothing of", () => {
  const ids = Array.from({ length: 400 }, (_, i) => `cell${i}-1`);
  const before = { key: "k", codes: Int32Array.from(ids, (_, i) => i % 2), count: 2 };
  const draft = draftDecisions({ chosen: before, ids, labels: [] });
  const all = { key: "k2", codes: new Int32Array(400), count: 1 };
  assertEquals(proposeByOverlap(draft, all, ids).clusters[0].isDoubtful, true);
  const others = ids.map((id) => `other${id}`);
  const [lost] = proposeByOverlap(draft, all, others).clusters;
  assertEquals([lost.from, lost.remembered, lost.isDoubtful], [undefined, 0, true]);
  assertEquals(proposeByOverlap(draft, all, others).decisions.labels.get("0")?.label1, "Unknown");
});

Deno.test("proposeByOverlap() follows a split cluster only as far as it remembers its parts", () => {
  const splits = new Map([["0", { by: "res0.6" }]]);
  const normal = { label3: "normal_cell" } as const;
  const mast = { label1: "Mast", label2: "Mast", ...normal };
  const t = { label1: "T", label2: "T", ...normal };
  const labels = new Map([["0.0", mast], ["0.3", t], ["1", t], ["2", mast]]);
  const base = draftDecisions({ chosen: COARSE, ids: IDS, labels: [] });
  const whole = proposeByOverlap({ ...base, splits, labels }, FINE, IDS).decisions;
  assertEquals(whole.labels.get("0")?.label1, "Unknown");
  const parts = draftDecisions({
    ...{ chosen: COARSE, clusterings: [COARSE, FINE], splits, ids: IDS, labels: [] },
  });
  const followed = proposeByOverlap({ ...parts, labels }, FINE, IDS).decisions;
  assertEquals([followed.labels.get("0")?.label1, followed.labels.get("3")?.label1], ["Mast", "T"]);
});
