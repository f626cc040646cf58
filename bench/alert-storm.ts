/**
 * Ten thousand alerts in one organization within a minute, beside ten others in which little happens: what is sent,
 * how soon, what it costs the server, and what the others notice; then the page of the one in Chromium. The same storm
 * goes to Debian's Alertmanager (`apt-get install prometheus-alertmanager`), with its defaults but for the grouping by
 * alert and machine.
 *
 *   bun bench/alert-storm.ts [seconds=60]
 *
 * The storm: 250 machines report once each, spread over the time, 40 failing disks. The others: once in a while a disk
 * fails or is well again. Receivers answer at once.
 */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Enrolled } from "../server/contract/agents.ts";
import type { AlertList } from "../server/contract/alerts.ts";
import type { Org } from "../server/contract/orgs.ts";
import type { ReportedResource } from "../server/contract/report.ts";
import { postEnrol, postReport, reporterOf } from "../tests/support/agents.ts";
import { openBrowser } from "../tests/support/browser.ts";
import { FIRST_EMAIL, must, PASSWORD, signUp, type Visitor } from "../tests/support/calls.ts";
import { type Receiver, startReceiver } from "../tests/support/receivers/receiver.ts";
import { WEBHOOK_SECRET, webhookService } from "../tests/support/receivers/webhook.ts";
import { freePort, startServer, type TestServer } from "../tests/support/server.ts";
import { until } from "../tests/support/until.ts";
import { readProcess } from "./process-reading.ts";
import { printTable, quantile } from "./table.ts";

const SECONDS = Number(process.argv[2] ?? 60);
const MACHINES = 250;
const DISKS = 40;
const OTHERS = 10;
/** Of each of the others: what follows a message within half a minute is told with the next one. */
const OTHERS_EVERY_MS = 40_000;
/** Nobody counts as silent meanwhile. */
const SELDOM = { intervalMs: 600_000 };
/** After the storm: what is grouped is sent by then, here and there. */
const AFTER_MS = 45_000;

interface Member {
  org: Org;
  receiver: Receiver;
  /** Its disk fails, or is well again. */
  turn(): Promise<void>;
}

interface Delays {
  /** From a report to the answer, and to the receiver. */
  reports: number[];
  messages: number[];
}

const round = (value: number) => Math.round(value).toLocaleString("en-US");
const p = (values: number[], share: number) => (values.length === 0 ? "-" : round(quantile(values, share)));

function disks(machine: string, count: number, isFailing: boolean): ReportedResource[] {
  const host = {
    kind: "host",
    key: "host",
    name: machine,
    status: "up",
    attributes: {},
    metrics: {},
  } as const;
  const status = isFailing ? ("degraded" as const) : ("up" as const);
  const parts = Array.from({ length: count }, (_, n) => ({
    ...{ kind: "disk" as const, key: `disk/${n}`, parent: "host", name: `sd${n}`, status },
    ...{ attributes: isFailing ? { problem: "Two sectors cannot be read." } : {}, metrics: {} },
  }));
  return [host, ...parts];
}

/** `Sends` are spread evenly over the time. */
async function spreadOver(ms: number, sends: (() => Promise<unknown>)[]): Promise<void> {
  const startedAt = performance.now();
  const under: Promise<unknown>[] = [];
  for (const [at, send] of sends.entries()) {
    await Bun.sleep(Math.max(0, startedAt + (ms * at) / sends.length - performance.now()));
    under.push(send());
  }
  await Promise.all(under);
}

// Pulse --------------------------------------------------------------------------------------------------------

async function startOrg(
  owner: Visitor,
  slug: string,
): Promise<{ org: Org; receiver: Receiver; token: string }> {
  const { org } = await must(owner.call<{ org: Org }>("orgs.create", { input: { slug, name: slug } }));
  const receiver = startReceiver(webhookService());
  const headers = { "x-pulse-org-id": org.id };
  const config = { url: `${receiver.url}/hook`, secret: WEBHOOK_SECRET };
  const input = { name: "hook", type: "webhook", config };
  await must(owner.call("notifications.createChannel", { input, headers }));
  const universal = { input: { universal: true }, headers };
  const { token } = await must(owner.call<Enrolled>("agents.enroll", universal));
  return { org, receiver, token };
}

async function machineOf(server: TestServer, token: string, name: string): Promise<string> {
  const { data, status, body } = await postEnrol(server, token, { v: 1, name });
  if (status !== 200) throw new Error(body);
  return data.token;
}

/** As an agent does: what is refused for now is sent again. In how many milliseconds it was stored. */
async function report(server: TestServer, token: string, body: unknown): Promise<number> {
  const startedAt = performance.now();
  for (;;) {
    const answer = await postReport(server, token, body);
    if (answer.status === 200) return performance.now() - startedAt;
    if (answer.status !== 429) throw new Error(answer.body);
    await Bun.sleep(Number(answer.headers.get("retry-after") ?? 1) * 1_000);
  }
}

