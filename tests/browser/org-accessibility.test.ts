/** The pages of organizations and of operators, for those who do not see, point or read as others do. */
import { expect } from "bun:test";
import type { BrowserContextOptions, Page } from "playwright-core";
import type { Org } from "../../server/contract/orgs.ts";
import { focusWithoutSign, tabTo } from "./by-keys.ts";
import { invite, must, type PersonName, sharedHouse } from "./house.ts";
import {
  misbuilt,
  poorlyReadable,
  poorlyReadableInTheDark,
  seriousFindings,
  sideways,
  tooSmall,
  unnamed,
} from "./judges.ts";
import type { Pulse } from "./pulse.ts";
import { chartsDrawn, connectionSays, setStage } from "./stage.ts";

const flow = setStage();
const LONG = "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft".slice(0, 80);
const LONG_MACHINE =
  "a-machine-whose-name-nobody-shortened.rack-17.hall-b.datacenter-frankfurt-am-main.example.org";
const house = sharedHouse({
  machinesOfAcme: [LONG_MACHINE],
  more: [
    { slug: "a-very-long-address-of-an-organization-x", name: LONG },
    { slug: "asleep", name: "Asleep" },
  ],
});

interface Place {
  name: string;
  go: (page: Page, url: string) => Promise<unknown>;
}

const dialogOf = (page: Page) => page.getByRole("dialog");
const headingOf = (page: Page, name: string) => page.getByRole("heading", { level: 1, name }).waitFor();

/** A page by its address. */
function at(path: string, heading: string): Place {
  return {
    name: path,
    async go(page, url) {
      await page.goto(url + path);
      await headingOf(page, heading);
      await page.waitForFunction(() => !document.querySelector("main .skeleton"));
    },
  };
}

/** A dialog of the page before, opened by a button. */
function opened(button: string | RegExp, fill?: (page: Page) => Promise<unknown>): Place {
  return {
    name: `dialog of ${button}`,
    async go(page) {
      await page.locator("main").getByRole("button", { name: button }).first().click();
      await dialogOf(page).waitFor();
      await fill?.(page);
    },
  };
}

const CLOSED: Place = {
  name: "closed again",
  async go(page) {
    await page.keyboard.press("Escape");
    await dialogOf(page).waitFor({ state: "hidden" });
  },
};

const submit = (name: string) => async (page: Page) => {
  await dialogOf(page).getByRole("button", { name, exact: true }).click();
  await dialogOf(page).locator('[aria-invalid="true"]').first().waitFor();
};

const PLACES: Partial<Record<PersonName, Place[]>> = {
  alice: [
    {
      name: "overview",
      async go(page, url) {
        await page.goto(`${url}/o/acme/`);
        await page.locator("main").getByText(LONG_MACHINE).first().waitFor();
      },
    },
    {
      name: "switcher",
      async go(page) {
        await page
          .locator("header:visible")
          .getByRole("button", { name: /^Organization: / })
          .click();
        await dialogOf(page).getByRole("option").first().waitFor();
      },
    },
    CLOSED,
    {
      name: "machine",
      async go(page) {
        await page.locator("main a").filter({ hasText: LONG_MACHINE }).first().click();
        await headingOf(page, LONG_MACHINE);
        await chartsDrawn(page);
      },
    },
    at("/o/acme/settings/organization", "Organization"),
    opened("Delete…"),
    CLOSED,
    at("/o/acme/settings/access", "Access"),
    opened("Invite", submit("Make the link")),
    CLOSED,
    opened(/^Make owner/),
    CLOSED,
    opened(/^Remove /),
    CLOSED,
    at("/o/acme/settings/sharing", "Sharing"),
    opened("Share a machine", submit("Share")),
    CLOSED,
    at("/o/acme/settings/plan", "Billing and plan"),
    at("/o/acme/settings/history", "History"),
    at("/o/acme/settings/notifications", "Notifications"),
    at("/o/acme/settings/tokens", "Tokens"),
    opened("New token", submit("Create token")),
    CLOSED,
    at("/o/acme/settings/audit", "Audit"),
    at("/o/a-very-long-address-of-an-organization-x/settings/organization", "Organization"),
    at("/o/a-very-long-address-of-an-organization-x/organizations/invitations", "Invitations"),
    at("/o/asleep/", "This organization is suspended"),
    at("/o/nobody/", "You have no access here"),
  ],
  vera: [
    at("/o/acme/settings/organization", "Organization"),
    at("/o/acme/settings/access", "Access"),
    at("/o/acme/settings/sharing", "Sharing"),
    at("/o/acme/settings/history", "History"),
  ],
  noah: [at("/", "You do not belong to an organization")],
  ada: [
    at("/settings/organizations", "Organizations"),
    opened("Limits of Acme"),
    CLOSED,
    opened("Suspend Acme"),
    CLOSED,
    opened("Switch off…"),
    CLOSED,
    at("/settings/licence", "Licence"),
    at("/settings/people", "People"),
    at("/settings/audit", "Audit"),
    {
      name: "create, refused",
      async go(page, url) {
        await page.goto(`${url}/organizations/new`);
        await page.getByRole("button", { name: "Create organization" }).click();
        await page.getByText("Give it a name.").waitFor();
      },
    },
  ],
};

