import { expect } from "bun:test";
import { hostname } from "node:os";
import type { Page } from "playwright-core";
import { Recorder } from "../support/recorder.ts";
import { ageSessions, CANARY, MACHINES, must, PEOPLE, sharedHouse } from "./house.ts";
import { OWNER } from "./pulse.ts";
import { machinesShown, setStage } from "./stage.ts";

const flow = setStage();
const house = sharedHouse();
const NOTICED_WITHIN_MS = 10_000;

function lineOf(page: Page, words: string) {
  return page.locator("main").getByRole("listitem").filter({ hasText: words });
}

flow(
  "people: one is added, signs in with the password shown once, gets a new one and is switched off",
  async (stage) => {
    const at = house();
    const pulse = await at.start(stage);
    await pulse.stop();
    ageSessions(pulse.dataDir);
    await pulse.start();
    const tab = await at.open(stage, "ada", pulse, "/settings/people");
    tab.expect(/401|409/);
    const { page } = tab;
    await lineOf(page, OWNER.email).getByText("Operates this server").first().waitFor();
    for (const { email } of Object.values(PEOPLE)) await lineOf(page, email).waitFor();

    await page.getByRole("button", { name: "Add a person" }).click();
    const dialog = page.getByRole("dialog");
    await dialog.getByLabel("E-mail").fill("vic@example.org");
    await dialog.getByLabel("Name").fill("Vic Visitor");
    await dialog.getByRole("button", { name: "Add", exact: true }).click();
    const asks = page.getByRole("dialog", { name: "Confirm that it is you" });
    await asks.getByLabel("Password", { exact: true }).fill(OWNER.password);
    await asks.getByRole("button", { name: "Confirm" }).click();
    await page.getByRole("dialog", { name: "Vic Visitor can sign in now" }).waitFor();
    const first = await dialog.locator("code").innerText();
    await dialog.getByRole("button", { name: "Done" }).click();
    await dialog.waitFor({ state: "hidden" });
    expect(await page.content()).not.toContain(first);

    const theirs = await stage.visit();
    theirs.expect(/401/);
    const { page: vic } = await theirs.tab(`${pulse.url}/sign-in`);
    const signIn = async (password: string) => {
      await vic.getByLabel("E-mail").fill("vic@example.org");
      await vic.getByLabel("Password", { exact: true }).fill(password);
      await vic.getByRole("button", { name: "Sign in" }).click();
    };
    await signIn(first);
    await vic.getByRole("heading", { name: "You do not belong to an organization" }).waitFor();

    await page.getByRole("button", { name: "New password for Vic Visitor" }).click();
    await dialog.getByRole("button", { name: "Make a new password" }).click();
    await page.getByRole("dialog", { name: "Password of Vic Visitor" }).waitFor();
    const second = await dialog.locator("code").innerText();
    expect(second).not.toBe(first);
    await dialog.getByRole("button", { name: "Done" }).click();
    await vic.getByRole("button", { name: "Look again" }).click();
    await vic.getByRole("heading", { name: "Sign in" }).waitFor({ timeout: NOTICED_WITHIN_MS });
    await signIn(first);
    await vic.getByText("E-mail or password is wrong.").waitFor();
    await signIn(second);
    await vic.getByRole("heading", { name: "You do not belong to an organization" }).waitFor();

    await page.getByRole("button", { name: "Switch off the account of Vic Visitor" }).click();
    await dialog.getByLabel(/Type/).fill("vic@example.org");
    await dialog.getByRole("button", { name: "Switch off" }).click();
    await lineOf(page, "vic@example.org").getByText("Switched off").first().waitFor();
    expect(await page.getByRole("button", { name: /Vic Visitor/ }).count()).toBe(0);
    await vic.getByRole("button", { name: "Look again" }).click();
    await vic.getByRole("heading", { name: "Sign in" }).waitFor({ timeout: NOTICED_WITHIN_MS });
  },
);

flow(
  "an operator sees how organizations are, and never what is in one they do not belong to",
  async (stage) => {
    const at = house();
    const pulse = await at.start(stage);
    await using recorder = new Recorder(pulse);
    // Somebody looks at acme, so that it has been counted.
    const { page: member } = await at.open(stage, "alice", pulse, "/o/acme/");
    await member
      .locator("main")
      .getByText(MACHINES.acme[0] ?? "")
      .first()
      .waitFor();

    const visit = await at.visit(stage, "ada", pulse);
    visit.expect(/403/);
    const { page } = await visit.tab(`${recorder.url}/settings/organizations`);
    const acme = lineOf(page, "Acme").filter({ hasText: "acme" });
    await acme.getByText(/5 members/).waitFor();
    const counted = /3 (?:up|unknown)/;
    for (let tries = 0; tries < 20 && !counted.test(await acme.innerText()); tries += 1) {
      await page.reload();
      await acme.waitFor();
    }
    expect(await acme.innerText()).toMatch(counted);
    await page.goto(`${recorder.url}/settings/people`);
    await lineOf(page, PEOPLE.alice.email).waitFor();
    await page.goto(`${recorder.url}/settings/audit`);
    await page.getByRole("button", { name: "Server", exact: true }).click();
    await page.locator("main li").first().waitFor();
    await page.goto(`${recorder.url}/settings/licence`);
    await page.getByText("Licensed, without an end").waitFor();
    await page.goto(`${recorder.url}/o/acme/`);
    await page.getByRole("heading", { name: "You have no access here" }).waitFor();
    await page.goto(`${recorder.url}/`);
    await machinesShown(page);

    const passed = recorder.exchanges.map(({ body, headers }) => body + JSON.stringify(headers)).join("");
    for (const canary of Object.values(CANARY)) expect(passed).not.toContain(canary);
    expect(passed).toContain(hostname());
  },
);

