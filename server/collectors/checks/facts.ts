import type { SourceTest } from "../../contract/sources.ts";

type Show = (value: number | string) => string;

const ms: Show = (seconds) => `${Math.round(Number(seconds) * 10_000) / 10} ms`;
const plain: Show = String;
const day: Show = (at) => new Date(Number(at)).toISOString().slice(0, 10);

/** What a person is told of a try, in the order it happened. */
const FACTS: [name: string, label: string, show: Show][] = [
  ["target", "Target", plain],
  ["address", "Address", plain],
  ["dns_seconds", "Name look-up", ms],
  ["connect_seconds", "Connection", ms],
  ["tls_seconds", "TLS", ms],
  ["first_byte_seconds", "First byte", ms],
  ["transfer_seconds", "Transfer", ms],
  ["latency_seconds", "Latency", ms],
  ["http_status", "Status", plain],
  ["dns_answers", "Answers", plain],
  ["packet_loss_percent", "Packet loss", (percent) => `${percent} %`],
  ["tls_protocol", "Protocol", plain],
  ["certificate_subject", "Certificate", plain],
  ["certificate_issuer", "Issued by", plain],
  ["certificate_ends_at", "Ends on", day],
];

export function factsOf(found: Record<string, unknown>): SourceTest["facts"] {
  return FACTS.flatMap(([name, label, show]) => {
    const value = found[name];
    return typeof value === "number" || typeof value === "string" ? [{ label, value: show(value) }] : [];
  });
}