const SIGNED_OUT: Place[] = [at("/invitation", "Open the whole link")];

type Judge = (page: Page) => Promise<string[]>;

async function asleep(pulse: Pulse): Promise<void> {
  const { orgs = [] } = await must<{ orgs?: Org[] }>(house().caller("alice", pulse).call("session.me"));
  const org = orgs.find(({ slug }) => slug === "asleep")?.id;
  await must(house().caller("ada", pulse).call("orgs.suspend", { input: { org } }));
}

const EVERYBODY = [...(Object.keys(PLACES) as PersonName[]), "stranger"] as const;
type Walker = (typeof EVERYBODY)[number];

/** Goes everywhere as each of `walkers`; what the judges find. */
async function everywhere(
  stage: Parameters<Parameters<typeof flow>[1]>[0],
  options: BrowserContextOptions,
  judges: Judge[],
  walkers: readonly Walker[] = EVERYBODY,
): Promise<string[]> {
  const pulse = await house().start(stage);
  await asleep(pulse);
  const code = await invite(house().caller("alice", pulse), house().orgs.acme, "guest@example.org", "viewer");
  const wrong: string[] = [];
  const walk = async (page: Page, places: readonly Place[]) => {
    for (const place of places) {
      await place.go(page, pulse.url);
      for (const judge of judges) for (const each of await judge(page)) wrong.push(`${place.name}: ${each}`);
    }
  };
  const still: BrowserContextOptions = { ...options, reducedMotion: "reduce" };
  const join: Place = at(`/invitation#code=${code}`, "Acme invites you");
  const joining = {
    ...join,
    go: (to: Page, url: string) => to.goto("about:blank").then(() => join.go(to, url)),
  };
  for (const who of walkers) {
    const isStranger = who === "stranger";
    const visit = await (isStranger
      ? stage.visit(undefined, still)
      : house().visit(stage, who, pulse, still));
    if (!isStranger) visit.expect(/40\d/);
    await walk((await visit.tab()).page, isStranger ? [...SIGNED_OUT, joining] : (PLACES[who] ?? []));
    await visit.end();
  }
  return [...new Set(wrong)];
}

for (const [whose, walkers] of [
  ["an owner", ["alice"]],
  ["everybody else", EVERYBODY.filter((who) => who !== "alice")],
] as const) {
  flow(
    `every page and dialog of organizations is well built and named, can be read in both themes, and axe finds nothing serious (${whose})`,
    async (stage) => {
      const judges = [misbuiltPage, unnamed, poorlyReadable, seriousFindings, poorlyReadableInTheDark];
      expect(await everywhere(stage, { colorScheme: "light" }, judges, walkers)).toEqual([]);
    },
  );
}

