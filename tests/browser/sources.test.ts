import { expect } from "bun:test";
import { TOKEN_SECRET } from "../support/fake-proxmox.ts";
import { fakeVe, ve8 } from "../support/fake-proxmox-ve.ts";
import { setStage } from "./stage.ts";

const flow = setStage();
/** What is asked in these tests runs beside them. */
const ALLOWED = { env: { PULSE_OUTBOUND_ALLOW: "127.0.0.0/8" } };

/** As people compare it. */
function inPairs(fingerprint: string): string {
  return fingerprint.toUpperCase().replace(/..(?=.)/g, "$&:");
}

flow("a Proxmox is trusted by comparing, and its secret is in no page afterwards", async (stage) => {
  const cluster = fakeVe(ve8);
  const pulse = await stage.pulse(undefined, ALLOWED);
  const tab = await stage.open(pulse, "/settings/sources");
  // What is refused is refused by the server.
  tab.expect(/400/);
  const { page } = tab;
  await page.getByText("No sources yet").waitFor();
  await page.getByRole("link", { name: "New source" }).click();
  await page.getByRole("link", { name: /^Proxmox VE/ }).click();
  await page.getByText("pveum user token add").waitFor();
  await page.getByLabel("Address").fill(cluster.url);
  await page.getByLabel("Token id").fill("nobody");
  await page.getByLabel("Token secret", { exact: true }).fill(TOKEN_SECRET);
  await page.getByRole("button", { name: "Test" }).click();
  // What is wrong stands under its field, in the server's words.
  await page.getByText("Must look like pulse@pve!monitor.").waitFor();

  await page.getByLabel("Token id").fill(cluster.tokenId);
  await page.getByRole("button", { name: "Test" }).click();
  await page
    .locator("main code")
    .filter({ hasText: inPairs(cluster.fingerprint256) })
    .waitFor();
  await page.getByRole("button", { name: "Trust this certificate" }).click();
  await page.getByText("It answers, and the token may see everything.").waitFor();
  await page.getByRole("button", { name: "Add", exact: true }).click();
  await page.waitForURL(/\/settings\/sources$/);
  await page.getByRole("link", { name: /\d+ resources of 127\.0\.0\.1/ }).waitFor();

  await page.getByRole("link", { name: "127.0.0.1", exact: true }).click();
  await page.getByText("Kept. Enter it again to change it.").waitFor();
  expect(await page.getByLabel("Token secret", { exact: true }).inputValue()).toBe("");
  expect(await page.content()).not.toContain(TOKEN_SECRET);
  // Nobody has it sent to a server of their own.
  await page.getByLabel("Address").fill("https://127.0.0.2:8006");
  await page.getByRole("button", { name: "Save" }).click();
  await page.getByText("Must be entered again.").waitFor();
});

flow("an exporter that does not answer says so word for word, when tried and when asked", async (stage) => {
  const pulse = await stage.pulse(undefined, ALLOWED);
  const { page } = await stage.open(pulse, "/settings/sources/new?type=prometheus");
  using closed = Bun.listen({ hostname: "127.0.0.1", port: 0, socket: { data() {} } });
  const url = `http://127.0.0.1:${closed.port}/metrics`;
  closed.stop(true);
  await page.getByLabel("Address").fill(url);
  await page.getByRole("button", { name: "Test" }).click();
  await page.getByText("The connection was refused.").waitFor();
  await page.getByRole("button", { name: "Add", exact: true }).click();
  await page.waitForURL(/\/settings\/sources$/);
  const row = page.getByRole("row").filter({ hasText: url });
  await row.getByText("The connection was refused.").waitFor();
  await row.getByRole("button", { name: /^Pause / }).click();
  await row.getByRole("button", { name: /^Resume / }).waitFor();
});
