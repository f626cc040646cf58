import { afterAll, describe, expect, test } from "bun:test";
import { createServer, type Server, type Socket } from "node:net";
import { createServer as createTlsServer, TLSSocket } from "node:tls";
import { issueCertificate } from "../../../tests/support/certificates.ts";
import { until } from "../../../tests/support/until.ts";
import { TlsCheck } from "../../contract/sources/checks.ts";
import { Egress } from "../../lib/egress.ts";
import { checkTls } from "./tls.ts";

const DAY_MS = 86_400_000;
const authority = { name: "House", issued: issueCertificate({ name: "House", isAuthority: true }) };
const egress = new Egress(
  { allow: ["127.0.0.0/8"], reach: "lan" },
  { resolveName: async () => ["127.0.0.1"], authorities: [authority.issued.cert] },
);
const good = issueCertificate({ name: "nas.lan", issuer: authority });
const servers: Server[] = [];
afterAll(() => {
  for (const server of servers) server.close();
});

async function listen(server: Server): Promise<number> {
  servers.push(server);
  server.listen(0, "127.0.0.1");
  await until(() => server.listening);
  return (server.address() as { port: number }).port;
}

const serve = (options: { cert: string; key: string; maxVersion?: "TLSv1.2" }) =>
  listen(
    createTlsServer(options, (socket) => void socket.on("error", () => {})).on("tlsClientError", () => {}),
  );

const check = (config: Record<string, unknown>) =>
  checkTls(TlsCheck.parse({ host: "nas.lan", timeoutMs: 1_000, ...config }), { egress, now: Date.now });

test("a good certificate is up and described", async () => {
  const result = await check({ port: await serve(good) });
  expect(result).toMatchObject({
    status: "up",
    attributes: { tls_protocol: "TLSv1.3", certificate_subject: "nas.lan", certificate_issuer: "House" },
  });
  expect(result.metrics["certificate_days_left"]).toBeWithin(29, 31);
  const old = await check({ port: await serve({ ...good, maxVersion: "TLSv1.2" }) });
  expect(old.attributes["tls_protocol"]).toBe("TLSv1.2");
});

describe("a certificate that is not good is down, and described all the same:", () => {
  const cases: [promise: string, certificate: typeof good, problem: string][] = [
    [
      "expired",
      issueCertificate({ name: "nas.lan", notAfter: Date.now() - DAY_MS, issuer: authority }),
      "The certificate has expired.",
    ],
    ["self-signed", issueCertificate({ name: "nas.lan" }), "The certificate is self-signed."],
    [
      "for another name",
      issueCertificate({ name: "other.lan", issuer: authority }),
      "The certificate is for another name.",
    ],
  ];
  for (const [promise, certificate, problem] of cases) {
    test(promise, async () => {
      const result = await check({ port: await serve(certificate) });
      expect(result).toMatchObject({ status: "down", problem });
      expect(result.metrics).toHaveProperty("certificate_days_left");
      expect(result.attributes).toHaveProperty("certificate_subject");
    });
  }
  test("unless only the dates count", async () => {
    expect((await check({ port: await serve(cases[1]![1]), verify: false })).status).toBe("up");
    expect((await check({ port: await serve(cases[0]![1]), verify: false })).status).toBe("down");
  });
});

test("near its end is degraded", async () => {
  const soon = issueCertificate({ name: "nas.lan", notAfter: Date.now() + 1.5 * DAY_MS, issuer: authority });
  const result = await check({ port: await serve(soon) });
  expect(result).toMatchObject({ status: "degraded", problem: "The certificate ends in 1 day." });
});

test("another name can be asked for", async () => {
  expect((await check({ host: "127.0.0.1", servername: "nas.lan", port: await serve(good) })).status).toBe(
    "up",
  );
});

describe("where TLS begins later", () => {
  /** Answers each line that matches, then begins TLS after the last. */
  function talk(greeting: string, dialogue: [line: RegExp, answer: string][]) {
    return listen(
      createServer((socket: Socket) => {
        socket.on("error", () => {});
        socket.write(greeting);
        let step = 0;
        const hear = (data: Buffer) => {
          const [line, answer] = dialogue[step] ?? [];
          if (!line?.test(data.toString())) return void socket.destroy();
          socket.write(answer!);
          if (++step < dialogue.length) return;
          socket.off("data", hear);
          new TLSSocket(socket, { isServer: true, cert: good.cert, key: good.key }).on("error", () => {});
        };
        socket.on("data", hear);
      }),
    );
  }

  test("mail servers are asked to begin (SMTP)", async () => {
    const port = await talk("220-mail.lan\r\n220 ready\r\n", [
      [/^EHLO /, "250-mail.lan\r\n250-STARTTLS\r\n250 SIZE 1\r\n"],
      [/^STARTTLS\r\n$/, "220 go ahead\r\n"],
    ]);
    const result = await check({ port, startTls: "smtp" });
    expect([result.problem, result.status]).toEqual([undefined, "up"]);
  });

  test("mailboxes too (IMAP)", async () => {
    const port = await talk("* OK ready\r\n", [[/^p1 STARTTLS\r\n$/, "p1 OK begin\r\n"]]);
    expect(await check({ port, startTls: "imap" })).toMatchObject({ status: "up" });
  });

  test("one that will not is down", async () => {
    const port = await talk("220 ready\r\n", [
      [/^EHLO /, "250 mail.lan\r\n"],
      [/^STARTTLS/, "502 not here\r\n"],
    ]);
    const result = await check({ port, startTls: "smtp" });
    expect(result).toMatchObject({
      status: "down",
      problem: "The other side does not begin TLS (STARTTLS).",
    });
  });
});
