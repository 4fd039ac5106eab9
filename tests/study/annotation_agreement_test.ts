import { assert, assertAlmostEquals, assertEquals } from "@std/assert";
import { categorical } from "@/core/categorical.ts";
import {
  agreementScores,
  countMeetings,
  knownMeetings,
  meetingTable,
  sumMeetings,
} from "@/study/annotation_agreement.ts";
import goldens from "../fixtures/study/agreement.json" with { type: "json" };

for (const { name, a, b, ...scores } of goldens) {
  Deno.test(`agreementScores() equals scikit-learn's scores: ${name}`, () => {
    const found = agreementScores(countMeetings(categorical(a), categorical(b)), true);
    assert(found !== undefined);
    assertEquals(found.cells, a.length);
    for (const [score, wanted] of Object.entries(scores)) {
      assertAlmostEquals(found[score as keyof typeof found]!, wanted, 1e-12, score);
    }
  });
}

Deno.test("scores of slides added up equal scores of all their rows", () => {
  const [first, second] = goldens;
  const meetings = [first, second].map(({ a, b }) => countMeetings(categorical(a), categorical(b)));
  const together = countMeetings(
    categorical([...first.a, ...second.a]),
    categorical([...first.b, ...second.b]),
  );
  const scores = agreementScores(sumMeetings(meetings), true)!;
  for (const [score, wanted] of Object.entries(agreementScores(together, true)!)) {
    assertAlmostEquals(scores[score as keyof typeof scores]!, wanted, 1e-12, score);
  }
});

Deno.test("rows without one of the labels do not count", () => {
  const meetings = countMeetings(
    categorical(["T", undefined, "B"]),
    categorical(["T", "T", undefined]),
  );
  assertEquals(meetingTable(meetings, []), { rows: ["T"], columns: ["T"], counts: [[1]] });
});

Deno.test("knownMeetings() leaves out Unknown and Less10 of either", () => {
  const meetings = countMeetings(
    categorical(["T", "T", "Unknown", "B", "Less10"]),
    categorical(["T", "Less10", "T", "Unknown", "Less10"]),
  );
  assertEquals(agreementScores(knownMeetings(meetings), true)?.cells, 1);
  assertEquals(agreementScores(new Map(), true), undefined);
});

Deno.test("labels of another kind have no agreement, only what clusterings have", () => {
  const scores = agreementScores(
    countMeetings(categorical(["a", "b"]), categorical(["x", "y"])),
    false,
  );
  assertEquals(scores, { cells: 2, ari: 1, nmi: 1 });
});
