import { isIP } from "node:net";
import type { Check } from "../../contract/sources/checks.ts";
import { clip } from "../host/figures.ts";

/** What is checked, for people to read. Neither credentials nor a query, which often holds a key. */
export function targetOf(check: Check): string {
  switch (check.type) {
    case "http": {
      const { origin, pathname, search } = new URL(check.config.url);
      return clip(`${origin}${pathname}${search === "" ? "" : "?…"}`);
    }
    case "ping":
      return clip(check.config.host);
    case "dns":
      return clip(`${check.config.name} ${check.config.record}`);
    case "tcp":
    case "tls":
      return clip(`${bracketed(check.config.host)}:${check.config.port}`);
  }
}

function bracketed(host: string): string {
  return isIP(host) === 6 ? `[${host}]` : host;
}
