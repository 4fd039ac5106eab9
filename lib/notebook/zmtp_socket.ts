/**
 * A connected ZeroMQ socket (ZMTP 3.0, no security, TCP on this machine), as much of it as a
 * Jupyter client needs: https://rfc.zeromq.org/spec/23.
 */
export class ZmtpSocket {
  readonly #connection: Deno.TcpConn;
  readonly #reader: ReadableStreamDefaultReader<Uint8Array>;
  readonly #writer: WritableStreamDefaultWriter<Uint8Array>;
  #unread: Uint8Array = new Uint8Array(0);

  private constructor(connection: Deno.TcpConn) {
    this.#connection = connection;
    this.#reader = connection.readable.getReader();
    this.#writer = connection.writable.getWriter();
  }

  /**
   * Connects to a port of this machine, and subscribes to everything if it is a `SUB` socket.
   *
   * @throws {Error} The connection was refused, or the peer speaks something else.
   */
  static async connect(type: "DEALER" | "SUB", port: number): Promise<ZmtpSocket> {
    const socket = new ZmtpSocket(await Deno.connect({ hostname: "127.0.0.1", port }));
    try {
      await socket.#shakeHands(type);
      if (type === "SUB") await socket.send([Uint8Array.of(1)]);
    } catch (error) {
      socket.close();
      throw error;
    }
    return socket;
  }

  /** Sends one message of any number of frames. */
  async send(frames: readonly Uint8Array[]): Promise<void> {
    for (const [i, frame] of frames.entries()) {
      await this.#writer.write(frameHeader(frame.length, i < frames.length - 1));
      await this.#writer.write(frame);
    }
  }

  /**
   * Waits for one message.
   *
   * @throws {Error} The peer closed the connection.
   */
  async receive(): Promise<Uint8Array[]> {
    const frames: Uint8Array[] = [];
    while (true) {
      const { flags, body } = await this.#readFrame();
      if ((flags & COMMAND) !== 0) continue;
      frames.push(body);
      if ((flags & MORE) === 0) return frames;
    }
  }

  /** Closes the connection, also one that the peer has closed. */
  close(): void {
    try {
      this.#connection.close();
    } catch (error) {
      if (!(error instanceof Deno.errors.BadResource)) throw error;
    }
  }

  async #shakeHands(type: string): Promise<void> {
    await this.#writer.write(greeting());
    const reply = await this.#read(64);
    if (reply[0] !== 0xff || reply[9] !== 0x7f || reply[10] < 3) {
      throw new Error("Cannot talk to the kernel: found another protocol, expected ZMTP 3");
    }
    const ready = [5, ...encode("READY"), ...property("Socket-Type", type)];
    await this.#writer.write(Uint8Array.of(COMMAND, ready.length, ...ready));
    await this.#readFrame();
  }

  async #readFrame(): Promise<{ flags: number; body: Uint8Array }> {
    const [flags] = await this.#read(1);
    const isLong = (flags & LONG) !== 0;
    const size = await this.#read(isLong ? 8 : 1);
    const view = new DataView(size.buffer, size.byteOffset, size.length);
    return { flags, body: await this.#read(isLong ? Number(view.getBigUint64(0)) : size[0]) };
  }

  async #read(length: number): Promise<Uint8Array> {
    const parts = [this.#unread];
    let available = this.#unread.length;
    while (available < length) {
      const { value, done } = await this.#reader.read();
      if (done) throw new Error("Cannot read from the kernel: it closed the connection");
      parts.push(value);
      available += value.length;
    }
    const bytes = parts.length === 1 ? parts[0] : concatenate(parts, available);
    this.#unread = bytes.subarray(length);
    return bytes.slice(0, length);
  }
}

const MORE = 1;
const LONG = 2;
const COMMAND = 4;

/** Signature, version 3.0, mechanism NULL. */
function greeting(): Uint8Array {
  const bytes = new Uint8Array(64);
  bytes.set([0xff, 0, 0, 0, 0, 0, 0, 0, 0, 0x7f, 3]);
  bytes.set(encode("NULL"), 12);
  return bytes;
}

function property(name: string, value: string): number[] {
  return [name.length, ...encode(name), 0, 0, 0, value.length, ...encode(value)];
}

function frameHeader(length: number, more: boolean): Uint8Array {
  const flag = more ? MORE : 0;
  if (length < 256) return Uint8Array.of(flag, length);
  const header = new Uint8Array(9);
  header[0] = flag | LONG;
  new DataView(header.buffer).setBigUint64(1, BigInt(length));
  return header;
}

function concatenate(parts: readonly Uint8Array[], length: number): Uint8Array {
  const bytes = new Uint8Array(length);
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}

function encode(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}
