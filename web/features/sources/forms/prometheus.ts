import type { FormKind, Values } from "../../forms/field.ts";

const signsIn =
  (how: string) =>
  (values: Values): boolean =>
    values["auth"] === how;

export const PROMETHEUS: FormKind = {
  label: "Prometheus exporter",
  words: "Anything with a /metrics page; node_exporter becomes a whole machine.",
  nameFrom: (values) => {
    const url = String(values["url"] ?? "");
    return URL.canParse(url) ? new URL(url).host : "Exporter";
  },
  fields: [
    {
      key: "url",
      label: "Address",
      input: "text",
      example: "http://nas.example.org:9100/metrics",
      help: "Without a path, /metrics is asked.",
    },
    {
      key: "auth",
      label: "Sign in",
      input: "choice",
      standard: "none",
      local: true,
      options: [
        { value: "none", label: "Not needed" },
        { value: "basic", label: "User name and password" },
        { value: "bearer", label: "Bearer token" },
      ],
    },
    { key: "user", label: "User name", input: "text", when: signsIn("basic") },
    {
      key: "password",
      label: "Password",
      input: "secret",
      when: signsIn("basic"),
      help: "Kept encrypted and never shown again.",
    },
    {
      key: "bearer",
      label: "Bearer token",
      input: "secret",
      when: signsIn("bearer"),
      help: "Kept encrypted and never shown again.",
    },
    {
      key: "shown",
      label: "Metrics shown first",
      input: "metrics",
      optional: true,
      example: 'node_load1\nhttp_requests_total{code="500"}',
      help: "One a line, as the page names them. The rest is kept below.",
    },
    {
      key: "onlyShown",
      label: "Keep only these",
      input: "switch",
      standard: false,
      when: (values) => String(values["shown"] ?? "").trim() !== "",
    },
    {
      key: "fingerprint",
      label: "Certificate fingerprint",
      input: "text",
      optional: true,
      further: true,
      help: "SHA-256. Exactly this certificate is trusted, whoever signed it.",
    },
    {
      key: "verify",
      label: "Check its certificate",
      input: "switch",
      standard: true,
      further: true,
      help: "Without it, whoever answers is believed.",
    },
    {
      key: "timeoutMs",
      label: "Wait for an answer at most",
      input: "number",
      least: 1,
      most: 60,
      times: 1_000,
      unit: "seconds",
      optional: true,
      further: true,
    },
    {
      key: "maxSeries",
      label: "Figures kept at most",
      input: "number",
      least: 1,
      most: 10_000,
      optional: true,
      further: true,
    },
  ],
};
