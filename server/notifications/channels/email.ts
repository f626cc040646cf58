/** E-mail, by the SMTP server of one's own choice: text, and the same as HTML. */
import { z } from "zod";
import { Fingerprint } from "../../contract/sources/fingerprint.ts";
import { fitLines } from "../fit.ts";
import { factsOf, saidOf, type Tone, toneOf, wordingOf } from "../wording.ts";
import { channelForm, passPhrase } from "./channel-form.ts";
import { mailText } from "./email-text.ts";

const RECIPIENTS = 50;
const TEXT_LENGTH = 60_000;

/** One address and nothing else: no name, no comment, no second one. */
const address = z
  .string()
  .trim()
  .max(254, "is too long")
  .regex(
    /^[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9](?:[A-Za-z0-9-]{0,62})(?:\.[A-Za-z0-9](?:[A-Za-z0-9-]{0,62}))*$/,
    "must be an e-mail address",
  );

const EmailConfig = z
  .strictObject({
    host: z
      .string()
      .trim()
      .min(1, "must not be empty")
      .max(253, "is too long")
      .regex(/^[\w.:[\]-]+$/, "must be the name or the address of a machine"),
    port: z.int().min(1).max(65_535),
    /** `tls`: from the first byte (usually 465). `starttls`: asked for, and required (usually 587). */
    security: z.enum(["tls", "starttls", "none"]),
    user: z
      .string()
      .trim()
      .min(1, "must not be empty")
      .max(300, "is too long")
      .regex(/^[^\p{Cc}]+$/u, "has characters that cannot be sent")
      .optional(),
    password: passPhrase.optional(),
    from: address,
    to: z.array(address).min(1, "must not be empty").max(RECIPIENTS, `must be at most ${RECIPIENTS}`),
    /** SHA-256 of the certificate that is trusted, whoever signed it. */
    fingerprint: Fingerprint.optional(),
    /** False: whoever answers is trusted. */
    verify: z.boolean().optional(),
  })
  .refine(({ user, password }) => (user === undefined) === (password === undefined), {
    path: ["password"],
    message: "belongs to a user: enter both",
  })
  .refine(({ security, password }) => security !== "none" || password === undefined, {
    path: ["security"],
    message: "must be on where there is a password: it would be sent in the clear",
  });

export const email = channelForm<z.infer<typeof EmailConfig>>({
  config: EmailConfig,
  secrets: ["password"],
  goesTo: ({ host, port, security, verify, fingerprint }) =>
    JSON.stringify([host, port, security, verify ?? true, fingerprint ?? null]),
  encode(message, { host, port, security, user, password, from, to, fingerprint, verify }, { now }) {
    const wording = wordingOf(message);
    const { headline, lines, link } = wording;
    const below = fitLines(lines, TEXT_LENGTH);
    const last = link !== undefined ? `\n\n${link}` : "";
    return {
      kind: "mail",
      server: {
        host,
        port,
        security,
        tls: {
          ...(fingerprint !== undefined && { fingerprint256: fingerprint }),
          ...(verify === false && { verify: false }),
        },
      },
      ...(user !== undefined && password !== undefined && { login: { user, password } }),
      from,
      to,
      text: mailText({
        from,
        to,
        subject: headline,
        at: now,
        id: message.id,
        isUrgent: wording.tone === "critical",
        plain: `${headline}\n\n${below}${last}\n`,
        html: htmlOf(message, wording),
      }),
    };
  },
});

const COLORS: Record<Tone, string> = {
  critical: "#b42318",
  warning: "#9a6700",
  resolved: "#1a7f45",
  test: "#2f5bc0",
};

function htmlOf(
  { alerts, more }: Parameters<typeof wordingOf>[0],
  { tone, headline, link }: ReturnType<typeof wordingOf>,
): string {
  const rows = alerts.map((alert) => {
    const facts = factsOf(alert).map(
      ([label, value]) =>
        `<tr><td style="color:#667085;padding:0 12px 0 0">${inHtml(label)}</td><td>${inHtml(value)}</td></tr>`,
    );
    const lines = alert.lines.map((line) => `<p style="margin:4px 0">${inHtml(line)}</p>`);
    return [
      `<h2 style="font-size:15px;margin:16px 0 4px;color:${COLORS[toneOf(alert)]}">${inHtml(saidOf(alert))}</h2>`,
      ...lines,
      `<table style="border-collapse:collapse;font-size:14px">${facts.join("")}</table>`,
    ].join("\n");
  });
  const title =
    alerts.length > 1 || more > 0
      ? `<h1 style="font-size:17px;color:${COLORS[tone]}">${inHtml(headline)}</h1>`
      : "";
  const beyond = more > 0 ? `<p>And ${more} more.</p>` : "";
  const open =
    link !== undefined ? `<p style="margin:20px 0"><a href="${inHtml(link)}">Open in Pulse</a></p>` : "";
  const body = [title, ...rows, beyond, open].filter(Boolean).join("\n");
  return `<!doctype html><html><body style="font-family:system-ui,sans-serif;font-size:14px;color:#101828">\n${body}\n</body></html>\n`;
}

function inHtml(text: string): string {
  return text.replaceAll(/[&<>"'`]/g, (sign) => `&#${sign.charCodeAt(0)};`);
}
