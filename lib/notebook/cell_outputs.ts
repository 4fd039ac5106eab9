import type { JupyterMessage } from "./jupyter_message.ts";
import type { CellOutput, OutputData } from "./notebook_file.ts";

/** What a cell threw. */
export interface CellError {
  /** Class of the error. */
  readonly name: string;
  /** Its message. */
  readonly message: string;
  /** Its stack, line by line, without terminal colours. */
  readonly traceback: readonly string[];
}

/** Collects what a kernel says about one cell, as nbformat 4 stores it. */
export class CellOutputs {
  readonly #outputs: CellOutput[] = [];
  readonly #displays = new Map<string, Extract<CellOutput, { output_type: "display_data" }>>();
  #executionCount: number | null = null;
  #error: CellError | undefined;

  /** Outputs so far. */
  get outputs(): readonly CellOutput[] {
    return this.#outputs;
  }

  /** The kernel's count of cells, `null` before the cell started. */
  get executionCount(): number | null {
    return this.#executionCount;
  }

  /** What the cell threw, if it did. */
  get error(): CellError | undefined {
    return this.#error;
  }

  /** Takes one message. */
  add({ type, content }: JupyterMessage): void {
    switch (type) {
      case "execute_input":
        this.#executionCount = Number(content.execution_count);
        break;
      case "stream":
        this.#addText(String(content.name), String(content.text));
        break;
      case "display_data":
        this.#addDisplay(content);
        break;
      case "update_display_data": {
        const display = this.#displays.get(displayId(content) ?? "");
        if (display !== undefined) display.data = content.data as OutputData;
        break;
      }
      case "execute_result":
        this.#outputs.push({
          output_type: "execute_result",
          execution_count: Number(content.execution_count),
          data: content.data as OutputData,
          metadata: (content.metadata ?? {}) as OutputData,
        });
        break;
      case "error":
        this.#addError(content);
        break;
    }
  }

  #addText(name: string, text: string): void {
    const last = this.#outputs.at(-1);
    if (last?.output_type === "stream" && last.name === name) last.text += text;
    else this.#outputs.push({ output_type: "stream", name, text });
  }

  #addDisplay(content: JupyterMessage["content"]): void {
    const output = {
      output_type: "display_data" as const,
      data: content.data as OutputData,
      metadata: (content.metadata ?? {}) as OutputData,
    };
    const id = displayId(content);
    if (id !== undefined) this.#displays.set(id, output);
    this.#outputs.push(output);
  }

  #addError(content: JupyterMessage["content"]): void {
    const traceback = (content.traceback ?? []) as readonly string[];
    const ename = String(content.ename);
    const evalue = String(content.evalue);
    this.#outputs.push({ output_type: "error", ename, evalue, traceback });
    this.#error = { name: ename, message: evalue, traceback: traceback.map(withoutColours) };
  }
}

function displayId(content: JupyterMessage["content"]): string | undefined {
  const { display_id } = (content.transient ?? {}) as { display_id?: unknown };
  return typeof display_id === "string" ? display_id : undefined;
}

function withoutColours(text: string): string {
  // deno-lint-ignore no-control-regex -- a terminal's colours start with an escape
  return text.replaceAll(/\x1b\[[0-9;]*m/g, "");
}
