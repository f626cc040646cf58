/** What Prometheus and Grafana call our metrics: ours with a prefix, so that they meet no one else's. */
export const PROMETHEUS_PREFIX = "pulse_";