flow("on a phone of 360 pixels nothing reaches beyond the side or is too small to hit", async (stage) => {
  const options = { viewport: { width: 360, height: 740 }, hasTouch: true, isMobile: true };
  expect(await everywhere(stage, options, [sideways, tooSmall])).toEqual([]);
});

/** Under a dialog the page is hidden from those who read it aloud, headings and all. */
async function misbuiltPage(page: Page): Promise<string[]> {
  return (await dialogOf(page).count()) > 0 ? [] : misbuilt(page);
}

flow("creating, inviting and switching need no mouse", async (stage) => {
  const pulse = await house().start(stage);
  const { page } = await house().open(stage, "ada", pulse, "/");
  await connectionSays(page, "Live");
  const focusOn = async (selector: string) => {
    const there = page.waitForFunction((wanted) => document.activeElement?.matches(wanted), selector);
    await there.catch(async () => {
      const now = await page.evaluate(() => document.activeElement?.outerHTML.slice(0, 120));
      throw new Error(`the focus never came to ${selector}; it is on ${now}`);
    });
  };

  await tabTo(page, (name) => name.startsWith("Organization: "));
  await page.keyboard.press("Enter");
  await focusOn('[role="combobox"]');
  await page.keyboard.type("create");
  await page.locator('[role="option"][aria-selected="true"]', { hasText: "Create organization…" }).waitFor();
  await page.keyboard.press("Enter");
  await headingOf(page, "Create an organization");
  await focusOn("main input");
  await page.keyboard.type("By Keys");
  await page.keyboard.press("Enter");
  await page.waitForURL(`${pulse.url}/o/by-keys/`);

  await page.keyboard.press("Control+k");
  await focusOn('[role="combobox"]');
  await page.keyboard.type("access");
  await page.locator('[role="option"][aria-selected="true"]', { hasText: "Access" }).waitFor();
  await page.keyboard.press("Enter");
  await headingOf(page, "Access");
  await tabTo(page, (name) => name === "Invite");
  await page.keyboard.press("Enter");
  await focusOn('[role="dialog"] input');
  await page.keyboard.type("key@example.org");
  await page.keyboard.press("Tab");
  await focusOn('[role="dialog"] select');
  await page.keyboard.press("e");
  await page.keyboard.press("Tab");
  await page.keyboard.press("Tab");
  await page.keyboard.press("Enter");
  await dialogOf(page).getByText("Send this link to").waitFor();
  await page.keyboard.press("Escape");
  await dialogOf(page).waitFor({ state: "hidden" });
  const waiting = page.getByRole("list", { name: "Open invitations" }).getByRole("listitem");
  await waiting.first().waitFor();
  expect(await waiting.innerText()).toMatch(/key@example\.org[\s\S]*Editor/);
  // The focus is where it was before the dialog.
  await page.waitForFunction(() => document.activeElement?.textContent?.trim() === "Invite");

  await tabTo(page, (name) => name.startsWith("Organization: "));
  await page.keyboard.press("Enter");
  await focusOn('[role="combobox"]');
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("Enter");
  await page.waitForURL(`${pulse.url}/`);
  await connectionSays(page, "Live");
});

flow("what has the focus can be seen on the panels, in both themes", async (stage) => {
  const pulse = await house().start(stage);
  const invisible: string[] = [];
  for (const colorScheme of ["light", "dark"] as const) {
    const { page } = await house().open(stage, "alice", pulse, "/o/acme/settings/access", { colorScheme });
    await page.getByRole("list", { name: "Members" }).waitFor();
    for (const each of await focusWithoutSign(page)) invisible.push(`access: ${each}`);
    await page.goto(`${pulse.url}/o/acme/settings/organization`);
    await page.getByRole("button", { name: "Delete…" }).waitFor();
    for (const each of await focusWithoutSign(page)) invisible.push(`organization: ${each}`);
  }
  expect([...new Set(invisible)]).toEqual([]);
});
