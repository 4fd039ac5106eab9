import type { Random } from "@/core/random.ts";
import { type Mutation, pick } from "./mutate_bytes.ts";
import type { Bytes } from "./target.ts";

const NUMBERS = ["0", "-1", "1e308", "-1e308", "NaN", "Infinity", "2147483648", "4294967296"];
const MORE = [
  "9007199254740993",
  "1e999",
  "0.5",
  "",
  "x",
  "0x10",
  "1,2",
  '"',
  "99999999999999999999",
];
const TAG = /<(\w+)[^<>]*>/g;
const NUMBER = /-?\d+(?:\.\d+)?(?:e[-+]?\d+)?/g;

/** Changes csv or XML: a number, a line, a word, an element in an element in an element. */
export function mutateText(bytes: Bytes, random: Random): Mutation {
  const text = new TextDecoder().decode(bytes);
  const [next, what] = changed(text, random);
  return { bytes: new TextEncoder().encode(next), what };
}

function changed(text: string, random: Random): readonly [text: string, what: string] {
  const lines = text.split("\n");
  const line = random.integer(lines.length);
  switch (random.integer(8)) {
    case 0:
    case 1:
    case 2:
      return replaceMatch(text, NUMBER, () => pick([...NUMBERS, ...MORE], random), random);
    case 3:
      return [lines.toSpliced(line, 1).join("\n"), `line ${line} removed`];
    case 4:
      return [lines.toSpliced(line, 0, lines[line]).join("\n"), `line ${line} twice`];
    case 5:
      return replaceMatch(
        text,
        /\w+/g,
        (word) => pick(["", word + word, "nope", "é"], random),
        random,
      );
    case 6:
      return replaceMatch(text, TAG, (tag) => nested(tag, random), random);
    default:
      return replaceMatch(
        text,
        /[",<>/=\s]/g,
        () => pick(["", '"', "<", ",", "\0", "&"], random),
        random,
      );
  }
}

function nested(tag: string, random: Random): string {
  const name = /\w+/.exec(tag)?.[0] ?? "a";
  const depth = pick([10, 1000, 50_000], random);
  return random.uniform() < 0.5
    ? tag + tag
    : `<${name}>`.repeat(depth) + `</${name}>`.repeat(depth) + tag;
}

function replaceMatch(
  text: string,
  pattern: RegExp,
  by: (match: string) => string,
  random: Random,
): readonly [text: string, what: string] {
  const matches = [...text.matchAll(pattern)];
  if (matches.length === 0) return [text + text, "text twice"];
  const match = pick(matches, random);
  const replacement = by(match[0]);
  const after = match.index + match[0].length;
  return [
    text.slice(0, match.index) + replacement + text.slice(after),
    `"${match[0].slice(0, 40)}" at ${match.index} replaced by "${replacement.slice(0, 40)}"`,
  ];
}
