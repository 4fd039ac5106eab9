import { isSthelarError, SthelarError } from "@/core/errors.ts";
import { type Progress, silentProgress } from "@/core/progress.ts";
import { localDisk } from "@/formats/disk/mod.ts";
import { connectionFault, Passing, sleep, StallGuard } from "./connection.ts";
import type { DownloadLink } from "./download_link.ts";
import { hasChecksum, linkFault } from "./link_fault.ts";
import { PartFile } from "./part_file.ts";
import { type BodyPlan, planBody } from "./plan_body.ts";

/** How to download. */
export interface DownloadOptions {
  /** Told of the bytes that are there. */
  readonly progress?: Progress;
  /** Stops the download; what is there is kept. */
  readonly signal?: AbortSignal;
  /** Told of each new try, and why. */
  readonly onRetry?: (reason: string, waitMs: number) => void;
  /** Tries without a byte of progress before it gives up; 5 unless told. */
  readonly tries?: number;
  /** Wait before the second try, ms; doubled each time. 1000 unless told. */
  readonly firstWaitMs?: number;
  /** A connection that brings nothing for so long is dropped, ms; a minute unless told. */
  readonly stallMs?: number;
}

/** What a download came to. */
export interface DownloadResult {
  /** The file. */
  readonly path: string;
  /** Its size. */
  readonly bytes: number;
  /** Bytes that an earlier run had brought; all of them if the file was there. */
  readonly resumedFrom: number;
  /** Whether a checksum was known and agrees. */
  readonly verified: boolean;
}

const MAX_WAIT_MS = 60_000;

/**
 * Downloads a file, going on where an earlier run stopped. It appears under its name whole and
 * checked, by one rename; until then it is `<target>.part`.
 *
 * @param link Where it is, and its checksum if one is known.
 * @param target Absolute path of the file to be.
 * @throws {SthelarError} `NotFound` if the server has no such file or can't be reached, `CorruptData`
 *   if size or checksum are others, `DiskFailure`, or what `signal` was aborted with.
 */
export async function downloadFile(
  link: DownloadLink,
  target: string,
  options: DownloadOptions = {},
): Promise<DownloadResult> {
  const there = await localDisk.stat(target);
  if (there !== undefined) return await checkedTarget(link, target, there.size, options);
  await localDisk.makeDirectory(target.slice(0, target.lastIndexOf("/")));
  using part = await PartFile.open(target);
  await fill(part, link, options);
  const verified = await verify(part, link, options);
  await part.moveTo(target);
  return { path: target, bytes: part.size, resumedFrom: part.kept, verified };
}

/** Tries until the file is whole; only tries that brought nothing count. */
async function fill(part: PartFile, link: DownloadLink, options: DownloadOptions): Promise<void> {
  const { tries = 5, firstWaitMs = 1000, signal } = options;
  for (let failed = 0;;) {
    signal?.throwIfAborted();
    const before = part.size;
    const fault = await attempt(part, link, options).catch((error) => {
      signal?.throwIfAborted();
      if (error instanceof Passing) return error;
      throw error;
    });
    if (fault === undefined) return;
    failed = part.size > before ? 0 : failed + 1;
    if (failed >= tries) throw gaveUp(link, fault);
    const waitMs = Math.min(firstWaitMs * 2 ** Math.max(0, failed - 1), MAX_WAIT_MS);
    options.onRetry?.(fault.message, waitMs);
    await sleep(waitMs, signal);
  }
}

/** One request; tells why the file is not whole after it. */
async function attempt(
  part: PartFile,
  link: DownloadLink,
  options: DownloadOptions,
): Promise<Passing | undefined> {
  using stall = new StallGuard(options.stallMs ?? 60_000, options.signal);
  const response = await request(part, link, stall.signal);
  const plan = planBody(response, part, link);
  if (plan.kind === "body") return await readBody(response, plan, part, options, stall);
  await response.body?.cancel();
  switch (plan.kind) {
    case "whole":
      return undefined;
    case "again":
      await part.restart(plan.source);
      return new Passing("the file on the server has changed: starting over");
    case "passing":
      return new Passing(plan.reason);
    case "refused":
      throw refused(link, plan.reason);
  }
}

