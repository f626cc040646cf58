import type { CheckType, Source, SourceType } from "../../../server/contract/sources.ts";
import { api } from "../../api/client.ts";
import { createRenewed } from "../../api/renewed.ts";
import { FORMS } from "./forms/forms.ts";

const LOOK_EVERY_MS = 10_000;
/** Made of what they look at, and shown among the checks. */
const CHECKS: Record<CheckType, true> = {
  http: true,
  tcp: true,
  ping: true,
  dns: true,
  tls: true,
  heartbeat: true,
};

/** Those that are asked, and how it goes; for as long as the page lives. */
export function createSourceList() {
  return createRenewed(() => api.sources.list.query(), LOOK_EVERY_MS);
}

export function isCheckType(type: SourceType): type is CheckType {
  return type in CHECKS;
}

/** The types of one page, in the order they are offered. */
export function typesFor(page: "sources" | "checks"): SourceType[] {
  return (Object.keys(FORMS) as SourceType[]).filter((type) => isCheckType(type) === (page === "checks"));
}

/** Where it looks, as one line. */
export function targetOf({ config }: Pick<Source, "config">): string {
  const { url, host, port, name, record } = config;
  if (typeof url === "string") return url;
  if (typeof host === "string") return port === undefined ? host : `${host}:${port}`;
  return [name, record].filter((part) => typeof part === "string").join(" ");
}
