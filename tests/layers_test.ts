import { assert, assertEquals } from "@std/assert";
import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, normalize } from "node:path";

/** Lower layers first; a file imports from its own layer or below. */
const LAYERS = [
  ["core"],
  ["formats", "geometry", "numerics", "vision", "plots"],
  ["labels"],
  ["fetch", "simulate", "stages"],
  ["pipeline"],
  ["report"],
  ["study"],
  ["cli", "cli.ts", "notebook", "view"],
];

const LIB = new URL("../lib/", import.meta.url).pathname;

function sourceFiles(folder = ""): string[] {
  return readdirSync(LIB + folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return sourceFiles(path);
    return path.endsWith(".ts") ? [path] : [];
  });
}

/** Files of lib that a file imports, as paths below lib. */
function importsOf(file: string): string[] {
  const text = readFileSync(LIB + file, "utf8").replaceAll(/\/\*[\s\S]*?\*\//g, "");
  const specifiers = [...text.matchAll(/(?:from|import)\s*\(?\s*"([^"]+)"/g)].map((m) => m[1]);
  return specifiers.flatMap((specifier) => {
    if (specifier.startsWith("@/")) return [specifier.slice(2)];
    if (specifier.startsWith(".")) return [normalize(join(dirname(file), specifier))];
    return [];
  }).filter((path) => path.endsWith(".ts") && !path.startsWith(".."));
}

function layerOf(file: string): number {
  const top = file.split("/")[0];
  const layer = LAYERS.findIndex((names) => names.includes(top));
  assert(layer >= 0, `lib/${file} is in no layer`);
  return layer;
}

function findCycle(graph: ReadonlyMap<string, readonly string[]>): string[] | undefined {
  const finished = new Set<string>();
  const visit = (node: string, path: readonly string[]): string[] | undefined => {
    if (path.includes(node)) return [...path.slice(path.indexOf(node)), node];
    if (finished.has(node)) return undefined;
    for (const next of graph.get(node) ?? []) {
      const cycle = visit(next, [...path, node]);
      if (cycle !== undefined) return cycle;
    }
    finished.add(node);
    return undefined;
  };
  for (const node of graph.keys()) {
    const cycle = visit(node, []);
    if (cycle !== undefined) return cycle;
  }
  return undefined;
}

const graph = new Map(sourceFiles().map((file) => [file, importsOf(file)]));

Deno.test("imports point to the same layer or below", () => {
  const upward = [...graph].flatMap(([file, imports]) =>
    imports.filter((target) => layerOf(target) > layerOf(file))
      .map((target) => `${file} -> ${target}`)
  );
  assertEquals(upward, []);
});

Deno.test("files import each other in no circle", () => {
  assertEquals(findCycle(graph), undefined);
});

Deno.test("folders import each other in no circle", () => {
  const folderOf = (file: string) => dirname(file);
  const folders = new Map<string, string[]>();
  for (const [file, imports] of graph) {
    const targets = imports.map(folderOf).filter((folder) => folder !== folderOf(file));
    folders.set(folderOf(file), [...folders.get(folderOf(file)) ?? [], ...targets]);
  }
  // cli.ts and the folder of its commands are one program.
  assertEquals(findCycle(folders), undefined);
});

Deno.test("findCycle() finds one", () => {
  assertEquals(findCycle(new Map([["a", ["b"]], ["b", ["c"]], ["c", ["b"]]])), ["b", "c", "b"]);
});

Deno.test("a stage has under 200 lines, another file under 500", () => {
  const long = sourceFiles().flatMap((file) => {
    const lines = readFileSync(LIB + file, "utf8").split("\n").length - 1;
    const limit = file.startsWith("stages/") ? 200 : 500;
    return lines > limit ? [`${file}: ${lines}`] : [];
  });
  assertEquals(long, []);
});
