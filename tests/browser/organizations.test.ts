import { expect } from "bun:test";
import { hostname } from "node:os";
import type { Page } from "playwright-core";
import type { ResourceId } from "../../server/contract/ids.ts";
import type { ResourceList } from "../../server/contract/resource.ts";
import type { Share } from "../../server/contract/shares.ts";
import { CANARY, type House, inOrg, MACHINES, must, PEOPLE, type Slug, sharedHouse } from "./house.ts";
import type { Pulse } from "./pulse.ts";
import { connectionSays, fillSignIn, machinesShown, setStage } from "./stage.ts";

const flow = setStage();
const MORE = ["Initrode", "Hooli", "Globex", "Soylent", "Umbrella", "Vandelay", "Wonka"];
const house = sharedHouse({ more: MORE.map((name) => ({ slug: name.toLowerCase(), name })) });

/** The button of the switcher, as the wide shell has it. */
function switcher(page: Page) {
  return page.locator("header:visible").getByRole("button", { name: /^Organization: / });
}

/** Opens the switcher; its lines. */
async function openSwitcher(page: Page) {
  await switcher(page).click();
  const menu = page.getByRole("dialog", { name: "Organizations" });
  await menu.getByRole("option").first().waitFor();
  return menu.getByRole("option");
}

/** Waits for the machines of one organization, and for nothing of the other to be there. */
async function standsIn(page: Page, slug: Slug): Promise<void> {
  const other = slug === "acme" ? "beta" : "acme";
  for (const name of MACHINES[slug]) await page.locator("main").getByText(name).first().waitFor();
  expect(await page.content()).not.toContain(CANARY[other]);
  expect(new URL(page.url()).pathname).toStartWith(`/o/${slug}/`);
}

async function machineOf(at: House, pulse: Pulse, slug: Slug): Promise<{ id: ResourceId; name: string }> {
  const { resources } = await must<ResourceList>(
    inOrg(at.caller("gina", pulse), at.orgs[slug], "resources.list"),
  );
  const found = resources.find(({ name }) => name === MACHINES[slug][0]);
  if (!found) throw new Error(`${slug} has no machines`);
  return found;
}

flow("an organization is created in the page, and one arrives in it as its owner", async (stage) => {
  const pulse = await house().start(stage);
  const tab = await house().open(stage, "ada", pulse, "/");
  const { page } = tab;
  await machinesShown(page);
  const lines = await openSwitcher(page);
  await lines.filter({ hasText: "Create organization…" }).click();
  await page.getByRole("heading", { level: 1, name: "Create an organization" }).waitFor();
  const create = page.getByRole("button", { name: "Create organization" });
  await create.click();
  await page.getByText("Give it a name.").waitFor();

  // The address follows the name, until it is chosen.
  await page.getByLabel("Name").fill("Zöé & Sons GmbH");
  expect(await page.getByLabel("Address").inputValue()).toBe("zoe-sons-gmbh");
  await page.getByLabel("Address").fill("Not An Address");
  await page.getByText("Lower-case letters, digits and single hyphens between them.").waitFor();
  tab.expect(/409/);
  await page.getByLabel("Address").fill("acme");
  await create.click();
  await page.getByText("Another organization has this address.").waitFor();
  expect(await page.evaluate(() => document.activeElement?.id)).toBe(
    String(await page.getByLabel("Address").getAttribute("id")),
  );
  await page.getByLabel("Address").fill("zoe");
  await create.click();

  await page.waitForURL(`${pulse.url}/o/zoe/`);
  await page.getByText("Zöé & Sons GmbH is there.").waitFor();
  await switcher(page).getByText("Zöé & Sons GmbH").waitFor();
  await connectionSays(page, "Live");
  expect(await page.locator("main").innerText()).not.toContain(hostname());
  await page.goto(`${pulse.url}/o/zoe/settings/organization`);
  await page.locator("main dl").getByText("Owner").waitFor();
});

flow("the switcher is a label for who belongs to one organization", async (stage) => {
  const pulse = await house().start(stage);
  const { page } = await house().open(stage, "edith", pulse, "/");
  await standsIn(page, "acme");
  const header = page.locator("header:visible");
  expect((await header.locator("p", { hasText: "Organization:" }).innerText()).trim()).toMatch(/Acme$/);
  expect(await header.locator("button[aria-haspopup], button[aria-expanded]").count()).toBe(1);
});

