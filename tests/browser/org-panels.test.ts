import { expect } from "bun:test";
import type { Page } from "playwright-core";
import type { ResourceList } from "../../server/contract/resource.ts";
import { PASSWORD } from "../support/calls.ts";
import { ageSessions, CANARY, inOrg, MACHINES, must, PEOPLE, sharedHouse } from "./house.ts";
import { chartsDrawn, connectionSays, setStage } from "./stage.ts";

const flow = setStage();
const house = sharedHouse();
const NOTICED_WITHIN_MS = 10_000;
const AMBER = "Admin or owner role required to change this.";
const SHARED = MACHINES.acme[0] ?? "";

/** Goes to a panel and waits until what it asked for has come. */
async function openPanel(page: Page, url: string, panel: string, slug = "acme"): Promise<void> {
  await page.goto(`${url}/o/${slug}/settings/${panel}`);
  await page.getByRole("heading", { level: 1 }).waitFor();
  await page.waitForFunction(() => !document.querySelector("main .skeleton"));
}

/** The line of somebody under Access. */
function memberLine(page: Page, name: string) {
  return page.getByRole("list", { name: "Members" }).getByRole("listitem").filter({ hasText: name });
}

async function confirmIdentity(page: Page, password: string): Promise<void> {
  const asks = page.getByRole("dialog", { name: "Confirm that it is you" });
  await asks.getByLabel("Password", { exact: true }).fill("not the password at all");
  await asks.getByRole("button", { name: "Confirm" }).click();
  await asks.getByText("The password is wrong.").waitFor();
  await asks.getByLabel("Password", { exact: true }).fill(password);
  await asks.getByRole("button", { name: "Confirm" }).click();
}

const ROLES = [
  { who: "alice", role: "Owner", administers: true },
  { who: "adam", role: "Admin", administers: true },
  { who: "edith", role: "Editor", administers: false },
  { who: "vera", role: "Viewer", administers: false },
] as const;

for (const { who, role, administers } of ROLES) {
  flow(
    `the four panels offer ${role === "Owner" || role === "Admin" || role === "Editor" ? "an" : "a"} ${role.toLowerCase()} what they may do, and say so where they may not`,
    async (stage) => {
      const pulse = await house().start(stage);
      const { page } = await house().open(stage, who, pulse, "/o/acme/settings");
      const main = page.locator("main");
      const offered = async (name: string | RegExp) => (await main.getByRole("button", { name }).count()) > 0;
      const amber = async () => {
        const notice = main.getByText(AMBER);
        if ((await notice.count()) === 0) return false;
        expect(await notice.getAttribute("class")).toContain("warn");
        return true;
      };

      await openPanel(page, pulse.url, "organization");
      await main.locator("dl").getByText(role, { exact: true }).waitFor();
      expect(await amber()).toBe(!administers);
      expect(await offered("Save")).toBe(administers);
      expect(await main.getByLabel("Primary domain").count()).toBe(administers ? 1 : 0);
      expect(await offered("Delete…")).toBe(role === "Owner");
      expect(await main.getByRole("button", { name: "Leave…" }).isEnabled()).toBe(role !== "Owner");
      await main.getByRole("heading", { name: "5 members" }).waitFor();

      await openPanel(page, pulse.url, "access");
      await memberLine(page, PEOPLE.vera.name).waitFor();
      expect(await amber()).toBe(!administers);
      expect(await offered("Invite")).toBe(administers);
      expect(await main.getByRole("heading", { name: "Open invitations" }).count()).toBe(administers ? 1 : 0);
      expect(await memberLine(page, PEOPLE.edith.name).getByRole("combobox").count()).toBe(
        administers ? 1 : 0,
      );
      expect(await memberLine(page, PEOPLE.alice.name).getByRole("combobox").count()).toBe(0);
      expect(await offered(/^Remove /)).toBe(administers);
      expect(await offered(/^Make owner/)).toBe(role === "Owner");
      if (administers) await main.getByText(PEOPLE.noah.email).waitFor();
      else expect(await page.content()).not.toContain(PEOPLE.noah.email);

      await openPanel(page, pulse.url, "sharing");
      await main.getByText("Nothing is shared with others.").waitFor();
      expect(await amber()).toBe(!administers);
      expect(await offered("Share a machine")).toBe(administers);

      await openPanel(page, pulse.url, "plan");
      await main.getByText("Licensed, without an end").waitFor();
      const members = main.getByRole("listitem").filter({ hasText: /members/i });
      expect(await members.first().innerText()).toMatch(/6\s+of\s+100/);
      expect(await main.getByRole("listitem").count()).toBeGreaterThan(6);
      expect(await main.getByRole("link", { name: "Go to the licence" }).count()).toBe(0);
    },
  );
}

