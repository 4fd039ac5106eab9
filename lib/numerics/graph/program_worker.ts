import { isSthelarError, messageOf } from "@/core/errors.ts";
import { env } from "onnxruntime-node";
import { BufferStore } from "./buffer_store.ts";
import type { CompiledModel } from "./compiled_model.ts";
import { openModels } from "./open_models.ts";
import type { Opened, ProgramRequest, Reply, StepReport } from "./program_protocol.ts";
import { runSteps } from "./step_loop.ts";
import type { TensorData } from "./tensor_type.ts";

interface Asked {
  readonly id: number;
  readonly question: ProgramRequest;
}

interface WorkerScope {
  onmessage: ((event: MessageEvent<Asked>) => void) | null;
  postMessage(reply: Reply, transfer?: Transferable[]): void;
}

interface Answer {
  readonly value?: unknown;
  readonly transfer?: Transferable[];
}

const scope = globalThis as unknown as WorkerScope;
let models = new Map<string, CompiledModel>();
let store = new BufferStore([]);
let before: Promise<void> = Promise.resolve();
let closing = false;

scope.onmessage = ({ data: { id, question } }) => {
  closing ||= question.kind === "close";
  before = before.then(() => reply(id, question));
};

async function reply(id: number, question: ProgramRequest): Promise<void> {
  try {
    const report = (value: StepReport) => scope.postMessage({ id, kind: "report", value });
    const { value, transfer } = await answer(question, report);
    scope.postMessage({ id, kind: "done", value }, transfer ?? []);
  } catch (error) {
    scope.postMessage({ id, kind: "failed", ...described(error) });
  }
}

async function answer(
  question: ProgramRequest,
  report: (value: StepReport) => void,
): Promise<Answer> {
  switch (question.kind) {
    case "open": {
      models = await openModels(question);
      store = new BufferStore(question.buffers);
      return { value: { runtime: env.versions.node ?? "" } satisfies Opened };
    }
    case "write":
      store.write(question.name, question.data, question.at);
      return {};
    case "read":
      return moved(store.data(question.name).slice(question.start, question.end) as TensorData);
    case "take":
      return moved(store.take(question.name));
    case "run": {
      for (const [name, data] of Object.entries(question.feeds)) store.write(name, data, 0);
      const hooks = { report: question.reports ? report : undefined, isStopped: () => closing };
      return { value: await runSteps(question, models, store, hooks) };
    }
    case "close":
      for (const model of models.values()) await model.release();
      return {};
  }
}

function moved(data: TensorData): Answer {
  return { value: data, transfer: [data.buffer] };
}

function described(error: unknown): Pick<Extract<Reply, { kind: "failed" }>, "tag" | "parts"> {
  if (isSthelarError(error)) {
    const { tag, found, expected, remedy, message } = error;
    const action = message.split(": found ")[0];
    return {
      tag,
      parts: {
        action,
        ...(found === undefined ? {} : { found }),
        ...(expected === undefined ? {} : { expected }),
        ...(remedy === undefined ? {} : { remedy }),
      },
    };
  }
  return {
    tag: "StageFailed",
    parts: { action: "Cannot run a tensor program", found: messageOf(error) },
  };
}
