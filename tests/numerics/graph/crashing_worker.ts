// Run by open_program_test.ts: a link whose worker dies at its first question.
import { messageOf } from "@/core/errors.ts";
import { WorkerLink } from "@/numerics/graph/worker_link.ts";

const crashing = `data:application/javascript,${
  encodeURIComponent(`onmessage = () => { throw new Error("out of order"); };`)
}`;

const link = new WorkerLink<string>(new URL(crashing), "farewell");
const answers = await Promise.allSettled([link.ask("first"), link.ask("second")]);
const later = await link.ask("third").catch(messageOf);
const reasons = answers.map((answer) =>
  answer.status === "rejected" ? messageOf(answer.reason) : "answered"
);
console.log(JSON.stringify([...reasons, later]));