flow("for many it is a menu that is searched and used by keys, the last used first", async (stage) => {
  const pulse = await house().start(stage);
  const { page } = await house().open(stage, "alice", pulse, "/o/acme/");
  await standsIn(page, "acme");
  await switcher(page).focus();
  await page.keyboard.press("Enter");
  const menu = page.getByRole("dialog", { name: "Organizations" });
  const lines = menu.getByRole("option");
  const field = menu.getByRole("combobox", { name: "Find an organization" });
  await field.waitFor();
  expect(await lines.count()).toBe(MORE.length + 1);
  expect(await lines.first().innerText()).toContain("Acme");
  await page.waitForFunction(() => document.activeElement?.getAttribute("role") === "combobox");

  await page.keyboard.type("umb");
  await lines.filter({ hasText: "Umbrella" }).waitFor();
  expect(await lines.count()).toBe(1);
  await page.keyboard.press("Enter");
  await page.waitForURL(`${pulse.url}/o/umbrella/`);
  await menu.waitFor({ state: "hidden" });
  await page.locator("header:visible").getByText("Umbrella").first().waitFor();

  await switcher(page).press("Enter");
  await lines.first().waitFor();
  expect(await lines.nth(0).innerText()).toContain("Umbrella");
  expect(await lines.nth(1).innerText()).toContain("Acme");
  await page.keyboard.type("nobody is called so");
  await menu.getByText(/None is called/).waitFor();
  await field.fill("");
  await page.keyboard.press("ArrowDown");
  await menu.locator('[role="option"][aria-selected="true"]', { hasText: "Acme" }).waitFor();
  const active = await field.getAttribute("aria-activedescendant");
  expect(active).toBe(await lines.nth(1).getAttribute("id"));
  await page.keyboard.press("End");
  await page.keyboard.press("Home");
  await page.keyboard.press("ArrowUp");
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("Enter");
  await standsIn(page, "acme");

  // Escape goes nowhere, and the focus is where it was.
  await switcher(page).press("Enter");
  await field.waitFor();
  await page.keyboard.press("Escape");
  await menu.waitFor({ state: "hidden" });
  await page.waitForFunction(() =>
    document.activeElement?.getAttribute("aria-label")?.startsWith("Organization: Acme"),
  );
});

flow("two tabs of one browser show two organizations at the same time, live", async (stage) => {
  const at = house();
  const pulse = await at.start(stage);
  await shareThisMachine(at, pulse);
  const visit = await at.visit(stage, "gina", pulse);
  const acme = (await visit.tab(`${pulse.url}/o/acme/`)).page;
  const beta = (await visit.tab(`${pulse.url}/o/beta/`)).page;
  for (let round = 0; round < 2; round += 1) {
    for (const [page, slug] of [
      [acme, "acme"],
      [beta, "beta"],
    ] as const) {
      await standsIn(page, slug);
      await connectionSays(page, "Live");
      // This machine is shown to both, and reports every few seconds.
      await changes(page);
      await standsIn(page, slug);
    }
  }
  expect(await pulse.metric("pulse_live_streams")).toBe(2);
  await acme.close();
  await changes(beta);
});

flow("a reload and a link from elsewhere keep the organization that the address names", async (stage) => {
  const at = house();
  const pulse = await at.start(stage);
  const visit = await at.visit(stage, "gina", pulse);
  const [own, foreign] = [await machineOf(at, pulse, "beta"), await machineOf(at, pulse, "acme")];
  const { page } = await visit.tab(`${pulse.url}/o/acme/`);
  await standsIn(page, "acme");
  const path = `/o/beta/machines/${own.id}?range=6h`;
  await page.goto(pulse.url + path);
  await page.getByRole("heading", { level: 1, name: own.name }).waitFor();
  await page.reload();
  await page.getByRole("heading", { level: 1, name: own.name }).waitFor();
  expect(page.url()).toBe(pulse.url + path);
  // Links of the page stay in it.
  for (const link of await page.locator("header:visible nav a").all())
    expect(await link.getAttribute("href")).toMatch(/^\/o\/beta(?:\/|$)/);

  // What belongs to the other one is not found here.
  visit.expect(/404/);
  await page.goto(`${pulse.url}/o/beta/machines/${foreign.id}`);
  await page
    .getByText(/is not here|does not exist|no machine|gone/i)
    .first()
    .waitFor();
  expect(await page.content()).not.toContain(CANARY.acme);

  // Who has to sign in first comes there all the same.
  const { page: late } = await (await stage.visit()).tab(pulse.url + path);
  await late.getByRole("heading", { name: "Sign in" }).waitFor();
  await fillSignIn(late, PEOPLE.gina.email, PEOPLE.gina.password);
  await late.getByRole("heading", { level: 1, name: own.name }).waitFor();
  expect(late.url()).toBe(pulse.url + path);
});

