/** Nothing of one organization follows into another (I10), and what becomes of a page whose organization is gone. */
import { expect } from "bun:test";
import type { Page, Route } from "playwright-core";
import type { Org } from "../../server/contract/orgs.ts";
import type { ResourceList } from "../../server/contract/resource.ts";
import { PATIENCE_MS } from "../support/browser.ts";
import { Recorder } from "../support/recorder.ts";
import { until } from "../support/until.ts";
import { CANARY, type House, inOrg, MACHINES, must, PEOPLE, type Slug, sharedHouse } from "./house.ts";
import { connectionSays, machinesShown, setStage } from "./stage.ts";

const flow = setStage();
const house = sharedHouse();
/** How soon a page notices what was done elsewhere. */
const NOTICED_WITHIN_MS = 10_000;
const SLOW_REQUESTS = 50;

async function standsIn(page: Page, slug: Slug): Promise<void> {
  for (const name of MACHINES[slug]) await page.locator("main").getByText(name).first().waitFor();
  await connectionSays(page, "Live");
}

/** Goes to another organization by the switcher. */
async function switchTo(page: Page, name: string): Promise<void> {
  await page
    .locator("header:visible")
    .getByRole("button", { name: /^Organization: / })
    .click();
  await page.getByRole("dialog", { name: "Organizations" }).getByRole("option", { name }).click();
}

/** All that a page shows and a browser keeps for it. */
function everythingOn(page: Page): Promise<string> {
  return page.evaluate(async () => {
    const request = <T>(asked: IDBRequest<T>) =>
      new Promise<T>((resolve, reject) => {
        asked.onsuccess = () => resolve(asked.result);
        asked.onerror = () => reject(asked.error);
      });
    const kept: unknown[] = [];
    for (const { name = "" } of await indexedDB.databases()) {
      const db = await request(indexedDB.open(name));
      for (const store of db.objectStoreNames)
        kept.push(await request(db.transaction(store).objectStore(store).getAll()));
      db.close();
    }
    for (const name of await caches.keys()) {
      const cache = await caches.open(name);
      for (const asked of await cache.keys()) kept.push(asked.url, await (await cache.match(asked))?.text());
    }
    const fields = [...document.querySelectorAll<HTMLInputElement>("input, textarea, select")];
    return [
      document.documentElement.outerHTML,
      document.title,
      location.href,
      document.cookie,
      JSON.stringify([history.state, { ...localStorage }, { ...sessionStorage }, kept]),
      ...fields.map(({ value }) => value),
    ].join("\n");
  });
}

/** What gives acme away: its own names, its people and the ids of what it watches. */
async function marksOf(at: House, pulse: { url: string }, slug: Slug): Promise<string[]> {
  const { resources } = await must<ResourceList>(
    inOrg(at.caller("gina", pulse), at.orgs[slug], "resources.list"),
  );
  return [CANARY[slug], ...resources.map(({ id }) => id)];
}

function found(text: string, marks: readonly string[]): string[] {
  return marks.flatMap((mark) => {
    const index = text.indexOf(mark);
    return index < 0 ? [] : [text.slice(Math.max(0, index - 80), index + 60)];
  });
}

