/** Everything that leaves goes through `server/lib/egress.ts`: nothing else holds a way out. */
import { describe, expect, test } from "bun:test";
import { join } from "node:path";
import { root } from "./checkout-files.ts";

/** What a module offers that opens no connection and looks up no name. */
const HARMLESS: Record<string, readonly string[]> = {
  "node:http": ["createServer", "STATUS_CODES"],
  "node:https": ["createServer"],
  "node:http2": ["createServer", "createSecureServer"],
  "node:net": ["createServer", "isIP", "isIPv4", "isIPv6", "BlockList", "SocketAddress"],
  "node:tls": ["createServer", "checkServerIdentity", "createSecureContext", "getCACertificates"],
  "node:dns": [],
  "node:dns/promises": [],
  "node:dgram": [],
};

/** Who may open what of its own, and why. */
const MAY: Record<string, string> = {
  "server/lib/egress/": "judges every target",
  "server/cli/operate.ts": "asks the running server through its control socket",
  "server/collectors/containers/": "asks a container engine through a unix socket the operator named",
  "agent/": "reports to the one server it was given",
};

/** The name `fetch` by itself is also that of parameters: there the linter knows which it is (biome.json). */
const GLOBALS =
  /(?<![\w.#])(?:XMLHttpRequest|EventSource|WebSocket)\s*\(|\bBun\s*\.\s*(?:fetch|connect|udpSocket|dns|s3|sql|redis)\b|\bglobalThis\s*(?:\.|\[\s*")\s*fetch\b/;

/** One sentence per way out that a source holds. */
function waysOut(source: string): string[] {
  const code = source.replaceAll(/\/\*[\s\S]*?\*\/|^\s*\/\/.*$/gm, "");
  const found: string[] = [];
  for (const [, clause = "", name = ""] of code.matchAll(
    /^(?:import|export)\s([^;"']*?)\bfrom\s+"([^"]+)"/gm,
  )) {
    const harmless = HARMLESS[name.startsWith("node:") ? name : `node:${name}`];
    if (!harmless || clause.startsWith("type ")) continue;
    const names = /^\{([\s\S]*)\}\s*$/.exec(clause.trim())?.[1]?.split(",") ?? [clause.trim()];
    const values = names
      .map((each) => each.trim())
      .filter((each) => each !== "" && !each.startsWith("type "));
    for (const value of values) {
      const imported = value.split(/\s+as\s+/)[0]!;
      if (!harmless.includes(imported)) found.push(`takes ${imported} of ${name}`);
    }
  }
  for (const [, name = ""] of code.matchAll(/\b(?:import|require)\(\s*"([^"]+)"\s*\)/g)) {
    if (HARMLESS[name.startsWith("node:") ? name : `node:${name}`]) found.push(`loads ${name}`);
  }
  const global = GLOBALS.exec(code)?.[0];
  if (global) found.push(`uses ${global}`);
  return found;
}

test("nothing in the server or the agent leaves but through the one door", async () => {
  const files = await Array.fromAsync(new Bun.Glob("{server,agent,db}/**/*.ts").scan({ cwd: root }));
  const judged = files.filter((file) => !file.endsWith(".test.ts") && !isExempt(file)).sort();
  expect(judged.length).toBeGreaterThan(100);
  const found: string[] = [];
  for (const file of judged) {
    for (const way of waysOut(await Bun.file(join(root, file)).text())) found.push(`${file} ${way}`);
  }
  expect(found).toEqual([]);
});

function isExempt(file: string): boolean {
  return Object.keys(MAY).some((place) => (place.endsWith("/") ? file.startsWith(place) : file === place));
}

describe("the fence has power:", () => {
  const bad = [
    `import { request } from "node:http";`,
    `import { createServer, request as ask } from "node:https";`,
    `import https from "node:https";`,
    `import * as net from "node:net";`,
    `import { connect } from "net";`,
    `import {\n  isIP,\n  Socket,\n} from "node:net";`,
    `import { connect, type TLSSocket } from "node:tls";`,
    `import { lookup } from "node:dns/promises";`,
    `import { createSocket } from "node:dgram";`,
    `export { request } from "node:http";`,
    `const { request } = await import("node:http");`,
    `const http = require("http");`,
    `await globalThis.fetch("http://example.org");`,
    `Bun.connect({ hostname: "example.org", port: 1 });`,
    `const socket = await Bun.udpSocket({});`,
    `new WebSocket("ws://example.org");`,
  ];
  for (const source of bad) test(source, () => expect(waysOut(source)).toHaveLength(1));

  const good = [
    `import { createServer, isIP } from "node:net";\nimport { createServer as tls } from "node:tls";`,
    `import type { Socket } from "node:net";\nimport { BlockList, type Socket } from "node:net";`,
    `import { request } from "../lib/egress.ts";\nawait egress.request({ url });`,
    `serve({ fetch: (request) => app.fetch(request) });`,
    `/** new WebSocket("…") is refused. */\nconst at = new URL("ws://example.org");`,
  ];
  for (const source of good) test(source, () => expect(waysOut(source)).toEqual([]));
});