flow(
  "somebody is invited, comes by the link, becomes a member, gets another role and is removed",
  async (stage) => {
    const pulse = await house().start(stage);
    const { page } = await house().open(stage, "adam", pulse, "/o/acme/settings/access");
    await page.getByRole("button", { name: "Invite", exact: true }).click();
    const dialog = page.getByRole("dialog");
    await dialog.getByRole("button", { name: "Make the link" }).click();
    await dialog.getByText("Must look like name@example.org.").waitFor();
    await dialog.getByLabel("E-mail").fill("new@example.org");
    await dialog.getByLabel("Role").selectOption("editor");
    await dialog.getByText("May see everything that is watched, and handle its alerts.").waitFor();
    await dialog.getByRole("button", { name: "Make the link" }).click();
    const link = await dialog.locator("code").innerText();
    expect(link).toStartWith(`${pulse.url}/invitation#code=pulse_invite_`);
    await dialog.getByRole("button", { name: "Done" }).click();
    await dialog.waitFor({ state: "hidden" });
    const waiting = page.getByRole("list", { name: "Open invitations" });
    await waiting.getByText("new@example.org").waitFor();

    const other = await stage.visit();
    const { page: joined } = await other.tab(link);
    await joined.getByRole("heading", { name: "Acme invites you" }).waitFor();
    expect(joined.url()).toBe(`${pulse.url}/invitation`);
    await joined.getByText(/Adam Admin has invited new@example\.org as an editor/).waitFor();
    await joined.getByLabel("Your name").fill("Nina New");
    await joined.getByLabel("Password", { exact: true }).fill("short");
    await joined.getByRole("button", { name: "Create account and accept" }).click();
    await joined
      .getByText(/at least 12/)
      .first()
      .waitFor();
    await joined.getByLabel("Password", { exact: true }).fill(PASSWORD);
    await joined.getByRole("button", { name: "Create account and accept" }).click();
    await joined.waitForURL(`${pulse.url}/o/acme/`);
    await joined.locator("main").getByText(SHARED).first().waitFor();

    // The link is good once.
    const again = await (await stage.visit()).tab();
    again.expect(/40\d/);
    await again.page.goto(link);
    await again.page.getByRole("heading", { name: "This invitation is not good any more" }).waitFor();

    await page.getByRole("link", { name: "Organization", exact: true }).click();
    await page.getByRole("heading", { level: 1, name: "Organization" }).waitFor();
    await page.getByRole("link", { name: "Access", exact: true }).click();
    const line = memberLine(page, "Nina New");
    await line.getByText("Editor", { exact: true }).first().waitFor();
    expect(await page.locator("main").innerText()).not.toContain("new@example.org\nEditor");
    await line.getByRole("combobox", { name: "Role of Nina New" }).selectOption("admin");
    await page.getByText("Nina New is an admin now.").waitFor();
    await joined.goto(`${pulse.url}/o/acme/settings/access`);
    await joined.getByRole("button", { name: "Invite", exact: true }).waitFor();

    await line.getByRole("button", { name: "Remove Nina New" }).click();
    await page.getByRole("dialog").getByRole("button", { name: "Remove", exact: true }).click();
    await page.getByText("Nina New does not belong to it any more.").waitFor();
    await line.waitFor({ state: "hidden" });
    await joined
      .getByRole("heading", { name: "You do not belong to an organization" })
      .waitFor({ timeout: NOTICED_WITHIN_MS });
  },
);

flow("an open invitation is revoked, and its link is not good any more", async (stage) => {
  const at = house();
  const pulse = await at.start(stage);
  const { page } = await at.open(stage, "alice", pulse, "/o/acme/settings/access");
  await page.getByRole("button", { name: `Revoke the invitation of ${PEOPLE.noah.email}` }).click();
  await page.getByText("Nobody is invited at the moment.").waitFor();
  const { page: his } = await at.open(stage, "noah", pulse, "/");
  await his.getByRole("heading", { name: "You do not belong to an organization" }).waitFor();
  await his.getByText("Ask an admin to invite").waitFor();
  expect(await his.getByRole("button", { name: "Accept Acme" }).count()).toBe(0);
});

