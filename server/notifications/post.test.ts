/** One attempt over a real connection: what a service takes arrives, and what goes wrong is told in our words. */
import { afterAll, describe, expect, test } from "bun:test";
import { createServer, type Socket } from "node:net";
import { issueCertificate } from "../../tests/support/certificates.ts";
import { type Receiver, startReceiver } from "../../tests/support/receivers/receiver.ts";
import { SERVICES } from "../../tests/support/receivers/services.ts";
import { type MailServerOptions, startMailServer } from "../../tests/support/receivers/smtp.ts";
import { until } from "../../tests/support/until.ts";
import { CHANNEL_TYPES, type ChannelType, type NotificationMessage } from "../contract/notifications.ts";
import { Egress } from "../lib/egress.ts";
import { makePushKey } from "./channels/webpush-seal.ts";
import { CHANNELS, encode } from "./channels.ts";
import type { Outgoing } from "./outgoing.ts";
import { post } from "./post.ts";

const SECRET = "what-was-answered-over-there";
const certificate = issueCertificate({ name: "mail.lan", names: ["127.0.0.1"] });
const egress = new Egress({ allow: ["127.0.0.0/8"], reach: "public" }, { authorities: [certificate.cert] });
const stops: (() => void)[] = [];
afterAll(() => {
  for (const stop of stops) stop();
});
const pushKey = await makePushKey();

function messageOf(id = "message-1"): NotificationMessage {
  const alert = { id: "a1", event: "fired", level: "critical", title: "nas is down", since: 1 } as const;
  return { id, at: Date.now(), alerts: [{ ...alert, lines: [] }], more: 0 };
}

const around = () => ({ now: Date.now(), pushKey: () => pushKey, publicUrl: undefined });
const send = (type: ChannelType, outgoing: Outgoing) => post(type, outgoing, { egress, clock: Date.now });

async function outgoingTo(type: Exclude<ChannelType, "email">, receiver: Receiver): Promise<Outgoing> {
  const config = CHANNELS[type].config.parse(SERVICES[type].config(receiver.url)) as Record<string, unknown>;
  const outgoing = await encode(type, messageOf(), config, around());
  if (outgoing.kind !== "http") throw new Error("no request");
  /* Services that are in one place only are played here. */
  return { ...outgoing, url: outgoing.url.replace(new URL(outgoing.url).origin, receiver.url) };
}

function listen(type: Exclude<ChannelType, "email">): Receiver {
  const receiver = startReceiver(SERVICES[type].service());
  stops.push(() => void receiver.stop());
  return receiver;
}

describe("what is sent arrives, and what the service answers counts:", () => {
  for (const type of CHANNEL_TYPES.filter((one) => one !== "email")) {
    test(type, async () => {
      const receiver = listen(type);
      const outcome = await send(type, await outgoingTo(type, receiver));
      expect(receiver.refused).toEqual([]);
      expect(receiver.taken.map(({ title }) => title)).toEqual(["Critical: nas is down"]);
      expect(outcome).toMatchObject({ ok: true });
    });
  }
});

describe("an answer that is none of success says what has to be done:", () => {
  const answers: [answer: () => Response, wanted: object][] = [
    [() => new Response(SECRET, { status: 401 }), { failure: "authentication", status: 401 }],
    [() => new Response(SECRET, { status: 404 }), { failure: "configuration" }],
    [() => new Response(SECRET, { status: 400 }), { failure: "rejected" }],
    [() => new Response(SECRET, { status: 413 }), { failure: "rejected", isUncertain: false }],
    [
      () => new Response(SECRET, { status: 429, headers: { "retry-after": "7" } }),
      { failure: "rate_limited", retryAfterMs: 7_000, isUncertain: false },
    ],
    [
      () => new Response(SECRET, { status: 500 }),
      {
        failure: "connectivity",
        isUncertain: true,
        message: "It answered with an error (500). Look at the service's own log.",
      },
    ],
    [
      () => new Response(SECRET, { status: 503, headers: { "retry-after": "nonsense" } }),
      { failure: "connectivity" },
    ],
    [
      () => new Response(SECRET, { status: 302, headers: { location: `http://127.0.0.1/${SECRET}` } }),
      { failure: "configuration" },
    ],
  ];
  for (const [answer, wanted] of answers) {
    test(`${answer().status}`, async () => {
      const receiver = listen("webhook");
      receiver.instead(answer);
      const outcome = await send("webhook", await outgoingTo("webhook", receiver));
      expect(outcome).toMatchObject({ ok: false, ...wanted });
      expect(JSON.stringify(outcome)).not.toContain(SECRET);
      if (!outcome.ok) expect(outcome.message).toMatch(/^[A-Z].*\.$/);
    });
  }

  const own: [ChannelType, () => Response, object][] = [
    [
      "telegram",
      () => Response.json({ ok: false, parameters: { retry_after: 12 } }, { status: 429 }),
      { failure: "rate_limited", retryAfterMs: 12_000 },
    ],
    ["telegram", () => Response.json({ ok: false }, { status: 404 }), { failure: "authentication" }],
    [
      "discord",
      () => Response.json({ message: SECRET, retry_after: 0.5 }, { status: 429 }),
      { failure: "rate_limited", retryAfterMs: 500 },
    ],
    [
      "matrix",
      () => Response.json({ errcode: "M_LIMIT_EXCEEDED", retry_after_ms: 2_000 }, { status: 429 }),
      { failure: "rate_limited", retryAfterMs: 2_000 },
    ],
    ["webpush", () => new Response(SECRET, { status: 410 }), { failure: "configuration", isFinal: true }],
    ["apprise", () => new Response(null, { status: 204 }), { failure: "configuration" }],
    ["pushover", () => Response.json({ token: "invalid" }, { status: 400 }), { failure: "authentication" }],
    ["pagerduty", () => Response.json({ status: SECRET }, { status: 400 }), { failure: "authentication" }],
  ];
  for (const [type, answer, wanted] of own) {
    test(`${type}, ${answer().status}`, async () => {
      if (type === "email") return;
      const receiver = listen(type);
      receiver.instead(answer);
      const outcome = await send(type, await outgoingTo(type, receiver));
      expect(outcome).toMatchObject({ ok: false, ...wanted });
      expect(JSON.stringify(outcome)).not.toContain(SECRET);
    });
  }
});

