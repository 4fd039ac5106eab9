import type { CompressReply, CompressRequest } from "./compress_pool.ts";
import { compressZstd } from "./zstd.ts";

interface WorkerScope {
  onmessage: ((event: MessageEvent<CompressRequest>) => void) | null;
  postMessage(reply: CompressReply, transfer: Transferable[]): void;
}

const scope = globalThis as unknown as WorkerScope;

scope.onmessage = ({ data: { id, bytes, level } }) => {
  const frame = compressZstd(bytes, level);
  scope.postMessage({ id, frame }, [frame.buffer]);
};
