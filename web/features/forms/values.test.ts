import { expect, test } from "bun:test";
import { FORMS } from "../sources/forms/forms.ts";
import { metricLines, metricsIn } from "./metric-lines.ts";
import { findSpan, spanText } from "./spans.ts";
import { faultsIn, placed, sentFrom, valuesOf } from "./values.ts";

const exporter = FORMS.prometheus.fields;
const web = FORMS.http.fields;

test("a secret that is kept is neither in the form nor sent again", () => {
  const kept = { config: { url: "http://a:1/metrics", user: "u" }, secretsSet: ["password"] };
  const values = valuesOf(exporter, kept);
  expect(values).toMatchObject({ auth: "basic", user: "u", password: "" });
  expect(faultsIn(exporter, values, kept)).toEqual({});
  expect(sentFrom(exporter, values, kept.secretsSet).secrets).toEqual({});
});

test("another way to sign in takes back the secret of the one before", () => {
  const kept = { config: { url: "http://a:1/metrics", user: "u" }, secretsSet: ["password"] };
  const values = { ...valuesOf(exporter, kept), auth: "bearer", bearer: "t" };
  const { config, secrets } = sentFrom(exporter, values, kept.secretsSet);
  expect(secrets).toEqual({ password: "", bearer: "t" });
  expect(config).not.toHaveProperty("user");
});

test("a value of JSON keeps being a number, or the text that looks like one", () => {
  const sent = (typed: string) =>
    sentFrom(web, { ...valuesOf(web), "json.path": "a", "json.value": typed }).config["json"];
  expect(sent("5")).toEqual({ path: "a", is: "equal", value: 5 });
  expect(sent('"5"')).toEqual({ path: "a", is: "equal", value: "5" });
  expect(sent("ready")).toEqual({ path: "a", is: "equal", value: "ready" });
  const back = valuesOf(web, { config: { json: { path: "a", is: "equal", value: "5" } }, secretsSet: [] });
  expect(back["json.value"]).toBe('"5"');
});

test("what is wrong stands under the field it is about, however deep the server says it is", () => {
  const errors = {
    "config.json.path": "A",
    "config.headers.X": "B",
    "secrets.secretHeaders": "C",
    name: "D",
  };
  expect(placed(web, errors)).toEqual({
    under: { "json.path": "A", headers: "B", secretHeaders: "C" },
    rest: ["name"],
  });
});

test("numbers and lengths of time are judged before anything is sent", () => {
  const tcp = FORMS.tcp.fields;
  expect(faultsIn(tcp, { ...valuesOf(tcp), host: "a", port: "x" })).toEqual({
    port: "Must be a number from 1 to 65535.",
  });
  const beat = FORMS.heartbeat.fields;
  expect(faultsIn(beat, { periodMs: "soon", graceMs: "" })).toEqual({
    periodMs: "Must be a length of time: 90 s, 30 min, 24 h or 7 d.",
  });
  expect(faultsIn(beat, { periodMs: "5", graceMs: "" })).toEqual({ periodMs: "Must be from 10 s to 31 d." });
});

test("lengths of time are read as people write them", () => {
  expect(["90", "90s", "1.5 h", "2 days", "5 min", "soon", ""].map(findSpan)).toEqual([
    90_000,
    90_000,
    5_400_000,
    172_800_000,
    300_000,
    undefined,
    undefined,
  ]);
  expect([90_000, 3_600_000, 172_800_000, 0].map(spanText)).toEqual(["90 s", "1 h", "2 d", "0 s"]);
});

test("metrics are read and written as Prometheus writes them", () => {
  const text = 'node_load1\nrequests_total{code="200",path="/a\\"b"}';
  const metrics = metricsIn(`  ${text}\n\n`);
  expect(metrics).toEqual([
    { metric: "node_load1" },
    { metric: "requests_total", labels: { code: "200", path: '/a"b' } },
  ]);
  expect(metricLines(metrics)).toBe(text);
  expect(metricsIn("a{b=c}")).toEqual([{ metric: "a{b=c}" }]);
});
