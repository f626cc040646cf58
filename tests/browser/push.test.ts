/**
 * Messages to a device. The services of browser makers that bring them cannot be reached from a test: what such a
 * service gives out when a browser agrees is stood in for, with keys that are real, and what it would hand to the
 * browser, opened with those keys, is handed over by the browser's own tools.
 */
import { expect } from "bun:test";
import type { CDPSession, Page, Worker } from "playwright-core";
import type { NotificationMessage, ToldAlert } from "../../server/contract/notifications.ts";
import { makePushKey } from "../../server/notifications/channels/webpush-seal.ts";
import { encode } from "../../server/notifications/channels.ts";
import { PATIENCE_MS, type Visit } from "../support/browser.ts";
import { type Browser, browser } from "../support/receivers/webpush.ts";
import { until } from "../support/until.ts";
import { sharedHouse } from "./house.ts";
import { poorlyReadable, seriousFindings, sideways, tooSmall } from "./judges.ts";
import { machinesShown, setStage } from "./stage.ts";

const flow = setStage({ atOnce: 2, whole: true });
const house = sharedHouse();

interface Device {
  keys: Browser;
  /** As it would come from the server, through the service. */
  receive: (...alerts: ToldAlert[]) => Promise<void>;
  shown: () => Promise<string[]>;
  worker: () => Promise<Worker>;
}

/** Where the browser asks its maker, a service answers that agrees to everything. */
async function agreeing(visit: Visit, origin: string): Promise<Browser> {
  await visit.context.grantPermissions(["notifications"], { origin });
  const keys = await browser();
  await visit.context.addInitScript((given) => {
    const bytes = (text: string) =>
      Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (one) => one.charCodeAt(0));
    const agreed = () => sessionStorage.getItem("agreed") === "yes";
    const subscription = {
      endpoint: "https://push.example.net/push/opaque",
      getKey: (name: "p256dh" | "auth") => bytes(given[name]).buffer,
      unsubscribe: async () => {
        sessionStorage.removeItem("agreed");
        return true;
      },
    } as unknown as PushSubscription;
    PushManager.prototype.subscribe = async (options) => {
      if (!options?.applicationServerKey || !options.userVisibleOnly) throw new Error("not as it has to be");
      sessionStorage.setItem("agreed", "yes");
      return subscription;
    };
    PushManager.prototype.getSubscription = async () => (agreed() ? subscription : null);
  }, keys.subscription);
  return keys;
}

async function deviceOf(visit: Visit, page: Page, keys: Browser, scope: string): Promise<Device> {
  const cdp = await visit.context.newCDPSession(page);
  const registrationId = await registrationOf(cdp, scope);
  const key = await makePushKey();
  let sent = 0;
  const shown = () =>
    page.evaluate(async (from) => {
      const registration = await navigator.serviceWorker.getRegistration(from);
      const notifications = (await registration?.getNotifications()) ?? [];
      return notifications.map(({ title, tag }) => `${tag} ${title}`).sort();
    }, scope);
  /** The browser's tools do not say whether it got there, and at times it does not; twice is as good as once. */
  const handOver = async (data: string) => {
    const { tag, title } = JSON.parse(data) as { tag: string; title: string };
    const isThere = async () => (await shown()).includes(`${tag} ${title}`);
    const deadline = Date.now() + PATIENCE_MS;
    while (!(await isThere()) && Date.now() < deadline) {
      await cdp.send("ServiceWorker.deliverPushMessage", {
        origin: new URL(scope).origin,
        registrationId,
        data,
      });
      await until(isThere, { withinMs: 2_000 }).catch(() => {});
    }
  };
  const worker = async () =>
    visit.context.serviceWorkers().at(-1) ?? (await visit.context.waitForEvent("serviceworker"));
  return {
    keys,
    worker,
    async receive(...alerts) {
      sent += 1;
      const message: NotificationMessage = { id: `n${sent}`, at: Date.now(), alerts, more: 0 };
      const around = { now: Date.now(), pushKey: () => key, publicUrl: undefined };
      const config = { endpoint: "https://push.example.net/push/opaque", ...keys.subscription };
      const outgoing = await encode("webpush", message, config, around);
      if (outgoing.kind !== "http" || typeof outgoing.body === "string") throw new Error("not sealed");
      await handOver(await keys.open(outgoing.body));
    },
    shown,
  };
}

