import { lazy, Suspense } from "solid-js";
import type { Resource } from "../../../../server/contract/resource.ts";
import { chart, type ResourceForm } from "../form.ts";

const Availability = lazy(async () => ({ default: (await import("../availability.tsx")).Availability }));

export const CHECK: ResourceForm = {
  facts: [
    "target",
    "url",
    ["status_code", "Answer"],
    ["certificate_days_left", "Certificate, days left"],
    ["certificate_ends_at", "Certificate ends"],
    ["certificate_issuer", "Certificate from"],
    ["tls_protocol", "TLS"],
    "address",
    "type",
    "method",
  ],
  charts: (check) => [
    chart(check, "latency", "Latency", [
      ["in all", "latency_seconds"],
      ["least", "latency_min_seconds"],
      ["most", "latency_max_seconds"],
    ]),
    chart(
      check,
      "phases",
      "Of which",
      [
        ["DNS", "dns_seconds"],
        ["connecting", "connect_seconds"],
        ["TLS", "tls_seconds"],
        ["first byte", "first_byte_seconds"],
        ["download", "transfer_seconds"],
      ],
      { room: 5 },
    ),
    chart(check, "loss", "Packets lost", [["lost", "packet_loss_percent"]], { top: 100 }),
    chart(check, "certificate", "Certificate, days left", [["left", "certificate_days_left"]]),
  ],
  still: ["up", "attempts_failed"],
  Above: Past,
};

/** Keeps the room its picture needs. */
function Past(props: { resource: Resource }) {
  return (
    <div class="min-h-[86px]">
      <Suspense>
        <Availability resource={props.resource} />
      </Suspense>
    </div>
  );
}
