import { expect, test } from "bun:test";
import type { z } from "zod";
import { SourceForms } from "../../../../server/contract/source-forms.ts";
import { SOURCE_TYPES, type SourceType } from "../../../../server/contract/sources.ts";
import type { Values } from "../../forms/field.ts";
import { sentFrom, valuesOf } from "../../forms/values.ts";
import { FORMS } from "./forms.ts";

/** What is typed into the fields that must be filled in. */
const TYPED: Record<SourceType, Values> = {
  "proxmox-ve": {
    url: "https://pve.example.org:8006",
    tokenId: "pulse@pve!pulse",
    tokenSecret: "01234567-89ab-cdef-0123-456789abcdef",
  },
  "proxmox-backup": {
    url: "https://pbs.example.org:8007",
    tokenId: "pulse@pbs!pulse",
    tokenSecret: "01234567-89ab-cdef-0123-456789abcdef",
  },
  prometheus: { url: "http://nas.example.org:9100", auth: "basic", user: "pulse", password: "pw" },
  http: {
    url: "https://example.org/health",
    "json.path": "disks[0].free",
    "json.is": "greater",
    "json.value": "5",
    headers: "Accept: application/json",
    secretHeaders: "Authorization: Bearer abc",
  },
  tcp: { host: "example.org", port: "22" },
  ping: { host: "example.org" },
  dns: { name: "example.org", "server.host": "192.0.2.53" },
  tls: { host: "example.org" },
  heartbeat: { periodMs: "24 h" },
};

function keysOf(schema: z.ZodType): string[] {
  return Object.keys((schema as z.ZodObject).shape);
}

function judge(type: SourceType, typed: Values) {
  const { fields } = FORMS[type];
  const sent = sentFrom(fields, { ...valuesOf(fields), ...typed });
  const config = SourceForms[type].config.safeParse(sent.config);
  const secrets = SourceForms[type].secrets.safeParse(sent.secrets);
  return {
    sent,
    config,
    secrets,
    issues: [...(config.error?.issues ?? []), ...(secrets.error?.issues ?? [])],
  };
}

test.each(SOURCE_TYPES)("%s: every setting can be entered, and nothing that is none", (type) => {
  const { fields } = FORMS[type];
  const steps = (isSecret: boolean) =>
    fields
      .filter((field) => (field.input === "secret") === isSecret && !("local" in field && field.local))
      .map(({ key }) => key.split(".")[0] ?? key);
  expect([...new Set(steps(false))].sort()).toEqual(keysOf(SourceForms[type].config).sort());
  expect([...new Set(steps(true))].sort()).toEqual(keysOf(SourceForms[type].secrets).sort());
});

test.each(SOURCE_TYPES)("%s: what the form sends is taken", (type) => {
  expect(judge(type, TYPED[type]).issues).toEqual([]);
});

test.each(SOURCE_TYPES)("%s: what is kept stands in the form as it was entered", (type) => {
  const { fields } = FORMS[type];
  const first = judge(type, TYPED[type]);
  const kept = {
    config: first.config.data as Record<string, unknown>,
    secretsSet: Object.keys(first.sent.secrets),
  };
  const again = sentFrom(fields, valuesOf(fields, kept), kept.secretsSet);
  expect(SourceForms[type].config.parse(again.config)).toEqual(first.config.data as never);
  expect(again.secrets).toEqual({});
});

test.each(SOURCE_TYPES)("%s: the limits a form names are the server's", (type) => {
  for (const field of FORMS[type].fields) {
    const [least, most, step] =
      field.input === "number"
        ? [field.least, field.most, 1 / (field.times ?? 1)]
        : field.input === "span"
          ? [field.leastMs / 1_000, field.mostMs / 1_000, 0.001]
          : [];
    if (least === undefined || most === undefined || step === undefined) continue;
    const isTaken = (value: number) => {
      const { issues } = judge(type, { ...TYPED[type], [field.key]: String(value) });
      return !issues.some(({ path }) => path.join(".") === field.key);
    };
    const edges = [least, most].map(isTaken);
    const beyond = [least - step, most + step].map(isTaken);
    expect({ key: field.key, edges, beyond }).toEqual({
      key: field.key,
      edges: [true, true],
      beyond: [false, false],
    });
  }
});