async function startOther(server: TestServer, owner: Visitor, at: number): Promise<Member> {
  const { org, receiver, token } = await startOrg(owner, `other-${at}`);
  const agent = await machineOf(server, token, "nas");
  const next = reporterOf();
  let isFailing = false;
  const turn = async () => {
    isFailing = !isFailing;
    await report(server, agent, next(disks("nas", 1, isFailing), SELDOM));
  };
  return { org, receiver, turn };
}

/** For so long each of them says now and then that a disk fails, or is well again; how late that was answered and heard. */
async function watchOthers(others: Member[], ms: number): Promise<Delays> {
  const delays: Delays = { reports: [], messages: [] };
  const endAt = performance.now() + ms;
  await Promise.all(
    others.map(async ({ receiver, turn }, at) => {
      await Bun.sleep((OTHERS_EVERY_MS / others.length) * at);
      while (performance.now() < endAt) {
        const heard = receiver.taken.length;
        const saidAt = Date.now();
        const startedAt = performance.now();
        await turn();
        delays.reports.push(performance.now() - startedAt);
        await until(() => receiver.taken.length > heard, { withinMs: 60_000, what: "another org hears" });
        delays.messages.push((receiver.taken.at(-1)?.at ?? 0) - saidAt);
        await Bun.sleep(Math.max(0, startedAt + OTHERS_EVERY_MS - performance.now()));
      }
    }),
  );
  return delays;
}

/** All of them, and all is well. */
async function enrol(server: TestServer, token: string): Promise<string[]> {
  const tokens: string[] = [];
  for (let at = 0; at < MACHINES; at++) tokens.push(await machineOf(server, token, `machine-${at}`));
  for (const [at, one] of tokens.entries())
    await report(server, one, reporterOf(`the-start-of-${at}`)(disks(`machine-${at}`, DISKS, false), SELDOM));
  return tokens;
}

async function pulse(): Promise<(string | number)[]> {
  const env = { PULSE_MULTI_TENANT_ENABLED: "true", PULSE_OUTBOUND_ALLOW: "127.0.0.0/8" };
  await using server = await startServer({ env });
  const owner = await signUp(server);
  await must(owner.call("system.licenseInit"));
  const { org, receiver, token } = await startOrg(owner, "storm");
  const others = await Promise.all(Array.from({ length: OTHERS }, (_, at) => startOther(server, owner, at)));
  const tokens = await enrol(server, token);
  const calm = await watchOthers(others, SECONDS * 1_000);

  const before = readProcess(server.pid);
  let most = before.rssMb;
  const look = setInterval(() => {
    most = Math.max(most, readProcess(server.pid).rssMb);
  }, 1_000);
  const answers: number[] = [];
  const beganAt = Date.now();
  const sends = tokens.map((one, at) => async () => {
    const boot = `the-start-of-${at}`;
    const body = { ...reporterOf(boot)(disks(`machine-${at}`, DISKS, true), SELDOM), seq: 1 };
    answers.push(await report(server, one, body));
  });
  const [stormy] = await Promise.all([
    watchOthers(others, SECONDS * 1_000),
    spreadOver(SECONDS * 1_000, sends),
  ]);
  await Bun.sleep(AFTER_MS);
  clearInterval(look);
  const after = readProcess(server.pid);
  const headers = { "x-pulse-org-id": org.id };
  const { alerts } = await must(owner.call<AlertList>("alerts.active", { headers }));
  const first = receiver.taken[0]?.at ?? Number.NaN;
  console.log(receiver.taken.map(({ title, at }) => `${round(at - beganAt)} ms  ${title}`).join("\n"));
  printTable(
    `${OTHERS} other organizations beside it, in milliseconds`,
    ["", "messages", "p50", "p99", "reports answered p50", "p99"],
    [
      [
        "calm",
        calm.messages.length,
        p(calm.messages, 0.5),
        p(calm.messages, 0.99),
        p(calm.reports, 0.5),
        p(calm.reports, 0.99),
      ],
      [
        "storm",
        stormy.messages.length,
        p(stormy.messages, 0.5),
        p(stormy.messages, 0.99),
        p(stormy.reports, 0.5),
        p(stormy.reports, 0.99),
      ],
    ],
  );
  printTable(
    "the storming organization",
    ["alerts", "open", "report answered p50, ms", "p99", "server before, MB", "most", "after", "CPU, s"],
    [
      [
        MACHINES * DISKS,
        alerts.length,
        p(answers, 0.5),
        p(answers, 0.99),
        round(before.rssMb),
        round(most),
        round(after.rssMb),
        (after.cpuSeconds - before.cpuSeconds).toFixed(1),
      ],
    ],
  );
  await page(server, org);
  for (const one of [receiver, ...others.map((other) => other.receiver)]) await one.stop();
  return ["Pulse", receiver.taken.length, round(first - beganAt), round(most), round(most - before.rssMb)];
}

// The page -----------------------------------------------------------------------------------------------------

