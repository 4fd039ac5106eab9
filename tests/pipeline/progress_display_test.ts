import { assertEquals } from "@std/assert";
import { formatCount, formatSeconds, ProgressDisplay } from "@/pipeline/progress_display.ts";

function fakeScreen(isTerminal: boolean) {
  let text = "";
  return {
    screen: { isTerminal, columns: 120, write: (more: string) => void (text += more) },
    text: () => text,
  };
}

Deno.test("a terminal shows a bar with rate, time left and memory", () => {
  const { screen, text } = fakeScreen(true);
  let now = 0;
  const display = new ProgressDisplay(screen, () => now);
  display.start("1-02 process_slide");
  display.step({ done: 0, total: 100, unit: "tiles", memoryBytes: 2e8 });
  now = 2000;
  display.step({ done: 50, total: 100, unit: "tiles", memoryBytes: 3.1e8 });
  assertEquals(
    text().split("\r\x1b[2K").at(-1),
    "1-02 process_slide [##########----------] 50% 50/100 tiles  25/s  ETA 2.0 s  310 MB",
  );
});

Deno.test("the rate starts anew with another unit", () => {
  const { screen, text } = fakeScreen(true);
  let now = 0;
  const display = new ProgressDisplay(screen, () => now);
  display.step({ done: 1, total: 2, unit: "tiles", memoryBytes: 0 });
  now = 1000;
  display.step({ done: 10, total: 20, unit: "transcripts", memoryBytes: 0 });
  assertEquals(text().includes("10/20 transcripts  -  ETA -"), true);
});

Deno.test("a log gets no bars, only lines", () => {
  const { screen, text } = fakeScreen(false);
  const display = new ProgressDisplay(screen);
  display.step({ done: 1, total: 2, unit: "tiles", memoryBytes: 0 });
  display.line("1-02 process_slide: done");
  assertEquals(text(), "1-02 process_slide: done\n");
});

Deno.test("a line clears the bar first", () => {
  const { screen, text } = fakeScreen(true);
  const display = new ProgressDisplay(screen);
  display.step({ done: 1, total: 2, unit: "tiles", memoryBytes: 0 });
  display.line("done");
  assertEquals(text().endsWith("\r\x1b[2Kdone\n"), true);
});

Deno.test("times and counts are written for people", () => {
  assertEquals([3.21, 65, 3725].map(formatSeconds), ["3.2 s", "1:05", "1:02:05"]);
  assertEquals([999, 12345, 98765432].map(formatCount), ["999", "12,345", "98.8M"]);
});
