import { messageOf } from "@/core/errors.ts";
import { type JupyterMessage, packMessage, unpackMessage } from "./jupyter_message.ts";
import { ZmtpSocket } from "./zmtp_socket.ts";

/** How a kernel is started. */
export interface KernelOptions {
  /** Working folder: `deno.json` is searched from here upwards, imports are relative to it. */
  readonly cwd: string;
  /** Variables added to the environment. */
  readonly env?: Readonly<Record<string, string>>;
  /** How long the start may take, ms; 60,000 unless told. */
  readonly startTimeoutMs?: number;
}

/** The kernel's process ended, or it did not answer in time and was killed. */
export class KernelLost extends Error {
  override readonly name = "KernelLost";
}

/** The kernel sends what was printed on a way of its own, which may be later than "idle". */
const LATE_OUTPUT_MS = 50;

/** A running Deno kernel (`deno jupyter --kernel`), spoken to as Jupyter does, without Python. */
export class Kernel {
  readonly #child: Deno.ChildProcess;
  readonly #ended: Promise<never>;
  readonly #key: string;
  readonly #session = crypto.randomUUID();
  readonly #errorTail: Promise<string>;
  readonly #listeners = new Map<string, (message: JupyterMessage) => void>();
  #sockets: readonly [shell: ZmtpSocket, control: ZmtpSocket, iopub: ZmtpSocket] | undefined;