flow(
  "nothing of acme is left after a switch to beta while 50 slow answers of acme are due",
  async (stage) => {
    const at = house();
    const pulse = await at.start(stage);
    await using recorder = new Recorder(pulse);
    const marks = [...(await marksOf(at, pulse, "acme")), PEOPLE.edith.name, PEOPLE.adam.email];
    const visit = await at.visit(stage, "gina", pulse);
    await visit.context.addInitScript(() => {
      Object.assign(window, { switched: 0 });
      addEventListener("org_switched", () => {
        Object.assign(window, { switched: (window as unknown as { switched: number }).switched + 1 });
      });
    });
    const { page } = await visit.tab(`${recorder.url}/o/acme/`);
    await standsIn(page, "acme");
    const switchesBefore = await page.evaluate(() => (window as unknown as { switched: number }).switched);

    // From now on answers to acme are held back, until they are let go all at once.
    const held: Route[] = [];
    await page.route("**/api/trpc/**", (route) => {
      if (route.request().headers()["x-pulse-org-id"] !== "acme") return route.continue();
      held.push(route);
      return undefined;
    });
    const machines = await page
      .locator('header:visible nav[aria-label="Machines"] a')
      .evaluateAll((links) => links.map((link) => link.getAttribute("href") ?? ""));
    expect(machines.length).toBe(MACHINES.acme.length);
    const panels = ["organization", "access", "sharing", "plan", "tokens", "audit"];
    const round = [...machines, ...panels.map((panel) => `/o/acme/settings/${panel}`)];
    for (let step = 0; held.length < SLOW_REQUESTS; step += 1) {
      expect(step).toBeLessThan(200);
      const path = round[step % round.length] ?? "";
      const query = path.includes("/machines/") ? `?range=${["15m", "1h", "6h", "24h"][step % 4]}` : "";
      await page.evaluate((to) => {
        history.pushState(null, "", to);
        window.dispatchEvent(new PopStateEvent("popstate"));
      }, path + query);
      await page.waitForFunction((to) => location.pathname === to, path);
      // Until the page has drawn and asked.
      await page.evaluate(
        () => new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve))),
      );
    }
    await switchTo(page, "Beta");
    await page.waitForURL(`${recorder.url}/o/beta/`);
    await Promise.all(held.map((route) => route.continue().catch(() => {})));
    await standsIn(page, "beta");

    expect(found(await everythingOn(page), marks)).toEqual([]);
    expect(await page.evaluate(() => (window as unknown as { switched: number }).switched)).toBe(
      switchesBefore + 1,
    );
    // The stream of acme is over, the one of beta is open.
    const streams = () => recorder.exchanges.filter(({ path }) => path.startsWith("/api/trpc/live.events"));
    await until(
      () => streams().every(({ over, requestHeaders: asked }) => over || asked["x-pulse-org-id"] === "beta"),
      {
        withinMs: PATIENCE_MS,
        what: "the stream of acme has ended",
      },
    );
    expect(streams().filter(({ over }) => !over).length).toBe(1);
    await until(async () => (await pulse.metric("pulse_live_streams")) === 1, {
      withinMs: PATIENCE_MS,
      what: "one stream is open",
    });

    // What is asked from now on, also by a worker and also after a while on other pages, does not speak of acme.
    await page.unroute("**/api/trpc/**");
    const from = recorder.exchanges.length;
    for (const link of ["Settings", "Overview"]) {
      await page.locator("header:visible").getByRole("link", { name: link }).click();
      await page.getByRole("heading", { level: 1 }).waitFor();
    }
    await standsIn(page, "beta");
    for (const { path, requestHeaders: sent, requestBody } of recorder.exchanges.slice(from)) {
      const { cookie: _, ...headers } = sent;
      expect(
        found(path + JSON.stringify(headers) + requestBody, [...marks, "acme", at.orgs.acme.id]),
      ).toEqual([]);
    }
    expect(recorder.exchanges.slice(from).length).toBeGreaterThan(0);
    expect(found(await everythingOn(page), marks)).toEqual([]);

    // And back again: acme is whole, and nothing of beta is there.
    const marksOfBeta = await marksOf(at, pulse, "beta");
    await switchTo(page, "Acme");
    await page.waitForURL(`${recorder.url}/o/acme/`);
    await standsIn(page, "acme");
    expect(found(await everythingOn(page), marksOfBeta)).toEqual([]);
    await page.goBack();
    await page.waitForURL(/\/o\/beta\/?$/);
    await standsIn(page, "beta");
    expect(found(await everythingOn(page), marks)).toEqual([]);
  },
);

flow("answers that come after the switch are told to nobody, whatever they hold", async (stage) => {
  const at = house();
  const pulse = await at.start(stage);
  const visit = await at.visit(stage, "gina", pulse);
  const { page } = await visit.tab(`${pulse.url}/o/acme/`);
  await standsIn(page, "acme");
  let release = () => {};
  const released = new Promise<void>((resolve) => {
    release = resolve;
  });
  const held: string[] = [];
  await page.route("**/api/trpc/**", async (route) => {
    if (route.request().headers()["x-pulse-org-id"] !== "acme") return route.continue();
    held.push(route.request().url());
    await released;
    const error = {
      error: { message: "gone", code: -32603, data: { reason: "org_suspended", httpStatus: 403 } },
    };
    await route.fulfill({ status: 403, json: [error, error, error, error, error] }).catch(() => {});
  });
  await page.locator("header:visible").getByRole("link", { name: "Settings" }).click();
  await page.getByRole("link", { name: "Access", exact: true }).click();
  await until(() => held.length > 0, { withinMs: PATIENCE_MS, what: "acme is asked" });
  await switchTo(page, "Beta");
  await page.waitForURL(`${pulse.url}/o/beta/`);
  release();
  await standsIn(page, "beta");
  await page.locator("header:visible").getByRole("link", { name: "Settings" }).click();
  await page.getByText("This one").waitFor();
  expect(await page.locator("body").innerText()).not.toContain("suspended");
  expect(await page.getByRole("alert").count()).toBe(0);
});