function registrationOf(cdp: CDPSession, scope: string): Promise<string> {
  const found = new Promise<string>((resolve) => {
    cdp.on("ServiceWorker.workerRegistrationUpdated", ({ registrations }) => {
      const ours = registrations.find(({ scopeURL, isDeleted }) => scopeURL === scope && !isDeleted);
      if (ours) resolve(ours.registrationId);
    });
  });
  void cdp.send("ServiceWorker.enable");
  return found;
}

const alertOf = (id: string, name: string, more: Partial<ToldAlert> = {}): ToldAlert => ({
  id,
  event: "fired",
  level: "critical",
  title: `${name} is down`,
  lines: [],
  since: Date.now(),
  ...more,
});

/** What a person does to the newest notification; the browser's tools have no finger for it. */
async function press(worker: Worker, tag: string): Promise<string[]> {
  return worker.evaluate(async (pressed) => {
    const scope = globalThis as unknown as {
      registration: ServiceWorkerRegistration;
      clients: { openWindow: (path: string) => Promise<unknown> };
      NotificationEvent: new (name: string, options: object) => Event;
      dispatchEvent: (event: Event) => void;
    };
    const opened: string[] = [];
    const { promise, resolve } = Promise.withResolvers<void>();
    scope.clients.openWindow = async (path) => {
      opened.push(path);
      resolve();
    };
    const [notification] = await scope.registration.getNotifications({ tag: pressed });
    scope.dispatchEvent(new scope.NotificationEvent("notificationclick", { notification }));
    await Promise.race([promise, new Promise((over) => setTimeout(over, 1_500))]);
    return opened;
  }, tag);
}

