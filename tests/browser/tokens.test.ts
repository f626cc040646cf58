import { expect } from "bun:test";
import { hostname } from "node:os";
import type { Page } from "playwright-core";
import { byToken, CANARY, sharedHouse } from "./house.ts";
import { setStage } from "./stage.ts";

const flow = setStage();
const house = sharedHouse();

/** Makes a token in the page; the token and what the page says how to use it. */
async function makeToken(
  page: Page,
  { name, scope, also = [] }: { name: string; scope?: string; also?: string[] },
): Promise<{ token: string; example: string }> {
  await page.getByRole("button", { name: "New token" }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByLabel("Name").fill(name);
  if (scope) await dialog.getByRole("checkbox", { name: new RegExp(`^${scope}`) }).check();
  for (const label of also) await dialog.getByRole("checkbox", { name: label }).check();
  await dialog.getByRole("button", { name: "Create token" }).click();
  await dialog.getByText("Copy it now.").waitFor();
  const [token = "", example = ""] = await dialog.locator("code").allInnerTexts();
  await dialog.getByRole("button", { name: "Done" }).click();
  await dialog.waitFor({ state: "hidden" });
  return { token, example };
}

async function revoke(page: Page, name: string): Promise<void> {
  await page.getByRole("button", { name: `Revoke ${name}` }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Revoke", exact: true }).click();
  await page.getByText(`${name} is revoked.`).waitFor();
}

flow(
  "a token made in the page works at once, for what it may, and is refused once revoked",
  async (stage) => {
    const pulse = await stage.pulse();
    const { page } = await stage.open(pulse, "/settings/tokens");
    await page.getByText("No tokens yet").waitFor();
    await page.getByRole("button", { name: "New token" }).click();
    const dialog = page.getByRole("dialog");
    await dialog.getByRole("button", { name: "Create token" }).click();
    await dialog.getByText(/Give it a name/).waitFor();
    await dialog.getByRole("button", { name: "Cancel" }).click();
    const { token, example } = await makeToken(page, { name: "backup script" });
    expect(token).toStartWith("pulse_");
    expect(await page.content()).not.toContain(token);
    const line = page.getByRole("row").filter({ hasText: "backup script" });
    await line.waitFor();
    expect(await line.innerText()).toContain("never used");

    // The example does what it says, word for word.
    const words = example.replaceAll("\\\n", " ");
    const ran = Bun.spawnSync(["sh", "-c", words.replace("curl", "curl -s")]);
    expect(ran.stdout.toString()).toContain(hostname());
    const list = await byToken(pulse.url, token);
    expect([list.status, list.text.includes(hostname())]).toEqual([200, true]);
    const refused = await byToken(pulse.url, token, { path: "tokens.list" });
    expect(refused.status).toBe(403);
    await page.reload();
    await line.waitFor();
    expect(await line.innerText()).not.toContain("never used");

    await revoke(page, "backup script");
    await page.getByText("No tokens yet").waitFor();
    expect((await byToken(pulse.url, token)).status).toBe(401);
  },
);

flow("a token of one organization is good there and nowhere else", async (stage) => {
  const pulse = await house().start(stage);
  const { page } = await house().open(stage, "alice", pulse, "/o/acme/settings/tokens");
  await page.getByText("No tokens yet").waitFor();
  const { token } = await makeToken(page, { name: "acme only" });
  const own = await byToken(pulse.url, token);
  expect([own.status, own.text.includes(CANARY.acme)]).toEqual([200, true]);
  for (const org of ["beta", "default"]) {
    const other = await byToken(pulse.url, token, { org });
    expect([other.status, other.text.includes("CNRY-")]).toEqual([403, false]);
  }
  await revoke(page, "acme only");
  expect((await byToken(pulse.url, token)).status).toBe(401);
});

flow("a token for two organizations says which one it asks, and both lists show it", async (stage) => {
  const pulse = await house().start(stage);
  const { page } = await house().open(stage, "gina", pulse, "/o/acme/settings/tokens");
  const { token, example } = await makeToken(page, { name: "for both", also: ["Beta"] });
  expect(example).toContain("x-pulse-org-id");
  for (const org of ["acme", "beta"] as const) {
    const answer = await byToken(pulse.url, token, { org });
    expect([answer.status, answer.text.includes(CANARY[org])]).toEqual([200, true]);
  }
  expect((await byToken(pulse.url, token, { org: "default" })).status).toBe(403);
  await page.goto(`${pulse.url}/o/beta/settings/tokens`);
  await page.getByRole("row").filter({ hasText: "for both" }).getByText(/Acme/).waitFor();
  await revoke(page, "for both");
  for (const org of ["acme", "beta"]) expect((await byToken(pulse.url, token, { org })).status).toBe(401);
});

flow("who may not manage tokens is told so, and offered nothing", async (stage) => {
  const pulse = await house().start(stage);
  const tab = await house().open(stage, "edith", pulse, "/o/acme/settings");
  await tab.page.getByText("This one").waitFor();
  expect(await tab.page.getByRole("link", { name: "Tokens" }).count()).toBe(0);
  tab.expect(/403/);
  await tab.page.goto(`${pulse.url}/o/acme/settings/tokens`);
  await tab.page
    .locator("main")
    .getByText(/role|allowed/i)
    .first()
    .waitFor();
  expect(await tab.page.getByRole("button", { name: "New token" }).count()).toBe(0);
});
