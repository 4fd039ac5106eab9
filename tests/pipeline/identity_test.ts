import { assertEquals, assertRejects } from "@std/assert";
import { MemoryDisk } from "@/formats/disk/mod.ts";
import { SthelarError } from "@/core/errors.ts";
import { identifyFiles, identityOfFiles } from "@/pipeline/identity.ts";

const HELLO = "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824";

function disk(): MemoryDisk {
  const result = new MemoryDisk();
  result.files.set("/a/x", new TextEncoder().encode("hello"));
  return result;
}

Deno.test("identifyFiles() hashes content", async () => {
  const files = await identifyFiles(disk(), ["/a/x"], {});
  assertEquals(files["/a/x"], { size: 5, modifiedMs: 0, inode: 0, sha256: HELLO });
});

Deno.test("identifyFiles() does not read a file that looks the same, unless told to", async () => {
  const known = { "/a/x": { size: 5, modifiedMs: 0, inode: 0, sha256: "remembered" } };
  assertEquals((await identifyFiles(disk(), ["/a/x"], known))["/a/x"].sha256, "remembered");
  const again = await identifyFiles(disk(), ["/a/x"], known, { rehash: true });
  assertEquals(again["/a/x"].sha256, HELLO);
});

Deno.test("identifyFiles() says which file is gone", async () => {
  await assertRejects(() => identifyFiles(disk(), ["/a/y"], {}), SthelarError, '"/a/y"');
});

Deno.test("identityOfFiles() depends on names below the root, not on where the root is", () => {
  const identity = { size: 5, modifiedMs: 0, inode: 0, sha256: HELLO };
  const one = identityOfFiles("/a", { "/a/x": identity });
  assertEquals(identityOfFiles("/b/c", { "/b/c/x": identity }), one);
  assertEquals(identityOfFiles("/a", { "/a/y": identity }) === one, false);
});