  private constructor(child: Deno.ChildProcess, key: string) {
    this.#child = child;
    this.#key = key;
    this.#errorTail = readTail(child.stderr, 2000);
    this.#ended = child.status.then(async ({ code, signal }) => {
      const how = signal === null ? `code ${code}` : `signal ${signal}`;
      const words = (await this.#errorTail).trim();
      throw new KernelLost(`the kernel died (${how})${words && `: ${words}`}`);
    });
    this.#ended.catch(() => {}); // whoever waits for an answer sees it
  }

  /**
   * Starts a kernel and waits until it answers.
   *
   * @throws {KernelLost} It ended at once or did not answer in time.
   */
  static async start(options: KernelOptions): Promise<Kernel> {
    const key = crypto.randomUUID();
    const ports = freePorts(5);
    const file = await Deno.makeTempFile({ suffix: ".json" });
    try {
      await Deno.writeTextFile(file, connectionFile(ports, key));
      const kernel = new Kernel(spawnKernel(file, options), key);
      const timeoutMs = options.startTimeoutMs ?? 60_000;
      await kernel.#within(timeoutMs, "start", kernel.#connect(ports));
      return kernel;
    } finally {
      await Deno.remove(file);
    }
  }

  /**
   * Runs code until the kernel is idle again.
   *
   * @param code One cell.
   * @param timeoutMs Afterwards the kernel is killed: it can't be interrupted.
   * @param onMessage Takes every message about it, also those that arrive after it has ended.
   * @throws {KernelLost} It ended, or was killed because the time was up.
   */
  async execute(
    code: string,
    timeoutMs: number,
    onMessage: (message: JupyterMessage) => void,
  ): Promise<void> {
    const [shell] = this.#connected();
    const request = { code, silent: false, store_history: true, allow_stdin: false };
    const content = { ...request, user_expressions: {}, stop_on_error: true };
    const id = crypto.randomUUID();
    const idle = new Promise<void>((resolve) => {
      this.#listeners.set(id, (message) => {
        onMessage(message);
        if (message.type === "status" && message.content.execution_state === "idle") resolve();
      });
    });
    const answer = this.#send(shell, "execute_request", content, id).then(() => idle);
    await this.#within(timeoutMs, "run the cell", answer);
    await new Promise((resolve) => setTimeout(resolve, LATE_OUTPUT_MS));
  }

  /** Ends the kernel: politely at first, then by killing it. */
  async close(): Promise<void> {
    const [, control] = this.#sockets ?? [];
    if (control !== undefined) {
      await this.#send(control, "shutdown_request", { restart: false })
        .catch(() => {}); // it may have ended already
    }
    const killer = setTimeout(() => this.#kill(), control === undefined ? 0 : 2000);
    await this.#child.status;
    clearTimeout(killer);
    await this.#errorTail;
    for (const socket of this.#sockets ?? []) socket.close();
  }

  /** Waits, but no longer than the kernel lives and the time allows. */
  async #within<T>(timeoutMs: number, what: string, answer: Promise<T>): Promise<T> {
    const { promise: late, reject } = Promise.withResolvers<never>();
    const timer = setTimeout(() => {
      this.#kill();
      reject(new KernelLost(`did not ${what} within ${timeoutMs / 1000} s; the kernel was killed`));
    }, timeoutMs);
    late.catch(() => {});
    try {
      return await Promise.race([answer, late, this.#ended]);
    } catch (error) {
      answer.catch(() => {}); // it fails too, when the sockets close
      if (error instanceof KernelLost) throw error;
      return await Promise.race([this.#ended, late]);
    } finally {
      clearTimeout(timer);
    }
  }

  #kill(): void {
    try {
      this.#child.kill("SIGKILL");
    } catch (error) {
      if (!(error instanceof TypeError)) throw error; // it has ended
    }
  }

  #connected(): readonly [shell: ZmtpSocket, control: ZmtpSocket, iopub: ZmtpSocket] {
    if (this.#sockets === undefined) throw new KernelLost("the kernel is not connected");
    return this.#sockets;
  }

  async #connect([shellPort, iopubPort, , controlPort]: readonly number[]): Promise<void> {
    const shell = await this.#connectTo("DEALER", shellPort);
    const control = await this.#connectTo("DEALER", controlPort);
    const iopub = await this.#connectTo("SUB", iopubPort);
    this.#sockets = [shell, control, iopub];
    await this.#awaitSubscription(shell, iopub);
    for (const socket of [shell, control]) receiveAll(socket, () => {});
    receiveAll(iopub, (frames) => {
      const message = unpackMessage(frames);
      this.#listeners.get(message.parentId ?? "")?.(message);
    });
  }

  /** The kernel opens its ports a moment after it has started. */
  async #connectTo(type: "DEALER" | "SUB", port: number): Promise<ZmtpSocket> {
    let alive = true;
    this.#ended.catch(() => alive = false);
    while (true) {
      try {
        return await ZmtpSocket.connect(type, port);
      } catch (error) {
        if (!alive) throw new KernelLost(messageOf(error), { cause: error });
        await new Promise((resolve) => setTimeout(resolve, 30));
      }
    }
  }

  /** A subscription takes a moment: asks until an answer is heard. */
  async #awaitSubscription(shell: ZmtpSocket, iopub: ZmtpSocket): Promise<void> {
    let heard = false;
    const first = iopub.receive().then(() => heard = true);
    while (!heard) {
      await this.#send(shell, "kernel_info_request", {});
      await Promise.race([first, new Promise((resolve) => setTimeout(resolve, 100))]);
    }
  }

  async #send(
    socket: ZmtpSocket,
    type: string,
    content: Record<string, unknown>,
    id: string = crypto.randomUUID(),
  ): Promise<void> {
    await socket.send(packMessage({ type, id, content }, this.#session, this.#key));
  }
}

function spawnKernel(connectionPath: string, { cwd, env }: KernelOptions): Deno.ChildProcess {
  try {
    return new Deno.Command(Deno.execPath(), {
      args: ["jupyter", "--kernel", "--conn", connectionPath],
      cwd,
      env: { ...env },
      stdin: "null",
      stdout: "null",
      stderr: "piped",
    }).spawn();
  } catch (cause) {
    throw new KernelLost(`cannot start it in "${cwd}": ${messageOf(cause)}`, { cause });
  }
}

/** Takes messages until the socket closes; unread ones would fill the connection. */
async function receiveAll(
  socket: ZmtpSocket,
  take: (frames: readonly Uint8Array[]) => void,
): Promise<void> {
  while (true) {
    const frames = await socket.receive().catch(() => undefined);
    if (frames === undefined) return;
    take(frames);
  }
}

function connectionFile(ports: readonly number[], key: string): string {
  const [shell_port, iopub_port, stdin_port, control_port, hb_port] = ports;
  return JSON.stringify({
    shell_port,
    iopub_port,
    stdin_port,
    control_port,
    hb_port,
    ip: "127.0.0.1",
    key,
    transport: "tcp",
    signature_scheme: "hmac-sha256",
    kernel_name: "deno",
  });
}

/** Ports that nobody listens on. */
function freePorts(count: number): number[] {
  const listeners = Array.from(
    { length: count },
    () => Deno.listen({ hostname: "127.0.0.1", port: 0 }),
  );
  const ports = listeners.map((listener) => listener.addr.port);
  for (const listener of listeners) listener.close();
  return ports;
}

/** The last `length` characters of a stream, when it has ended. */
async function readTail(stream: ReadableStream<Uint8Array>, length: number): Promise<string> {
  let tail = "";
  for await (const text of stream.pipeThrough(new TextDecoderStream())) {
    tail = (tail + text).slice(-length);
  }
  return tail;
}
