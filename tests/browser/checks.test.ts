import { expect } from "bun:test";
import { setStage } from "./stage.ts";

const flow = setStage();
const ALLOWED = { env: { PULSE_OUTBOUND_ALLOW: "127.0.0.0/8" } };

flow("a check goes red when its target dies, and is well again when it is back", async (stage) => {
  const start = (port: number) =>
    Bun.serve({ hostname: "127.0.0.1", port, fetch: () => new Response("all is well") });
  let target = start(0);
  const port = target.port ?? 0;
  const pulse = await stage.pulse(undefined, ALLOWED);
  const { page } = await stage.open(pulse, "/checks");
  await page.getByText("No checks yet").waitFor();
  await page.getByRole("link", { name: /^Web page or API/ }).click();
  await page.getByLabel("Address").fill(`http://127.0.0.1:${port}/`);
  await page.getByLabel("Must contain", { exact: true }).fill("all is lost");
  await page.getByRole("button", { name: "Test" }).click();
  await page.getByRole("img", { name: "does not work" }).waitFor();
  await page.getByLabel("Must contain", { exact: true }).fill("all is well");
  await page.getByRole("button", { name: "Test" }).click();
  await page.getByText("It is as expected.").waitFor();
  await page.getByLabel("Ask every").selectOption({ label: "10 seconds" });
  await page.getByText("More settings").click();
  await page.getByLabel("Tries before it is down").fill("0");
  await page.getByRole("button", { name: "Add", exact: true }).click();

  await page.waitForURL(/\/checks$/);
  const row = page.getByRole("row").filter({ hasText: `127.0.0.1:${port}` });
  await row.getByRole("img", { name: "up", exact: true }).waitFor();
  await page.getByText("It is well.").waitFor();
  await target.stop(true);
  await row.getByText("The connection was refused.").waitFor();
  await page.getByText("1 of 1 is wrong.").waitFor();
  target = start(port);
  await row.getByRole("img", { name: "up", exact: true }).waitFor();
  expect(await row.innerText()).not.toContain("refused");
  await target.stop(true);
});

flow("a heartbeat has an address that works", async (stage) => {
  const pulse = await stage.pulse(undefined, ALLOWED);
  const { page } = await stage.open(pulse, "/checks/new?type=heartbeat");
  await page.getByRole("button", { name: "Add", exact: true }).click();
  await page.getByText(/Give it a name/).waitFor();
  await page.getByLabel("Name").fill("nightly backup");
  await page.getByRole("button", { name: "Add", exact: true }).click();
  await page.getByText("Where it is sent to").waitFor();
  const url = await page.locator("main code").first().innerText();
  expect(url).toStartWith(`${pulse.url}/api/heartbeat/`);
  expect((await fetch(url)).status).toBe(200);
  await page.getByRole("link", { name: "Checks", exact: true }).first().click();
  await page
    .getByRole("row")
    .filter({ hasText: "nightly backup" })
    .getByRole("img", { name: "up", exact: true })
    .waitFor();
});