async function request(
  part: PartFile,
  link: DownloadLink,
  signal: AbortSignal,
): Promise<Response> {
  const headers = new Headers({ "accept-encoding": "identity" });
  const { source } = part;
  // Without a validator only a checksum can tell whether the file is still the same.
  const canResume = source?.url === link.url &&
    (source.validator !== undefined || hasChecksum(link));
  if (part.size > 0 && canResume) {
    headers.set("range", `bytes=${part.size}-`);
    if (source.validator !== undefined) headers.set("if-range", source.validator);
  }
  try {
    return await fetch(link.url, { headers, signal });
  } catch (error) {
    throw connectionFault(error, signal);
  }
}

async function readBody(
  response: Response,
  plan: BodyPlan & { kind: "body" },
  part: PartFile,
  { progress = silentProgress }: DownloadOptions,
  stall: StallGuard,
): Promise<Passing | undefined> {
  const { source } = plan;
  if (plan.from === 0) await part.restart(source);
  const total = source.total;
  const reader = response.body?.getReader();
  try {
    for (;;) {
      const { done, value } = await reader?.read() ?? { done: true, value: undefined };
      if (done) break;
      stall.reset();
      if (total !== undefined && part.size + value.length > total) {
        throw new Passing(`more than the ${total} bytes that the server told of`);
      }
      await part.append(value);
      progress.update(part.size, Math.max(total ?? 0, part.size), "bytes");
    }
  } catch (error) {
    await reader?.cancel().catch(() => {
      // The connection is broken already: the error that is thrown says so.
    });
    if (isSthelarError(error) || error instanceof Passing) throw error;
    throw connectionFault(error, stall.signal);
  }
  if (total === undefined || part.size === total) return undefined;
  return new Passing(`the connection ended after ${part.size} of ${total} bytes`);
}

/** Whether a checksum was known; throws if what was downloaded is something else. */
async function verify(
  part: PartFile,
  link: DownloadLink,
  options: DownloadOptions,
): Promise<boolean> {
  const fault = await faultOf(part.path, part.size, link, options);
  if (fault === undefined) return hasChecksum(link);
  await part.discard();
  throw new SthelarError("CorruptData", {
    action: `Cannot use what was downloaded from "${link.url}"`,
    ...fault,
    remedy: "run the same command again; if it fails again, the file behind the link is another",
    path: part.path,
  });
}

/** A file that is there already counts if nothing known of it says otherwise. */
async function checkedTarget(
  link: DownloadLink,
  target: string,
  bytes: number,
  options: DownloadOptions,
): Promise<DownloadResult> {
  const fault = await faultOf(target, bytes, link, options);
  if (fault === undefined) {
    return { path: target, bytes, resumedFrom: bytes, verified: hasChecksum(link) };
  }
  throw new SthelarError("CorruptData", {
    action: `Cannot keep "${target}"`,
    ...fault,
    remedy: "remove or rename it, then run the same command again",
    path: target,
  });
}

function faultOf(
  path: string,
  bytes: number,
  link: DownloadLink,
  { progress = silentProgress, signal }: DownloadOptions,
) {
  return linkFault(path, link, (done) => progress.update(done, bytes, "bytes checked"), signal);
}

function refused({ url, file }: DownloadLink, reason: string): SthelarError {
  return new SthelarError("NotFound", {
    action: `Cannot download "${file}" from "${url}"`,
    found: reason,
    remedy: "check the link on the page that it comes from",
    path: url,
  });
}

function gaveUp({ url, file }: DownloadLink, cause: Error): SthelarError {
  return new SthelarError("NotFound", {
    action: `Cannot download "${file}" from "${url}"`,
    found: cause.message,
    remedy: "check the network, then run the same command: what was downloaded is kept",
    path: url,
    cause,
  });
}