async function page(server: TestServer, org: Org): Promise<void> {
  const browser = await openBrowser({ whole: true });
  try {
    const context = await browser.newContext({ viewport: { width: 1280, height: 800 } });
    context.setDefaultTimeout(60_000);
    const signIn = { data: { email: FIRST_EMAIL, password: PASSWORD } };
    await context.request.post(`${server.url}/api/trpc/session.signIn`, signIn);
    const tab = await context.newPage();
    const openedAt = performance.now();
    await tab.goto(`${server.url}/o/${org.slug}/alerts`);
    await tab.locator("[data-alert]").first().waitFor();
    const shownMs = performance.now() - openedAt;
    /* The longest time between two frames while somebody scrolls to the end. */
    const scrolled = await tab.evaluate(async () => {
      const area = document.scrollingElement as Element;
      const frames: number[] = [];
      let last = performance.now();
      for (let at = 0; at < 120; at++) {
        area.scrollTop += 400;
        await new Promise(requestAnimationFrame);
        const now = performance.now();
        frames.push(now - last);
        last = now;
      }
      return { longest: Math.max(...frames), rows: document.querySelectorAll("[data-alert]").length };
    });
    await tab.evaluate(() => (document.scrollingElement as Element).scrollTo(0, 0));
    const pressedAt = performance.now();
    await tab.keyboard.press("a");
    await tab.getByRole("heading", { level: 1, name: /4,999 not acknowledged/ }).waitFor();
    const acknowledgedMs = performance.now() - pressedAt;
    const together = tab.getByRole("button", { name: /^Acknowledge all/ }).first();
    const allPressedAt = performance.now();
    await together.press("a");
    await tab.getByRole("heading", { level: 1, name: /4,9[0-8]\d not acknowledged/ }).waitFor();
    const allMs = performance.now() - allPressedAt;
    printTable(
      "its page in Chromium",
      [
        "first alerts shown, ms",
        "rows",
        "longest frame while scrolling, ms",
        "one acknowledged, ms",
        "all of a machine, ms",
      ],
      [[round(shownMs), scrolled.rows, round(scrolled.longest), round(acknowledgedMs), round(allMs)]],
    );
  } finally {
    await browser.close();
  }
}

// Alertmanager -------------------------------------------------------------------------------------------------

const config = (url: string) => `
route:
  group_by: ['alertname', 'instance']
  receiver: hook
receivers:
- name: hook
  webhook_configs:
  - url: ${url}
`;

async function alertmanager(): Promise<(string | number)[]> {
  const folder = mkdtempSync(join(tmpdir(), "pulse-bench-alertmanager-"));
  const heard: number[] = [];
  const hook = Bun.serve({
    hostname: "127.0.0.1",
    port: 0,
    async fetch(request) {
      await request.arrayBuffer();
      heard.push(Date.now());
      return new Response();
    },
  });
  writeFileSync(join(folder, "config.yml"), config(`http://127.0.0.1:${hook.port}/`));
  const address = `127.0.0.1:${await freePort()}`;
  const words = [
    ...[`--config.file=${folder}/config.yml`, `--storage.path=${folder}/data`],
    ...[`--web.listen-address=${address}`, "--cluster.listen-address=", "--log.level=error"],
  ];
  const child = Bun.spawn(["prometheus-alertmanager", ...words], { stdout: "ignore", stderr: "inherit" });
  try {
    const isReady = () =>
      fetch(`http://${address}/-/ready`).then(
        ({ ok }) => ok,
        () => false,
      );
    await until(isReady, { withinMs: 20_000, what: "Alertmanager is ready" });
    const before = readProcess(child.pid).rssMb;
    let most = before;
    const look = setInterval(() => {
      most = Math.max(most, readProcess(child.pid).rssMb);
    }, 1_000);
    const beganAt = Date.now();
    const sends = Array.from({ length: MACHINES }, (_, machine) => async () => {
      const alerts = Array.from({ length: DISKS }, (_, disk) => ({
        labels: {
          alertname: "DiskFailing",
          instance: `machine-${machine}`,
          disk: `sd${disk}`,
          severity: "warning",
        },
        annotations: { summary: `sd${disk}: Two sectors cannot be read` },
      }));
      const { ok, status } = await fetch(`http://${address}/api/v2/alerts`, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify(alerts),
      });
      if (!ok) throw new Error(`Alertmanager answered ${status}`);
    });
    await spreadOver(SECONDS * 1_000, sends);
    await Bun.sleep(AFTER_MS);
    clearInterval(look);
    return [
      "Alertmanager",
      heard.length,
      round((heard[0] ?? Number.NaN) - beganAt),
      round(most),
      round(most - before),
    ];
  } finally {
    child.kill();
    await child.exited;
    await hook.stop(true);
    rmSync(folder, { recursive: true, force: true });
  }
}

const rows = [await pulse(), await alertmanager()];
printTable(
  `${round(MACHINES * DISKS)} alerts of ${MACHINES} machines within ${SECONDS} s, one webhook`,
  ["", "messages", "first after, ms", "memory at most, MB", "of it for the storm"],
  rows,
);
