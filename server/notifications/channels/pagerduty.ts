/**
 * Events API v2 of PagerDuty. An alert is an incident there as long as it lasts: its id is the
 * `dedup_key`, so what is sent twice is one incident, and what is resolved here is resolved there.
 */
import { z } from "zod";
import { fit } from "../fit.ts";
import { factsOf, saidOf, toneOf } from "../wording.ts";
import { channelForm, JSON_HEADERS } from "./channel-form.ts";

const SUMMARY_LENGTH = 1_024;
const KEY_LENGTH = 255;

const SERVERS = { us: "https://events.pagerduty.com", eu: "https://events.eu.pagerduty.com" } as const;

const PagerDutyConfig = z.strictObject({
  /** Of an integration "Events API v2" of a service. */
  routingKey: z
    .string()
    .trim()
    .regex(/^[A-Za-z0-9]{32}$/, "must have 32 letters and digits"),
  region: z.enum(["us", "eu"]).optional(),
});

export const pagerduty = channelForm<z.infer<typeof PagerDutyConfig>>({
  config: PagerDutyConfig,
  secrets: ["routingKey"],
  goesTo: ({ region }) => region ?? "us",
  oneAlertEach: true,
  encode(message, { routingKey, region = "us" }) {
    const [alert] = message.alerts;
    if (!alert) throw new Error("a message without an alert");
    const tone = toneOf(alert);
    const link = alert.link ?? message.link;
    const event = {
      routing_key: routingKey,
      event_action: tone === "resolved" ? "resolve" : "trigger",
      dedup_key: fit(alert.id, KEY_LENGTH),
    };
    const payload = {
      summary: fit(saidOf(alert), SUMMARY_LENGTH),
      source: alert.machine?.name || alert.resource?.name || "Pulse",
      severity: tone === "critical" || tone === "warning" ? tone : "info",
      timestamp: new Date(alert.since).toISOString(),
      ...(alert.resource && { component: alert.resource.name }),
      custom_details: {
        ...Object.fromEntries(factsOf(alert).map(([label, value]) => [label.toLowerCase(), value])),
        ...(alert.lines.length > 0 && { details: alert.lines.join("\n") }),
      },
    };
    return {
      kind: "http",
      method: "POST",
      url: `${SERVERS[region]}/v2/enqueue`,
      headers: JSON_HEADERS,
      body: JSON.stringify({
        ...event,
        payload,
        client: "Pulse",
        ...(link !== undefined && { client_url: link }),
      }),
    };
  },
  judge({ status }) {
    /* It answers 400 also to a key it does not know. */
    return status === 400
      ? { failure: "authentication", message: "PagerDuty does not take the event: look at the routing key." }
      : undefined;
  },
});