describe("what does not answer is given up, what leaves its answer open has answered:", () => {
  const ways: [what: string, act: (socket: Socket) => void, wanted: object][] = [
    ["it resets", (socket) => socket.resetAndDestroy(), { failure: "connectivity", isUncertain: true }],
    ["it hangs up", (socket) => socket.end(), { failure: "connectivity" }],
    [
      "its answer has no end",
      (socket) => {
        socket.write("HTTP/1.1 200 OK\r\n\r\n");
        const more = () => void (socket.writable && socket.write("x".repeat(65_536), more));
        more();
      },
      { ok: true },
    ],
    [
      "its answer does not end",
      (socket) => socket.write("HTTP/1.1 200 OK\r\n\r\nok"),
      { ok: true, status: 200 },
    ],
    [
      "its answer does not end, and is a refusal",
      (socket) => socket.write("HTTP/1.1 401 No\r\ncontent-length: 9\r\n\r\nno"),
      { failure: "authentication", isUncertain: false },
    ],
    ["it does not speak HTTP", (socket) => socket.end("SSH-2.0-OpenSSH_9\r\n"), { failure: "unknown" }],
  ];
  for (const [what, act, wanted] of ways) {
    test(what, async () => {
      const server = createServer((socket) => {
        socket.on("error", () => {});
        socket.once("data", () => act(socket));
      });
      server.listen(0, "127.0.0.1");
      await until(() => server.listening);
      stops.push(() => server.close());
      const { port } = server.address() as { port: number };
      const config = { url: `http://127.0.0.1:${port}/` };
      const outcome = await send("webhook", await encode("webhook", messageOf(), config, around()));
      expect(outcome).toMatchObject(wanted);
      expect(outcome.tookMs).toBeLessThan(8_000);
    });
  }

  test("nobody listens: for certain nothing was sent", async () => {
    const config = { url: "http://127.0.0.1:1/" };
    const outcome = await send("webhook", await encode("webhook", messageOf(), config, around()));
    expect(outcome).toMatchObject({ ok: false, failure: "connectivity", isUncertain: false });
  });

  test("an address that is not to be reached is not, and it is said who can allow it", async () => {
    const strict = new Egress({ allow: [], reach: "public" });
    for (const url of ["http://127.0.0.1/", "http://10.0.0.1/", "http://[::1]/", "http://169.254.169.254/"]) {
      const outgoing = await encode("webhook", messageOf(), { url }, around());
      const outcome = await post("webhook", outgoing, { egress: strict, clock: Date.now });
      expect(outcome).toMatchObject({ ok: false, failure: "configuration", isUncertain: false });
      if (!outcome.ok) expect(outcome.message).toContain("PULSE_OUTBOUND_ALLOW");
    }
  });
});