flow(
  "an organization that is deleted while its page is open: said in words, and its owner can bring it back",
  async (stage) => {
    const at = house();
    const pulse = await at.start(stage);
    const { page } = await at.open(stage, "gina", pulse, "/o/acme/");
    const { page: owned } = await at.open(stage, "alice", pulse, "/o/acme/");
    await standsIn(page, "acme");
    await standsIn(owned, "acme");
    await must(inOrg(at.caller("alice", pulse), at.orgs.acme, "orgs.delete"));

    await page
      .getByRole("heading", { name: "You have no access here" })
      .waitFor({ timeout: NOTICED_WITHIN_MS });
    await owned
      .getByRole("heading", { name: "This organization is deleted" })
      .waitFor({ timeout: NOTICED_WITHIN_MS });
    for (const each of [page, owned]) expect(await each.content()).not.toContain(CANARY.acme);
    await page
      .getByRole("navigation", { name: "Other organizations" })
      .getByRole("link", { name: /Beta/ })
      .click();
    await standsIn(page, "beta");

    await owned.getByRole("button", { name: "Restore Acme" }).click();
    await standsIn(owned, "acme");
    await page.goBack();
    await standsIn(page, "acme");
  },
);

flow("an organization that is suspended while its page is open, and resumed", async (stage) => {
  const at = house();
  const pulse = await at.start(stage);
  const { page } = await at.open(stage, "gina", pulse, "/o/acme/");
  const { page: only } = await at.open(stage, "edith", pulse, "/o/acme/");
  await standsIn(page, "acme");
  await standsIn(only, "acme");
  const ada = at.caller("ada", pulse);
  await must(ada.call("orgs.suspend", { input: { org: at.orgs.acme.id } }));
  for (const each of [page, only]) {
    await each
      .getByRole("heading", { name: "This organization is suspended" })
      .waitFor({ timeout: NOTICED_WITHIN_MS });
    expect(await each.content()).not.toContain(CANARY.acme);
    expect(await each.locator("body").innerText()).toContain("by whoever operates this server");
  }
  await page.getByRole("link", { name: /Beta/ }).click();
  await standsIn(page, "beta");

  await must(ada.call("orgs.resume", { input: { org: at.orgs.acme.id } }));
  await only.getByRole("button", { name: "Look again" }).click();
  await standsIn(only, "acme");
  await switchTo(page, "Acme");
  await standsIn(page, "acme");
});

flow("who is removed while the page is open loses it within seconds, with somewhere to go", async (stage) => {
  const at = house();
  const pulse = await at.start(stage);
  const { page } = await at.open(stage, "vera", pulse, "/o/acme/");
  const { page: last } = await at.open(stage, "edith", pulse, "/o/acme/settings");
  await standsIn(page, "acme");
  await last.getByText("This one").waitFor();
  await connectionSays(last, "Live");
  const alice = at.caller("alice", pulse);
  const { members } = await must<{ members: { userId: string; email: string }[] }>(
    inOrg(alice, at.orgs.acme, "members.list"),
  );
  for (const { userId, email } of members)
    if (email === PEOPLE.vera.email || email === PEOPLE.edith.email)
      await must(inOrg(alice, at.orgs.acme, "members.remove", { userId }));

  await page
    .getByRole("heading", { name: "You have no access here" })
    .waitFor({ timeout: NOTICED_WITHIN_MS });
  expect(await page.content()).not.toContain(CANARY.acme);
  await page.getByRole("link", { name: /Beta/ }).click();
  await standsIn(page, "beta");
  // Pages about oneself stay; where there is something to watch, it is said that there is nothing any more.
  await last.locator("header:visible").getByRole("link", { name: "Overview" }).click();
  await last.getByRole("heading", { name: "You do not belong to an organization" }).waitFor();
  expect(await last.content()).not.toContain(CANARY.acme);
  await last.getByRole("button", { name: "Sign out" }).waitFor();
});

flow(
  "the kill switch while pages are open: said in words, default never notices, and on again",
  async (stage) => {
    const at = house();
    const pulse = await at.start(stage);
    const { page } = await at.open(stage, "gina", pulse, "/o/acme/");
    const { page: home } = await at.open(stage, "ada", pulse, "/");
    await standsIn(page, "acme");
    await machinesShown(home);
    await home.evaluate(() => Object.assign(window, { sameDocument: true }));
    await pulse.command("multi-tenant", "off");

    await page
      .getByRole("heading", { name: "This feature is not available" })
      .waitFor({ timeout: NOTICED_WITHIN_MS });
    expect(await page.content()).not.toContain(CANARY.acme);
    await page.getByRole("button", { name: "Go on without it" }).waitFor();
    await page.getByRole("button", { name: "Sign out" }).waitFor();
    await connectionSays(home, "Live");
    await machinesShown(home);
    expect(await home.evaluate(() => "sameDocument" in window)).toBe(true);

    await pulse.command("multi-tenant", "on");
    await page.reload();
    await standsIn(page, "acme");
    const { org } = await must<{ org: Org }>(inOrg(at.caller("gina", pulse), at.orgs.acme, "orgs.get"));
    expect(org.state).toBe("active");
  },
);
