import { MetricRegistry } from "./metrics.ts";

export type EdgeMetrics = ReturnType<typeof edgeMetrics>;

/** The metrics of the edge, under the names the runbook uses. */
export function edgeMetrics() {
  const registry = new MetricRegistry();
  return {
    registry,
    requests: registry.counter(
      "pulse_http_requests_total",
      "Calls answered; inside a batch each counts for itself.",
    ),
    requestErrors: registry.counter("pulse_http_request_errors_total", "Calls answered with 4xx or 5xx."),
    requestDuration: registry.histogram("pulse_http_request_duration_seconds", "Time to answer a call."),
    denied: registry.counter("pulse_access_denied_total", "Calls refused, by reason."),
    orgSpoof: registry.counter(
      "pulse_org_spoof_total",
      "Requests for an org the caller has no membership in.",
    ),
    multiTenant: registry.gauge("pulse_multi_tenant_enabled", "1 while multi-tenancy is on."),
    orgs: registry.gauge("pulse_orgs", "Orgs of this instance, by state."),
    orgSwitchFailures: registry.counter(
      "pulse_org_switch_failures_total",
      "Requests that named an org and were refused it, by reason.",
    ),
    ingestReports: registry.counter(
      "pulse_ingest_reports_total",
      "Reports of agents, by what became of them: stored, duplicate, or the reason they were refused.",
    ),
    ingestCommit: registry.histogram(
      "pulse_ingest_commit_seconds",
      "From the arrival of a delivery to its being on disk.",
    ),
    notifications: registry.counter(
      "pulse_notification_deliveries_total",
      "Attempts to send a message, by kind of channel and by what became of them: sent, failed (tried again), dead.",
    ),
    liveStreams: registry.gauge("pulse_live_streams", "Open live streams."),
    eventLoopStall: registry.gauge(
      "pulse_event_loop_stall_seconds",
      "Longest stall of the edge's event loop in the last minute.",
    ),
    queueDepth: registry.gauge("pulse_shard_queue_depth", "Calls waiting in a shard."),
    unhandled: registry.counter(
      "pulse_unhandled_rejections_total",
      "Rejections nobody handled; each is a defect.",
    ),
  };
}