flow("at the start the browser comes back to the last chosen one, and only there", async (stage) => {
  const at = house();
  const pulse = await at.start(stage);
  const visit = await at.visit(stage, "gina", pulse);
  for (const slug of ["beta", "acme", "beta"] as const) {
    const { page } = await visit.tab(`${pulse.url}/o/${slug}/`);
    await standsIn(page, slug);
    await page.close();
    const { page: start } = await visit.tab(`${pulse.url}/`);
    await start.waitForURL(`${pulse.url}/o/${slug}/`);
    await standsIn(start, slug);
    await start.close();
  }
  // What else asks from this browser, without a name, is answered for the last chosen one too.
  const asked = await visit.context.request.get(`${pulse.url}/api/trpc/orgs.get`);
  expect(await asked.json()).toMatchObject({ result: { data: { org: { slug: "beta" } } } });
  // The address always says more.
  const { page } = await visit.tab(`${pulse.url}/o/acme/settings`);
  await page.getByText("This one").waitFor();
  expect(page.url()).toBe(`${pulse.url}/o/acme/settings`);

  // Whoever belongs to the default one is at home at the start.
  const { page: home } = await at.open(stage, "ada", pulse, "/");
  await machinesShown(home);
  expect(home.url()).toBe(`${pulse.url}/`);
});

flow("who belongs to none is told so, finds the invitation, and comes in by it", async (stage) => {
  const pulse = await house().start(stage);
  const { page } = await house().open(stage, "noah", pulse, "/");
  await page.getByRole("heading", { name: "You do not belong to an organization" }).waitFor();
  const inbox = page.getByRole("region", { name: "Invitations" });
  await inbox.getByText("Acme invites you as an editor").waitFor();
  expect(await page.locator("body").innerText()).toContain(PEOPLE.noah.email);
  expect(await page.content()).not.toContain(CANARY.acme);
  await inbox.getByRole("button", { name: "Accept Acme" }).click();
  await standsIn(page, "acme");
  await page.getByText("You belong to Acme now.").waitFor();
  await page.goto(`${pulse.url}/o/acme/settings/organization`);
  await page.locator("main dl").getByText("Editor").waitFor();
});

flow("an invitation that is declined is gone, and the page says how to get another one", async (stage) => {
  const at = house();
  const pulse = await at.start(stage);
  const { page } = await at.open(stage, "noah", pulse, "/");
  await page.getByRole("button", { name: "Decline Acme" }).click();
  await page.getByText("You have declined Acme.").waitFor();
  await page.getByRole("button", { name: "Decline Acme" }).waitFor({ state: "hidden" });
  expect(await page.locator("body").innerText()).toContain("Ask an admin to invite");
  const { invitations } = await must<{ invitations: unknown[] }>(
    inOrg(at.caller("alice", pulse), at.orgs.acme, "members.invitations"),
  );
  expect(invitations).toEqual([]);
});

/** Ada shows the machine this runs on to both. */
async function shareThisMachine(at: House, pulse: Pulse): Promise<void> {
  const ada = at.caller("ada", pulse);
  const { resources } = await must<ResourceList>(ada.call("resources.list"));
  const resourceId = resources.find(({ name }) => name === hostname())?.id;
  for (const [slug, owner] of [
    ["acme", "alice"],
    ["beta", "gina"],
  ] as const) {
    const { share } = await must<{ share: Share }>(
      ada.call("shares.create", { input: { resourceId, targetOrg: slug, role: "viewer" } }),
    );
    await must(inOrg(at.caller(owner, pulse), at.orgs[slug], "shares.accept", { id: share.id }));
  }
}

/** Waits until what is shown of this machine is other than it was. */
async function changes(page: Page): Promise<void> {
  const shown = () =>
    page
      .locator('main section[aria-label="Machines"] a', { hasText: hostname() })
      .first()
      .evaluate((tile) => tile.textContent ?? "");
  const before = await shown();
  await page.waitForFunction(
    ([name, known]) => {
      const tiles = [...document.querySelectorAll('main section[aria-label="Machines"] a')];
      const tile = tiles.find((each) => each.textContent?.includes(name ?? ""));
      return tile !== undefined && tile.textContent !== known;
    },
    [hostname(), before] as const,
  );
}
