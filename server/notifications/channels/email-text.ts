/**
 * A message as RFC 5322 and MIME want it, ASCII throughout: two versions of the same text in base64, whose
 * lines can neither be too long nor begin with a dot, and a subject in encoded words where it needs them
 * (RFC 2047), so that no line break in a name can begin a header.
 */
import { createHash } from "node:crypto";

export interface MailParts {
  /** Addresses that have been judged. */
  from: string;
  to: readonly string[];
  subject: string;
  at: number;
  id: string;
  isUrgent: boolean;
  plain: string;
  html: string;
}

const SUBJECT_LENGTH = 200;
/** An encoded word may have 75 characters; so many bytes of text are in one. */
const WORD_BYTES = 42;
const BASE64_LINE = 76;

export function mailText({ from, to, subject, at, id, isUrgent, plain, html }: MailParts): string {
  const boundary = `pulse-${createHash("sha256").update(`${id}\n${plain}\n${html}`).digest("hex").slice(0, 32)}`;
  const part = (type: string, text: string) => [
    `--${boundary}`,
    `Content-Type: ${type}; charset=utf-8`,
    "Content-Transfer-Encoding: base64",
    "",
    inLines(Buffer.from(text.replaceAll("\n", "\r\n")).toString("base64")),
  ];
  return [
    `From: Pulse <${from}>`,
    ...foldedAddresses("To", to),
    `Subject: ${subjectText(subject)}`,
    `Date: ${new Date(at).toUTCString().replace("GMT", "+0000")}`,
    /* The same over every retry: a mail server that keeps ids shows it once. */
    `Message-ID: <${id}@${from.slice(from.lastIndexOf("@") + 1)}>`,
    "MIME-Version: 1.0",
    "Auto-Submitted: auto-generated",
    ...(isUrgent ? ["Importance: high"] : []),
    `Content-Type: multipart/alternative; boundary="${boundary}"`,
    "",
    ...part("text/plain", plain),
    ...part("text/html", html),
    `--${boundary}--`,
    "",
  ].join("\r\n");
}

/** Lines of a header begin with a space but the first: one address a line. */
function foldedAddresses(name: string, addresses: readonly string[]): string[] {
  return [`${name}: ${addresses.map((address) => `<${address}>`).join(",\r\n ")}`];
}

function subjectText(subject: string): string {
  const characters = [...subject].slice(0, SUBJECT_LENGTH);
  const text = characters.join("").replaceAll(/\p{Cc}/gu, " ");
  if (/^[\x20-\x7e]{0,68}$/.test(text) && !text.includes("=?")) return text;
  const words: string[] = [];
  let word = "";
  for (const character of text) {
    if (Buffer.byteLength(word + character) > WORD_BYTES) {
      words.push(word);
      word = "";
    }
    word += character;
  }
  words.push(word);
  return words.map((one) => `=?utf-8?B?${Buffer.from(one).toString("base64")}?=`).join("\r\n ");
}

function inLines(base64: string): string {
  return base64.match(new RegExp(`.{1,${BASE64_LINE}}`, "g"))?.join("\r\n") ?? "";
}
