import { afterAll, describe, expect, test } from "bun:test";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { brotliCompressSync, brotliDecompressSync, constants, gunzipSync } from "node:zlib";
import { Spa } from "./spa.ts";

const folder = mkdtempSync(join(tmpdir(), "pulse-spa-"));
afterAll(() => rmSync(folder, { recursive: true }));
const web = join(folder, "web");
mkdirSync(join(web, "assets"), { recursive: true });
writeFileSync(join(web, "index.html"), "<!doctype html><title>the page</title>");
writeFileSync(join(web, "assets/main-1a2b.js"), "console.log('the script');");
writeFileSync(join(web, "assets/built-3c4d.css"), "p { color: red }");
const beforehand = brotliCompressSync("p { color: red }", {
  params: { [constants.BROTLI_PARAM_QUALITY]: 1 },
});
writeFileSync(join(web, "assets/built-3c4d.css.br"), beforehand);
writeFileSync(join(web, "notes.txt"), "not for anybody");
writeFileSync(join(folder, "secret.js"), "outside");
symlinkSync(join(folder, "secret.js"), join(web, "link.js"));
const spa = new Spa(web);

async function ask(path: string, headers: Record<string, string> = {}) {
  const response = spa.answer(new Request("http://a/", { headers }), path);
  return {
    status: response.status,
    headers: response.headers,
    body: Buffer.from(await response.arrayBuffer()),
  };
}

test("a built file is itself; its name changes with its content, so it is kept for ever", async () => {
  const { status, headers, body } = await ask("/assets/main-1a2b.js");
  expect([status, headers.get("content-type"), String(body)]).toEqual([
    200,
    "text/javascript; charset=utf-8",
    "console.log('the script');",
  ]);
  expect(headers.get("cache-control")).toBe("public, max-age=31536000, immutable");
});

test("any other path is the page, asked for anew every time", async () => {
  for (const path of [
    "/",
    "/index.html",
    "/machines/r1",
    "/no/such/page",
    "/package.json",
    "/notes.txt",
    "/__proto__",
  ]) {
    const { status, headers, body } = await ask(path);
    expect([path, status, String(body)]).toEqual([path, 200, "<!doctype html><title>the page</title>"]);
    expect(headers.get("cache-control")).toBe("no-cache");
  }
});

test("a missing script is missing: it is never answered with the page", async () => {
  for (const path of ["/assets/gone.js", "/gone.css", "/x.svg", "/../secret.js", "/link.js"]) {
    const { status, body } = await ask(path);
    expect([path, status, String(body)]).toEqual([path, 404, "not found\n"]);
  }
});

describe("it is sent", () => {
  test("compressed to whoever takes that, and says so to caches", async () => {
    const brotli = await ask("/", { "accept-encoding": "gzip, br" });
    expect([brotli.headers.get("content-encoding"), brotli.headers.get("vary")]).toEqual([
      "br",
      "accept-encoding",
    ]);
    expect(String(brotliDecompressSync(brotli.body))).toContain("the page");
    const gzip = await ask("/", { "accept-encoding": "gzip" });
    expect(gzip.headers.get("content-encoding")).toBe("gzip");
    expect(String(gunzipSync(gzip.body))).toContain("the page");
    expect((await ask("/")).headers.get("content-encoding")).toBeNull();
  });

  test("as the build has compressed it, where it has; that file is not there under its own name", async () => {
    const { body } = await ask("/assets/built-3c4d.css", { "accept-encoding": "br" });
    expect(body).toEqual(beforehand);
    expect(String((await ask("/assets/built-3c4d.css")).body)).toBe("p { color: red }");
    expect(String((await ask("/assets/built-3c4d.css.br")).body)).toContain("the page");
  });

  test("not at all to whoever has it already", async () => {
    const etag = (await ask("/")).headers.get("etag") ?? "";
    const again = await ask("/", { "if-none-match": etag });
    expect([again.status, again.body.length]).toEqual([304, 0]);
    expect((await ask("/", { "if-none-match": '"other"' })).status).toBe(200);
  });
});

test("a page that was not built is said so at the start", () => {
  expect(() => new Spa(join(folder, "nowhere"))).toThrow("the page is not built");
});
