/** What the server does to one request. */
export interface Answer {
  /** Status instead of the right one. */
  readonly status?: number;
  /** Ends the connection after so many bytes of the body. */
  readonly cutAt?: number;
  /** Serves the whole file whatever range is asked for. */
  readonly ignoreRange?: boolean;
  /** Sends bytes of another place than asked for. */
  readonly wrongRange?: boolean;
  /** Sends somewhere else first. */
  readonly redirect?: boolean;
  /** Sends a web page. */
  readonly page?: boolean;
  /** Never ends the body after so many bytes. */
  readonly hangAt?: number;
}

/** A file on a server of this machine. */
export interface ServedFile {
  content: Uint8Array<ArrayBuffer>;
  /** `undefined` for a server that gives no ETag and no date. */
  etag: string | undefined;
}

/** A server of one file, and what it was asked. */
export interface FileServer extends AsyncDisposable {
  readonly url: string;
  /** The `range` header of each request. */
  readonly ranges: (string | null)[];
}

/** Serves a file on 127.0.0.1; the n-th request gets the n-th answer, later ones the last. */
export function serveFile(file: ServedFile, answers: readonly Answer[] = [{}]): FileServer {
  const ranges: (string | null)[] = [];
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, (request) => {
    const { pathname } = new URL(request.url);
    if (pathname === "/moved") return respond(request, file, {});
    ranges.push(request.headers.get("range"));
    return respond(request, file, answers[Math.min(ranges.length, answers.length) - 1]);
  });
  return {
    url: `http://127.0.0.1:${server.addr.port}/heart_outs.bin`,
    ranges,
    [Symbol.asyncDispose]: () => server.shutdown(),
  };
}

function respond(request: Request, { content, etag }: ServedFile, answer: Answer): Response {
  if (answer.redirect) return new Response(null, { status: 302, headers: { location: "/moved" } });
  if (answer.page) return new Response("<p>log in", { headers: { "content-type": "text/html" } });
  if (answer.status !== undefined) return new Response("no", { status: answer.status });
  const asked = /^bytes=(\d+)-$/.exec(request.headers.get("range") ?? "");
  const condition = request.headers.get("if-range");
  const isRange = asked !== null && !answer.ignoreRange &&
    (condition === null || condition === etag);
  const from = isRange ? Number(asked[1]) : 0;
  const headers = new Headers(etag === undefined ? {} : { etag });
  if (isRange && from >= content.length) {
    headers.set("content-range", `bytes */${content.length}`);
    return new Response(null, { status: 416, headers });
  }
  const start = answer.wrongRange ? 0 : from;
  const body = content.subarray(start);
  headers.set("content-length", `${body.length}`);
  if (isRange) {
    headers.set("content-range", `bytes ${start}-${content.length - 1}/${content.length}`);
  }
  return new Response(bodyOf(body, answer), { status: isRange ? 206 : 200, headers });
}

function bodyOf(body: Uint8Array<ArrayBuffer>, { cutAt, hangAt }: Answer): BodyInit {
  const stop = cutAt ?? hangAt;
  if (stop === undefined) return body;
  let isSent = false;
  return new ReadableStream({
    async pull(controller) {
      if (!isSent) {
        isSent = true;
        controller.enqueue(body.slice(0, stop));
        return;
      }
      await new Promise((resolve) => setTimeout(resolve, 20));
      if (cutAt !== undefined) controller.close();
    },
  });
}
