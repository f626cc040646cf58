import type { TlsCheck } from "../../contract/sources/checks.ts";
import {
  type Around,
  type CheckResult,
  certificateFacts,
  type Finding,
  failureOf,
  findCertificateProblem,
  resultOf,
  seconds,
  worstOf,
} from "./result.ts";
import { startTls } from "./start-tls.ts";

/** Looks at the certificate of whatever speaks TLS, and sends nothing to it. */
export async function checkTls(config: TlsCheck, around: Around): Promise<CheckResult> {
  const now = around.now();
  try {
    const {
      host,
      port,
      timeoutMs,
      servername,
      startTls: protocolBefore,
      verify,
      certificateWarnDays,
    } = config;
    const { socket, address, timings, certificate, protocol } = await around.egress.connect({
      host,
      port,
      timeoutMs,
      // Judged below: what is wrong with it is the answer.
      tls: { verify: false, ...(servername !== undefined && { servername }) },
      ...(protocolBefore && { beforeTls: (plain) => startTls(protocolBefore, plain) }),
      ...(around.signal && { signal: around.signal }),
    });
    socket.destroy();
    const { dnsMs, connectMs, tlsMs } = timings;
    if (!certificate)
      return resultOf({ status: "down", problem: "The other side presented no certificate." });
    const facts = certificateFacts(certificate, now);
    const untrusted: Finding = { status: "down", problem: certificate.authorizationError ?? "" };
    return resultOf({
      ...worstOf([
        verify && !certificate.authorized ? untrusted : undefined,
        findCertificateProblem(certificate, certificateWarnDays, now),
      ]),
      metrics: {
        latency_seconds: seconds((dnsMs ?? 0) + connectMs + (tlsMs ?? 0)),
        dns_seconds: seconds(dnsMs),
        connect_seconds: seconds(connectMs),
        tls_seconds: seconds(tlsMs),
        ...facts.metrics,
      },
      attributes: { address, tls_protocol: protocol, ...facts.attributes },
    });
  } catch (error) {
    return failureOf(error, now);
  }
}
