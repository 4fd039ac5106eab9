import { type DecodeReply, type DecodeRequest, toFault } from "./decode_messages.ts";
import { decodeTile } from "./decode_tile.ts";

interface WorkerScope {
  onmessage: ((event: MessageEvent<DecodeRequest>) => void) | null;
  postMessage(reply: DecodeReply, transfer: Transferable[]): void;
}

const scope = globalThis as unknown as WorkerScope;

scope.onmessage = async ({ data: { id, bytes, encoding } }) => {
  try {
    const samples = await decodeTile({ bytes, encoding });
    scope.postMessage({ id, samples }, [samples.buffer]);
  } catch (thrown) {
    scope.postMessage({ id, fault: toFault(thrown) }, []);
  }
};
