/** A message as a mail program reads it; what is not exactly as RFC 5322, 2045 and 2047 want it is refused. */
import { demand, type Shown } from "./receiver.ts";

export interface Mail extends Shown {
  headers: Map<string, string>;
  html: string;
}

const HEADERS = [
  "from",
  "to",
  "subject",
  "date",
  "message-id",
  "mime-version",
  "auto-submitted",
  "importance",
  "content-type",
];

export function readMail(text: string): Mail {
  demand(/^[\r\n\t -~]*$/.test(text), "not ASCII");
  demand(!/\r(?!\n)|(?<!\r)\n/.test(text), "a line break that is not CRLF");
  demand(
    text.split("\r\n").every((line) => line.length <= 998),
    "a line is too long",
  );
  const { headers, body } = partOf(text);
  for (const name of headers.keys()) demand(HEADERS.includes(name), `a header nobody meant: ${name}`);
  for (const name of HEADERS.filter((one) => one !== "importance")) demand(headers.has(name), `no ${name}`);
  demand(/^[^<>]*<[^<>\s]+@[^<>\s]+>$/.test(headers.get("from") ?? ""), "no sender");
  demand(/^<[^<>\s@]+@[^<>\s@]+>$/.test(headers.get("message-id") ?? ""), "no id");
  demand(!Number.isNaN(Date.parse(headers.get("date") ?? "")), "no date");
  const [, boundary = ""] =
    /^multipart\/alternative; boundary="([\w-]{10,70})"$/.exec(headers.get("content-type") ?? "") ?? [];
  demand(boundary !== "", "no boundary");
  const [before, plainPart = "", htmlPart = "", after, ...more] = `\r\n${body}`.split(`\r\n--${boundary}`);
  demand(before === "" && after === "--\r\n" && more.length === 0, "not two parts");
  const plain = decoded(plainPart, "text/plain; charset=utf-8");
  const html = decoded(htmlPart, "text/html; charset=utf-8");
  requireOwnTags(html);
  const [link] = /https:\/\/pulse\.example\.org\/\S*$/.exec(plain.trim()) ?? [];
  return { headers, html, title: wordsOf(headers.get("subject") ?? ""), text: plain, ...(link && { link }) };
}

function partOf(text: string): { headers: Map<string, string>; body: string } {
  const end = text.indexOf("\r\n\r\n");
  demand(end > 0, "no body");
  const headers = new Map<string, string>();
  for (const line of text
    .slice(0, end)
    .replaceAll(/\r\n[ \t]/g, "\n")
    .split("\r\n")) {
    const [, name = "", value = ""] = /^([A-Za-z-]+): (.+)$/s.exec(line) ?? [];
    demand(name !== "", `no header: ${line.slice(0, 80)}`);
    demand(!headers.has(name.toLowerCase()), `a header stands there twice: ${name}`);
    headers.set(name.toLowerCase(), value);
  }
  return { headers, body: text.slice(end + 4) };
}

function decoded(part: string, type: string): string {
  const { headers, body } = partOf(part.replace(/^\r\n/, ""));
  demand(headers.get("content-type") === type, "another type");
  demand(headers.get("content-transfer-encoding") === "base64", "another encoding");
  demand(
    body.split("\r\n").every((line) => /^[A-Za-z0-9+/]{0,76}={0,2}$/.test(line)),
    "not base64",
  );
  const bytes = Buffer.from(body, "base64");
  const text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  demand(!/(?<!\r)\n/.test(text), "a bare line break in the text");
  return text.replaceAll("\r\n", "\n");
}

/** Encoded words, each whole in itself; what stands between two of them is not shown. */
function wordsOf(value: string): string {
  if (!value.includes("=?")) {
    demand(!value.includes("\n"), "folded for nothing");
    return value;
  }
  return value
    .split("\n")
    .map((word) => {
      demand(word.length <= 75, "an encoded word is too long");
      const [, base64] = /^=\?utf-8\?B\?([A-Za-z0-9+/]+={0,2})\?=$/.exec(word) ?? [];
      demand(base64 !== undefined, `no encoded word: ${word.slice(0, 80)}`);
      return new TextDecoder("utf-8", { fatal: true }).decode(Buffer.from(base64, "base64"));
    })
    .join("");
}

/** The tags that are ours, and no other; every sign with a meaning elsewhere is an entity. */
function requireOwnTags(html: string): void {
  const tag =
    /^<(?:!doctype html|\/?html|\/?table|\/?tr|\/?td|\/?p|\/?h[12]|\/?body|\/?a)(?: (?:style="[\w\s:;,#.()-]*"|href="[^"<>]*"))*>$/;
  for (const [found] of html.matchAll(/<[^>]*>?/g)) demand(tag.test(found), `a tag nobody meant: ${found}`);
  const inText = html.replaceAll(/<[^>]*>/g, "");
  demand(!/["'<>`]|&(?!#\d+;)/.test(inText), "a sign with a meaning in the text");
}