flow("an organization is suspended by its name and resumed, and gets limits", async (stage) => {
  const at = house();
  const pulse = await at.start(stage);
  const { page } = await at.open(stage, "ada", pulse, "/settings/organizations");
  const dialog = page.getByRole("dialog");
  await page.getByRole("button", { name: "Suspend Acme" }).click();
  expect(await dialog.getByRole("button", { name: "Suspend" }).isDisabled()).toBe(true);
  await dialog.getByLabel(/Type/).fill("acme");
  await dialog.getByRole("button", { name: "Suspend" }).click();
  await lineOf(page, "acme · ").getByText("suspended").waitFor();
  await page.getByRole("button", { name: "Resume Acme" }).click();
  await page.getByRole("button", { name: "Suspend Acme" }).waitFor();

  await page.getByRole("button", { name: "Limits of Acme" }).click();
  await dialog.getByLabel(/members/i).fill("many");
  await dialog.getByRole("button", { name: "Set limits" }).click();
  await dialog.locator('[aria-invalid="true"]').first().waitFor();
  await dialog.getByLabel(/members/i).fill("9");
  await dialog.getByRole("button", { name: "Set limits" }).click();
  await page.getByText("Limits of Acme are set.").waitFor();
  const { page: plan } = await at.open(stage, "alice", pulse, "/o/acme/settings/plan");
  await plan
    .locator("main")
    .getByRole("listitem")
    .filter({ hasText: /members/i })
    .getByText(/of\s+9/)
    .first()
    .waitFor();
});

flow("who may create organizations is chosen, and counts at once", async (stage) => {
  const at = house();
  const pulse = await at.start(stage);
  const { page } = await at.open(stage, "ada", pulse, "/settings/organizations");
  const everybody = page.getByRole("button", { name: "Everybody signed in" });
  await everybody.click();
  await page.waitForFunction(() =>
    [...document.querySelectorAll("button[aria-pressed=true]")].some((each) =>
      each.textContent?.includes("Everybody"),
    ),
  );
  const { page: hers } = await at.open(stage, "alice", pulse, "/o/acme/organizations/new");
  await hers.getByLabel("Name").fill("Of Alice");
  await hers.getByRole("button", { name: "Create organization" }).click();
  await hers.waitForURL(`${pulse.url}/o/of-alice/`);
});

flow(
  "the licence is removed and all but default is shut off; licensed again, everything is back",
  async (stage) => {
    const at = house();
    const pulse = await at.start(stage);
    const tab = await at.open(stage, "ada", pulse, "/settings/licence");
    tab.expect(/400|40\d/);
    const { page } = tab;
    const { page: member } = await at.open(stage, "gina", pulse, "/o/acme/");
    await member
      .locator("main")
      .getByText(MACHINES.acme[0] ?? "")
      .first()
      .waitFor();
    await page.getByText("Licensed, without an end").waitFor();

    // What is no licence is refused in words.
    await page.getByLabel("Licence", { exact: true }).fill("eyJpZCI6ImFiYyJ9.bm90IGEgc2lnbmF0dXJl");
    await page.getByRole("button", { name: "Install", exact: true }).click();
    await page.locator('textarea[aria-invalid="true"]').waitFor();
    expect(await page.locator("main").innerText()).toMatch(/licen[cs]e/i);

    await page.getByRole("button", { name: "Remove…" }).click();
    const dialog = page.getByRole("dialog");
    await dialog.getByLabel(/Type/).fill("remove");
    await dialog.getByRole("button", { name: "Remove", exact: true }).click();
    await page.getByText("There is no licence that counts").waitFor();
    await member
      .getByRole("heading", { name: "This organization is not available now" })
      .waitFor({ timeout: NOTICED_WITHIN_MS });
    expect(await member.content()).not.toContain(CANARY.acme);

    const issued = await pulse.command("license", "issue", "--holder", "The Test", "--members", "50");
    const licence = /[\w-]{60,}\.[\w-]{60,}/.exec(issued)?.[0] ?? "";
    await page.getByLabel("Licence", { exact: true }).fill(`${licence.slice(0, 70)}\n  ${licence.slice(70)}`);
    await page.getByRole("button", { name: "Install", exact: true }).click();
    await page.getByText("The licence is installed.").waitFor();
    await page.locator("main dl").getByText("The Test").waitFor();
    await page.locator("main dl").getByText("at most 50 members in each").waitFor();
    await member.getByRole("button", { name: "Look again" }).click();
    await member
      .locator("main")
      .getByText(MACHINES.acme[0] ?? "")
      .first()
      .waitFor();

    await page.getByRole("button", { name: "Remove…" }).click();
    await dialog.getByLabel(/Type/).fill("remove");
    await dialog.getByRole("button", { name: "Remove", exact: true }).click();
    await page.getByRole("button", { name: "License this server" }).click();
    await page.getByText("Licensed, without an end").waitFor();
  },
);

