/**
 * The page: built files, read once and kept in memory, compressed beforehand, the larger ones by the build
 * (`name.br` beside `name`). Any path that is not a file is the page itself, which knows its own routes.
 */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { extname, join } from "node:path";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";

const CONTENT_TYPES: Record<string, string> = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".svg": "image/svg+xml",
  ".png": "image/png",
  ".ico": "image/x-icon",
  ".woff2": "font/woff2",
  ".webmanifest": "application/manifest+json",
};
const COMPRESSED = new Set([".html", ".js", ".css", ".svg", ".webmanifest"]);

interface PageFile {
  type: string;
  plain: Buffer;
  gzip?: Buffer;
  brotli?: Buffer;
  etag: string;
  /** Its name changes with its content. */
  immutable: boolean;
}

export class Spa {
  readonly #folder: string;
  readonly #names: Set<string>;
  readonly #files = new Map<string, PageFile>();

  constructor(folder: string) {
    if (!existsSync(join(folder, "index.html"))) {
      throw new Error("the page is not built; `npm start` builds it and starts Pulse");
    }
    this.#folder = folder;
    this.#names = new Set(
      readdirSync(folder, { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile() && extname(entry.name) in CONTENT_TYPES)
        .map((entry) => join(entry.parentPath, entry.name).slice(folder.length)),
    );
  }

  answer(request: Request, path: string): Response {
    const name = this.#names.has(path) ? path : "/index.html";
    /* A missing script must not be answered with the page. */
    if (name !== path && extname(path) in CONTENT_TYPES) return new Response("not found\n", { status: 404 });
    const file = this.#file(name);
    const headers = new Headers({
      "content-type": file.type,
      "cache-control": file.immutable ? "public, max-age=31536000, immutable" : "no-cache",
      etag: file.etag,
      vary: "accept-encoding",
    });
    if (request.headers.get("if-none-match") === file.etag)
      return new Response(null, { status: 304, headers });
    const accepted = request.headers.get("accept-encoding") ?? "";
    const encoded =
      (accepted.includes("br") && file.brotli) || (accepted.includes("gzip") && file.gzip) || undefined;
    if (encoded) headers.set("content-encoding", encoded === file.brotli ? "br" : "gzip");
    return new Response((encoded ?? file.plain) as Uint8Array<ArrayBuffer>, { headers });
  }

  #file(name: string): PageFile {
    let file = this.#files.get(name);
    if (!file) {
      const plain = readFileSync(join(this.#folder, name));
      const extension = extname(name);
      const beside = join(this.#folder, `${name}.br`);
      file = {
        type: CONTENT_TYPES[extension] as string,
        plain,
        etag: `"${Bun.hash(plain).toString(36)}"`,
        immutable: name.startsWith("/assets/"),
        ...(COMPRESSED.has(extension) && {
          gzip: gzipSync(plain),
          brotli: existsSync(beside) ? readFileSync(beside) : compressQuickly(plain),
        }),
      };
      this.#files.set(name, file);
    }
    return file;
  }
}

/** Nearly as small as the build has time for, in a tenth of it. */
function compressQuickly(plain: Buffer): Buffer {
  return brotliCompressSync(plain, { params: { [constants.BROTLI_PARAM_QUALITY]: 9 } });
}