flow("the owner hands the organization over, after the password, and is an admin then", async (stage) => {
  const at = house();
  const pulse = await at.start(stage);
  await pulse.stop();
  ageSessions(pulse.dataDir);
  await pulse.start();
  const tab = await at.open(stage, "alice", pulse, "/o/acme/settings/access");
  tab.expect(/401/);
  const { page } = tab;
  await page.getByRole("button", { name: `Make owner… (${PEOPLE.adam.name})` }).click();
  const dialog = page.getByRole("dialog", { name: `Make ${PEOPLE.adam.name} the owner?` });
  expect(await dialog.getByRole("button", { name: "Hand it over" }).isDisabled()).toBe(true);
  await dialog.getByLabel(/Type .Acme. to confirm/).fill("Acme");
  await dialog.getByRole("button", { name: "Hand it over" }).click();
  await confirmIdentity(page, PEOPLE.alice.password);
  await page.getByText(`${PEOPLE.adam.name} is the owner now, and you are an admin.`).waitFor();
  await memberLine(page, PEOPLE.adam.name).getByText("Owner", { exact: true }).waitFor();
  await memberLine(page, PEOPLE.alice.name).getByText("Admin", { exact: true }).first().waitFor();
  expect(await page.getByRole("button", { name: /^Make owner/ }).count()).toBe(0);
});

flow(
  "a machine is shared, accepted, seen with its history and marked, and gone within seconds when withdrawn",
  async (stage) => {
    const at = house();
    const pulse = await at.start(stage);
    const giving = await at.open(stage, "alice", pulse, "/o/acme/settings/sharing");
    const { page: from } = giving;
    await connectionSays(from, "Live");
    await from.getByRole("button", { name: "Share a machine" }).click();
    const dialog = from.getByRole("dialog", { name: "Share a machine" });
    await dialog.getByRole("button", { name: "Share", exact: true }).click();
    await dialog.getByText("Choose a machine.").waitFor();
    await dialog.getByText("Enter the address of the other organization.").waitFor();
    expect(await dialog.getByRole("radio").count()).toBe(MACHINES.acme.length);
    await dialog.getByRole("radio", { name: SHARED }).check();
    giving.expect(/404/);
    await dialog.getByLabel("With").fill("nobody");
    await dialog.getByRole("button", { name: "Share", exact: true }).click();
    await dialog.locator('[aria-invalid="true"]').waitFor();
    expect(await dialog.innerText()).toMatch(/no organization has this address|is not known/i);
    await dialog.getByLabel("With").fill("beta");
    await dialog.getByLabel("Ends").selectOption("7");
    await dialog.getByRole("button", { name: "Share", exact: true }).click();
    await from.getByText("An admin of Beta has to accept it.").waitFor();
    const given = from.getByRole("list", { name: "Shared by this organization" }).getByRole("listitem");
    await given.getByText("waits to be accepted").waitFor();

    const taking = await at.visit(stage, "gina", pulse);
    const { page: to } = await taking.tab(`${pulse.url}/o/beta/`);
    await to
      .locator("main")
      .getByText(MACHINES.beta[0] ?? "")
      .first()
      .waitFor();
    expect(await to.content()).not.toContain(CANARY.acme);
    const { page: deciding } = await taking.tab(`${pulse.url}/o/beta/settings/sharing`);
    await deciding.getByText(/from Acme/).waitFor();
    await deciding.getByRole("button", { name: `Accept ${SHARED}` }).click();
    await deciding.getByText(`${SHARED} is among your machines now.`).waitFor();

    // On the page that was open all the time it appears, marked.
    const tile = to.locator("main a, main tr, main section").filter({ hasText: SHARED }).first();
    await tile.getByText("Shared by Acme").first().waitFor();
    await to.locator("header:visible nav[aria-label=Machines]").getByRole("link", { name: SHARED }).click();
    await to.getByRole("heading", { level: 1, name: SHARED }).waitFor();
    await to.locator("main header").getByText("Shared by Acme").waitFor();
    await chartsDrawn(to);
    await to.getByRole("button", { name: "CPU as a table" }).click();
    const cells = to
      .locator('[aria-label="CPU, figures"] tbody tr td:nth-child(2)')
      .filter({ hasText: /\d/ });
    await cells.nth(10).waitFor();
    for (const name of MACHINES.acme.slice(1)) expect(await to.content()).not.toContain(name);

    await from.reload();
    await given.getByText("accepted").waitFor();
    await from.getByRole("button", { name: `Withdraw ${SHARED} from Beta` }).click();
    // Whatever the page still asks about it is refused, rightly.
    taking.expect(/404/);
    await from.getByRole("dialog").getByRole("button", { name: "Withdraw", exact: true }).click();
    await to.waitForFunction((mark) => !document.body.innerText.includes(mark), SHARED, {
      timeout: NOTICED_WITHIN_MS,
    });
    await deciding.getByRole("link", { name: "Overview" }).click();
    await deciding
      .locator("main")
      .getByText(MACHINES.beta[0] ?? "")
      .first()
      .waitFor();
    await deciding.waitForFunction((mark) => !document.documentElement.outerHTML.includes(mark), CANARY.acme);
    await from.getByText("Nothing is shared with others.").waitFor();
  },
);