flow(
  "a device agrees, is told of an alert in one notification until it is over, and a click leads to it",
  async (stage) => {
    const pulse = await stage.pulse();
    const visit = await stage.visit(pulse);
    const keys = await agreeing(visit, pulse.url);
    const tab = await visit.tab(`${pulse.url}/settings/notifications`);
    // What it is led to is no alert of this server.
    tab.expect(/alerts\.get/);
    const { page } = tab;
    const here = page.getByRole("region", { name: "This device" });
    await here.getByText("It can be told, also when no page is open.").waitFor();
    for (const colorScheme of ["light", "dark"] as const) {
      await page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
      for (const judge of [seriousFindings, poorlyReadable, sideways, tooSmall])
        expect([colorScheme, judge.name, await judge(page)]).toEqual([colorScheme, judge.name, []]);
    }
    await here.getByRole("button", { name: "Tell me on this device" }).press("Enter");
    await here.getByText("It is told, also when no page is open.").waitFor();
    const channels = page.getByRole("list", { name: "Channels" });
    await channels.getByText(/^Web Push · told of everything/).waitFor();
    await channels.getByText(/on Linux, Ada Lovelace$/).waitFor();

    const served = await fetch(`${pulse.url}/service-worker.js`);
    expect([served.headers.get("content-type"), served.headers.get("cache-control")]).toEqual([
      "text/javascript; charset=utf-8",
      "no-cache",
    ]);

    const device = await deviceOf(visit, page, keys, `${pulse.url}/`);
    await device.receive(alertOf("la", "nas"));
    await shows(device, ["la Critical: nas is down"]);
    // What is told of it later takes its place; another alert stands beside it.
    await device.receive(alertOf("la", "nas", { event: "resolved" }));
    await device.receive(alertOf("lb", "attic"), alertOf("lc", "cellar", { level: "warning" }));
    await shows(device, ["la Resolved: nas is down", "n3 2 alerts: 1 critical, 1 warning"]);
    // When one of them is over the other is still told of.
    await device.receive(alertOf("lb", "attic", { event: "resolved" }));
    await shows(device, [
      "la Resolved: nas is down",
      "lb Resolved: attic is down",
      "n3 2 alerts: 1 critical, 1 warning",
    ]);
    // When both are over there is nothing left that it says.
    await device.receive(alertOf("ld", "web"), alertOf("lc", "cellar", { event: "resolved" }));
    await shows(device, [
      "la Resolved: nas is down",
      "lb Resolved: attic is down",
      "n5 2 alerts: 1 critical, 1 resolved",
    ]);

    // Nobody's settings are left for it: a page of its own is opened.
    const worker = await device.worker();
    expect(await press(worker, "la")).toEqual(["/alerts/la"]);
    // A page that only shows what is going on is led there, by its own way.
    await page.getByRole("link", { name: "Overview" }).first().click();
    await machinesShown(page);
    await device.receive(alertOf("le", "nas"));
    await shows(device, [
      "lb Resolved: attic is down",
      "le Critical: nas is down",
      "n5 2 alerts: 1 critical, 1 resolved",
    ]);
    expect(await press(worker, "le")).toEqual([]);
    await page.waitForURL(/\/alerts\/le$/);

    await page.goto(`${pulse.url}/settings/notifications`);
    await here.getByRole("button", { name: "Tell it no more" }).click();
    await page.getByText("No channels yet").waitFor();
    await here.getByRole("button", { name: "Tell me on this device" }).waitFor();
    expect(await page.evaluate(async () => (await navigator.serviceWorker.getRegistrations()).length)).toBe(
      0,
    );
  },
);

flow("a browser that does not get through to its maker says so, and nothing stays", async (stage) => {
  const pulse = await stage.pulse();
  const visit = await stage.visit(pulse);
  await visit.context.grantPermissions(["notifications"], { origin: pulse.url });
  const tab = await visit.tab(`${pulse.url}/settings/notifications`);
  // A profile that is thrown away has no way to its maker at all.
  tab.expect(/Push API in incognito/);
  const { page } = tab;
  await page.getByRole("button", { name: "Tell me on this device" }).click();
  await page.getByText("could not reach the service of its maker").waitFor();
  await page.getByText("No channels yet").waitFor();
  expect(await page.evaluate(async () => (await navigator.serviceWorker.getRegistrations()).length)).toBe(0);
});

flow(
  "each place a person belongs to asks a device for itself, and its messages open there",
  async (stage) => {
    const pulse = await house().start(stage);
    const visit = await house().visit(stage, "gina", pulse);
    const keys = await agreeing(visit, pulse.url);
    const { page } = await visit.tab(`${pulse.url}/o/acme/settings/notifications`);
    await page.getByRole("button", { name: "Tell me on this device" }).click();
    await page.getByText("It is told, also when no page is open.").waitFor();
    const device = await deviceOf(visit, page, keys, `${pulse.url}/o/acme/`);
    await device.receive(alertOf("la", "shop"));
    await shows(device, ["la Critical: shop is down"]);
    expect(await press(await device.worker(), "la")).toEqual(["/o/acme/alerts/la"]);
    // The other one knows nothing of it.
    await page.goto(`${pulse.url}/o/beta/settings/notifications`);
    await page.getByRole("button", { name: "Tell me on this device" }).waitFor();
  },
);

async function shows(device: Device, wanted: string[]): Promise<void> {
  let found: string[] = [];
  const isThere = async () => {
    found = await device.shown();
    return JSON.stringify(found) === JSON.stringify(wanted);
  };
  await until(isThere, { withinMs: PATIENCE_MS }).catch(() => {});
  expect(found).toEqual(wanted);
}
