import type { DownloadLink } from "./download_link.ts";
import type { PartFile, PartSource } from "./part_file.ts";

/** What to do with a response. */
export type BodyPlan =
  /** Read it: it is the file from byte `from` on. */
  | { readonly kind: "body"; readonly from: number; readonly source: PartSource }
  /** Nothing is left to read. */
  | { readonly kind: "whole" }
  /** The part is of another file: start over. */
  | { readonly kind: "again"; readonly source: PartSource }
  /** The server is not well: try later. */
  | { readonly kind: "passing"; readonly reason: string }
  /** The server has no such file, or does not give it. */
  | { readonly kind: "refused"; readonly reason: string };

const PASSING = new Set([408, 425, 429, 500, 502, 503, 504]);

/** Tells what a response is, given the part that is there. */
export function planBody(
  response: Response,
  part: PartFile,
  { url, file }: DownloadLink,
): BodyPlan {
  const { status, headers } = response;
  const source: PartSource = { url, validator: validatorOf(headers), total: totalOf(response) };
  const isPage = headers.get("content-type")?.startsWith("text/html") && !/\.html?$/.test(file);
  if (status < 300 && isPage) return { kind: "refused", reason: "a web page instead of the file" };
  if (status === 200) return { kind: "body", from: 0, source };
  if (status === 206) {
    const range = /^bytes (\d+)-(\d+)\/(\d+|\*)$/.exec(headers.get("content-range") ?? "");
    const known = part.source?.total;
    const isNext = range !== null && Number(range[1]) === part.size && part.size > 0 &&
      (known === undefined || source.total === undefined || known === source.total);
    return isNext
      ? { kind: "body", from: part.size, source }
      : { kind: "again", source: { ...source, validator: undefined } };
  }
  if (status === 416) {
    const isWhole = part.size > 0 && source.total === part.size &&
      (part.source?.total === undefined || part.source.total === part.size);
    return isWhole ? { kind: "whole" } : { kind: "again", source };
  }
  const reason = `the server's answer ${status} ${response.statusText}`.trim();
  return PASSING.has(status) ? { kind: "passing", reason } : { kind: "refused", reason };
}

/** What tells the server whether the file is still the same: a weak ETag does not. */
function validatorOf(headers: Headers): string | undefined {
  const etag = headers.get("etag");
  if (etag !== null && !etag.startsWith("W/")) return etag;
  return headers.get("last-modified") ?? undefined;
}

function totalOf({ status, headers }: Response): number | undefined {
  const text = status === 200
    ? headers.has("content-encoding") ? undefined : headers.get("content-length") ?? undefined
    : /\/(\d+)$/.exec(headers.get("content-range") ?? "")?.[1];
  return text === undefined ? undefined : Number(text);
}
