import type { FormKind, Values } from "../../forms/field.ts";
import { SERVER } from "./server.ts";

const USUAL_PORTS: Record<string, string> = { tls: "465", starttls: "587", none: "25" };

export const EMAIL: FormKind = {
  label: "E-mail",
  words: "By a mail server of your choice, to one address or several.",
  /** The port goes along, unless it is one of their own. */
  follow(key, { security, port }): Values {
    const isUsual = Object.values(USUAL_PORTS).includes(String(port).trim());
    const usual = USUAL_PORTS[String(security)];
    const moved: Values = {};
    if (key === "security" && usual !== undefined && isUsual) moved["port"] = usual;
    return moved;
  },
  fields: [
    { key: "host", label: "Mail server", input: "text", example: "smtp.example.org" },
    {
      key: "security",
      label: "Security",
      input: "choice",
      standard: "tls",
      options: [
        { value: "tls", label: "TLS from the first byte (port 465)" },
        { value: "starttls", label: "STARTTLS, required (port 587)" },
        { value: "none", label: "None: anybody on the way can read it" },
      ],
    },
    { key: "port", label: "Port", input: "number", least: 1, most: 65_535, standard: 465 },
    {
      key: "user",
      label: "User",
      input: "text",
      optional: true,
      help: "Where the server wants a login.",
    },
    {
      key: "password",
      label: "Password",
      input: "secret",
      optional: true,
      help: "Gmail, Outlook and others want one that was made for one app. Never sent without TLS.",
    },
    {
      key: "from",
      label: "From",
      input: "text",
      example: "pulse@example.org",
      help: "An address the server lets you send from.",
    },
    { key: "to", label: "To", input: "lines", example: "ada@example.org", help: "One address a line." },
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
      help: "Without it any certificate will do, also an expired one.",
    },
  ],
};

export const WEBHOOK: FormKind = {
  label: "Webhook",
  words: "JSON or a text of your own, posted to any address.",
  nameFrom: ({ url }) => (URL.canParse(String(url)) ? new URL(String(url)).host : ""),
  fields: [
    { key: "url", label: "Address", input: "text", example: "https://example.org/hook" },
    {
      key: "secret",
      label: "Secret",
      input: "secret",
      optional: true,
      help: "Signs what is sent, so that the receiver can tell that it is from here.",
    },
    {
      key: "headers",
      label: "Headers",
      input: "secret",
      of: "header",
      lines: true,
      optional: true,
      further: true,
      help: "One “Name: value” a line, at most 20. Never shown again.",
    },
    {
      key: "template",
      label: "Body",
      input: "area",
      optional: true,
      further: true,
      example: '{"text": "{{title}}"}',
      help: "With places such as {{title}}, {{text}}, {{level}}, {{machine}}, {{link}}. Left empty, JSON that says everything.",
    },
    {
      key: "format",
      label: "The body is",
      input: "choice",
      standard: "json",
      further: true,
      options: [
        { value: "json", label: "JSON" },
        { value: "text", label: "text" },
        { value: "form", label: "a form" },
      ],
      when: ({ template }) => String(template ?? "").trim() !== "",
    },
  ],
};

export const PAGERDUTY: FormKind = {
  label: "PagerDuty",
  words: "Each alert is an incident there, closed when it is over.",
  fields: [
    {
      key: "routingKey",
      label: "Routing key",
      input: "secret",
      help: "In PagerDuty: Service → Integrations → Events API v2.",
    },
    {
      key: "region",
      label: "Region",
      input: "choice",
      standard: "us",
      options: [
        { value: "us", label: "United States" },
        { value: "eu", label: "Europe" },
      ],
    },
  ],
};

export const APPRISE: FormKind = {
  label: "Apprise",
  words: "For everything else: an Apprise API server, which knows a hundred services.",
  fields: [
    { ...SERVER, example: "https://apprise.example.org" },
    {
      key: "key",
      label: "Key",
      input: "text",
      optional: true,
      help: "Under which addresses are kept on that server. Or enter addresses below.",
    },
    {
      key: "urls",
      label: "Addresses",
      input: "secret",
      lines: true,
      optional: true,
      help: "Of Apprise, one a line: mailto://…, signal://…. Never shown again.",
    },
    {
      key: "tags",
      label: "Tags",
      input: "text",
      optional: true,
      further: true,
      help: "Which of what is kept under the key; left empty, all.",
    },
    {
      key: "user",
      label: "User",
      input: "text",
      optional: true,
      further: true,
      help: "Where a proxy before the server wants a login.",
    },
    { key: "password", label: "Password", input: "secret", optional: true, further: true },
  ],
};