flow(
  "an organization is deleted after its name and the password, and restored with everything in it",
  async (stage) => {
    const at = house();
    const pulse = await at.start(stage);
    await pulse.stop();
    ageSessions(pulse.dataDir);
    await pulse.start();
    const tab = await at.open(stage, "alice", pulse, "/o/acme/settings/organization");
    tab.expect(/401/);
    const { page } = tab;
    await page.getByRole("button", { name: "Delete…" }).click();
    const dialog = page.getByRole("dialog", { name: "Delete Acme?" });
    expect(await dialog.getByRole("button", { name: "Delete organization" }).isDisabled()).toBe(true);
    await dialog.getByLabel(/Type .Acme. to confirm/).fill("Acme");
    // Asked for the password one may still decide otherwise.
    await dialog.getByRole("button", { name: "Delete organization" }).click();
    const asks = page.getByRole("dialog", { name: "Confirm that it is you" });
    await asks.getByRole("button", { name: "Cancel" }).click();
    await dialog.getByText("Not confirmed, so nothing was changed.").waitFor();
    await dialog.getByRole("button", { name: "Delete organization" }).click();
    await confirmIdentity(page, PEOPLE.alice.password);

    const restore = page.getByRole("button", { name: "Restore Acme" });
    await restore.waitFor();
    expect(await page.content()).not.toContain(CANARY.acme);
    await page
      .getByText(/deleted, until .*\((in )?(30|29) days\)|deleted, until/)
      .first()
      .waitFor();
    await restore.click();
    await page.waitForURL(`${pulse.url}/o/acme/`);
    for (const name of MACHINES.acme) await page.locator("main").getByText(name).first().waitFor();
    const { resources } = await must<ResourceList>(
      inOrg(at.caller("adam", pulse), at.orgs.acme, "resources.list"),
    );
    expect(resources.map(({ name }) => name)).toContain(SHARED);
  },
);

flow("a limit that is used up is shown, and whoever runs into it is told", async (stage) => {
  const at = house();
  const pulse = await at.start(stage);
  await must(
    at.caller("ada", pulse).call("orgs.setLimits", {
      input: { org: at.orgs.acme.id, limits: { members: 6 } },
    }),
  );
  const tab = await at.open(stage, "alice", pulse, "/o/acme/settings/plan");
  const { page } = tab;
  const members = page
    .locator("main")
    .getByRole("listitem")
    .filter({ hasText: /members/i })
    .first();
  await members.getByText(/used up/).waitFor();
  expect(await members.innerText()).toMatch(/6\s+of\s+6, used up/);
  tab.expect(/402/);
  await page.getByRole("link", { name: "Access", exact: true }).click();
  await page.getByRole("button", { name: "Invite", exact: true }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByLabel("E-mail").fill("one.too.many@example.org");
  await dialog.getByRole("button", { name: "Make the link" }).click();
  await dialog
    .getByRole("alert")
    .getByText(/at most/i)
    .waitFor();
  // What is used and what is allowed.
  expect(await dialog.getByRole("alert").innerText()).toMatch(/6/);
});

flow("an organization gets another name and address, and the page goes along", async (stage) => {
  const at = house();
  const pulse = await at.start(stage);
  const { page } = await at.open(stage, "adam", pulse, "/o/acme/settings/organization");
  await page.getByLabel("Name", { exact: true }).fill("Acme and Daughters");
  await page.getByLabel("Address", { exact: true }).fill("daughters");
  await page.getByText("Links to the address it has now stop working.").waitFor();
  await page.getByRole("button", { name: "Save" }).click();
  await page.waitForURL(`${pulse.url}/o/daughters/settings/organization`);
  await page.locator("main dl").getByText("Acme and Daughters").waitFor();
  await page.locator("header:visible").getByRole("link", { name: "Overview" }).click();
  await page.locator("main").getByText(SHARED).first().waitFor();
  const { page: old } = await at.open(stage, "vera", pulse, "/o/acme/");
  await old.getByRole("heading", { name: "You have no access here" }).waitFor();
  await old.getByRole("link", { name: /Acme and Daughters/ }).click();
  await old.locator("main").getByText(SHARED).first().waitFor();
});
