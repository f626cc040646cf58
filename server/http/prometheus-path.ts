/** Where Prometheus's API begins: what Grafana is given as the address, and a slash. */
export const PROMETHEUS_PATH = "/api/prometheus/";
/** A query and its times, as a form. */
export const FORM_BYTES = 64 * 1024;