describe("a mail server takes it:", () => {
  const LOGIN = { user: "pulse", password: "a pass phrase, ä" };
  const mailTo = async (port: number, more: object) => {
    const base = {
      host: "127.0.0.1",
      port,
      from: "pulse@example.org",
      to: ["ada@example.org", "bob@example.org"],
    };
    const config = CHANNELS.email.config.parse({ ...base, ...more }) as Record<string, unknown>;
    return send("email", await encode("email", messageOf(), config, around()));
  };
  const start = async (options: MailServerOptions) => {
    const server = await startMailServer({ certificate, ...options });
    stops.push(server.stop);
    return server;
  };

  const ways: [MailServerOptions, object][] = [
    [{ security: "none" }, { security: "none" }],
    [
      { security: "tls", login: { ...LOGIN, by: "PLAIN" } },
      { security: "tls", ...LOGIN },
    ],
    [
      { security: "starttls", login: { ...LOGIN, by: "LOGIN" } },
      { security: "starttls", ...LOGIN },
    ],
    [{ security: "starttls" }, { security: "starttls" }],
  ];
  for (const [options, config] of ways) {
    test(`${options.security}${options.login ? `, AUTH ${options.login.by}` : ""}`, async () => {
      const server = await start(options);
      const outcome = await mailTo(server.port, config);
      expect(outcome).toMatchObject({ ok: true });
      expect(server.faults).toEqual([]);
      const [mail] = server.taken;
      expect(mail?.title).toBe("Critical: nas is down");
      expect([mail?.from, mail?.to]).toEqual(["pulse@example.org", ["ada@example.org", "bob@example.org"]]);
    });
  }

  const [ADA, BOB] = ["RCPT TO:<ada@example.org>", "RCPT TO:<bob@example.org>"];
  for (const code of [550, 451]) {
    test(`for those it takes it for, and it is said for whom not: ${code}`, async () => {
      const server = await start({ security: "none", instead: { [ADA]: `${code} ${SECRET}` } });
      const outcome = await mailTo(server.port, { security: "none" });
      expect(outcome).toMatchObject({
        ok: true,
        exceptFor: `The mail server took it, but not for ada@example.org (${code}).`,
      });
      expect(JSON.stringify(outcome)).not.toContain(SECRET);
      expect(server.faults).toEqual([]);
      expect(server.taken.map(({ to }) => to)).toEqual([["bob@example.org"]]);
    });
  }

  test("and of those it does not take it for three are named", async () => {
    const to = ["a", "b", "c", "d", "e"].map((name) => `${name}@example.net`);
    const instead = Object.fromEntries(to.map((address) => [`RCPT TO:<${address}>`, `550 ${SECRET}`]));
    const server = await start({ security: "none", instead });
    const outcome = await mailTo(server.port, { security: "none", to: [...to, "ada@example.org"] });
    expect(outcome).toMatchObject({
      exceptFor:
        "The mail server took it, but not for a@example.net (550), b@example.net (550), c@example.net (550) and 2 more.",
    });
  });

  const refusals: [what: string, MailServerOptions, object, object][] = [
    [
      "a wrong password",
      { security: "tls", login: { ...LOGIN, by: "PLAIN" } },
      { security: "tls", ...LOGIN, password: "another" },
      { failure: "authentication" },
    ],
    [
      "no STARTTLS where it is wanted: nothing is sent in the clear",
      { security: "none" },
      { security: "starttls" },
      { failure: "tls" },
    ],
    [
      "a recipient nobody knows",
      { security: "none", instead: { RCPT: `550 ${SECRET}` } },
      { security: "none" },
      { failure: "rejected", isUncertain: false },
    ],
    [
      "all recipients, one of them only for now",
      { security: "none", instead: { [ADA]: `550 ${SECRET}`, [BOB]: `451 ${SECRET}` } },
      { security: "none" },
      {
        failure: "connectivity",
        message: "The mail server does not take the recipient bob@example.org for now (451).",
      },
    ],
    [
      "it hangs up at a recipient",
      { security: "none", instead: { [BOB]: `421 ${SECRET}` } },
      { security: "none" },
      { failure: "connectivity", isUncertain: false },
    ],
    [
      "grey listing",
      { security: "none", instead: { RCPT: `451 ${SECRET}` } },
      { security: "none" },
      { failure: "connectivity" },
    ],
    [
      "a login it wants",
      { security: "none", instead: { MAIL: `530 ${SECRET}` } },
      { security: "none" },
      { failure: "authentication" },
    ],
    [
      "spam, it says",
      { security: "none", instead: { ".": `554 ${SECRET}` } },
      { security: "none" },
      { failure: "rejected" },
    ],
    [
      "no mail server at all",
      { security: "none", instead: { greeting: SECRET } },
      { security: "none" },
      { failure: "unknown" },
    ],
    [
      "no room for now",
      { security: "none", instead: { greeting: `421 ${SECRET}` } },
      { security: "none" },
      { ok: false },
    ],
    [
      "a certificate for another name",
      { security: "tls", certificate: issueCertificate({ name: "other.lan" }) },
      { security: "tls" },
      { failure: "tls" },
    ],
  ];
  for (const [what, options, config, wanted] of refusals) {
    test(`or not: ${what}`, async () => {
      const server = await start(options);
      const outcome = await mailTo(server.port, config);
      expect(outcome).toMatchObject({ ok: false, ...wanted });
      expect(JSON.stringify(outcome)).not.toContain(SECRET);
      expect(server.taken.length).toBe(what === "spam, it says" ? 1 : 0);
    });
  }

  test("a certificate that is pinned is trusted, whoever signed it", async () => {
    const other = issueCertificate({ name: "other.lan" });
    const server = await start({ security: "starttls", certificate: other });
    expect(
      await mailTo(server.port, { security: "starttls", fingerprint: other.fingerprint256 }),
    ).toMatchObject({
      ok: true,
    });
  });
});