flow("the kill switch makes the page that of one server for one house", async (stage) => {
  const at = house();
  const pulse = await at.start(stage);
  const visit = await at.visit(stage, "ada", pulse);
  const { page } = await visit.tab(`${pulse.url}/settings/organizations`);
  await page.getByRole("button", { name: "Switch off…" }).click();
  const dialog = page.getByRole("dialog", { name: "Switch multi-tenancy off?" });
  await dialog.getByText("2 organizations").waitFor();
  await dialog.getByText("pulse multi-tenant on").waitFor();
  expect(await dialog.getByRole("button", { name: "Switch off now" }).isDisabled()).toBe(true);
  await dialog.getByLabel(/Type/).fill("switch off");
  await dialog.getByRole("button", { name: "Switch off now" }).click();
  // The last words about it: how it comes back.
  const last = page.getByRole("dialog", { name: "Multi-tenancy is off" });
  await last.getByText("pulse multi-tenant on", { exact: true }).waitFor();
  await last.getByRole("button", { name: "Go on" }).click();
  await page.waitForURL(`${pulse.url}/`);
  await machinesShown(page);
  expect(await page.getByRole("button", { name: /^Organization/ }).count()).toBe(0);
  expect(await page.locator("body").innerText()).not.toMatch(/organi[sz]ation|tenan/i);
  await page.goto(`${pulse.url}/settings/organizations`);
  await page.getByRole("heading", { name: "There is no page here" }).waitFor();
  expect(await pulse.command("multi-tenant", "status")).toContain("off");
});

flow(
  "the audit tells what was done, each organization its own and the server's to operators",
  async (stage) => {
    const at = house();
    const pulse = await at.start(stage);
    const { page } = await at.open(stage, "alice", pulse, "/o/acme/settings/audit");
    const entries = page.locator("main li");
    await entries.getByText("Joined as a member").first().waitFor();
    await entries.getByText("Handed over ownership").first().waitFor();
    const told = await page.locator("main").innerText();
    expect(told).toContain(PEOPLE.edith.email);
    expect(told).not.toContain(PEOPLE.gina.name.replace("Both", "Owner"));
    expect(await page.getByRole("button", { name: "Server", exact: true }).count()).toBe(0);
    const all = await entries.count();
    await page.getByLabel("What was done").selectOption("invitation.created");
    await page.waitForFunction((before) => document.querySelectorAll("main li").length < before, all);
    for (const each of await entries.allInnerTexts()) expect(each).toContain("Invited somebody");
    // Every deed has words.
    await page.getByLabel("What was done").selectOption("");
    expect(await page.locator("main").innerText()).not.toMatch(/\b[a-z_]+\.[a-z]+_?[a-z]*ed\b/);

    const { page: server } = await at.open(stage, "ada", pulse, "/settings/audit");
    await server.getByRole("button", { name: "Server", exact: true }).click();
    await server.locator("main li").getByText("Created the organization").first().waitFor();
    await must(at.caller("ada", pulse).call("orgs.suspend", { input: { org: at.orgs.beta.id } }));
    await server.reload();
    await server.getByRole("button", { name: "Server", exact: true }).click();
    await server.locator("main li").first().getByText("Suspended the organization").waitFor();

    // Who may not read it is told so, and not shown the way there.
    const tab = await at.open(stage, "vera", pulse, "/o/acme/settings");
    await tab.page.getByText("This one").waitFor();
    expect(await tab.page.getByRole("link", { name: "Audit" }).count()).toBe(0);
    tab.expect(/403/);
    await tab.page.goto(`${pulse.url}/o/acme/settings/audit`);
    await tab.page
      .locator("main")
      .getByText(/role|allowed/i)
      .first()
      .waitFor();
  },
);

flow("pages of the operator are nobody else's", async (stage) => {
  const at = house();
  const pulse = await at.start(stage);
  const { page } = await at.open(stage, "alice", pulse, "/o/acme/settings");
  await page.getByText("This one").waitFor();
  for (const name of ["People", "Organizations", "Licence", "About"])
    expect(await page.locator("main").getByRole("link", { name, exact: true }).count()).toBe(0);
  for (const path of ["people", "organizations", "licence"]) {
    await page.goto(`${pulse.url}/o/acme/settings/${path}`);
    await page
      .locator("main")
      .getByText(MACHINES.acme[0] ?? "")
      .first()
      .waitFor();
  }
});
