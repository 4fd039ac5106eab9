/** Cuts text into lines, without their line ends. */
export class TextLineStream extends TransformStream<string, string> {
  /** A stream from chunks of text to lines. */
  constructor() {
    let rest = "";
    super({
      transform(chunk, controller) {
        const lines = (rest + chunk).split(/\r?\n/);
        rest = lines.pop() as string;
        for (const line of lines) controller.enqueue(line);
      },
      flush(controller) {
        if (rest !== "") controller.enqueue(rest);
      },
    });
  }
}
