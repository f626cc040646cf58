import { expect } from "bun:test";
import { tmpdir } from "node:os";
import { runPulse } from "../support/server.ts";
import { setStage } from "./stage.ts";

const flow = setStage();

/** One report of this machine, by the agent itself. */
function reportOnce(server: string, token: string, stateDir: string) {
  const words = ["agent", "--server", server, "--token", token, "--state-dir", stateDir, "--once"];
  return runPulse(tmpdir(), words);
}

flow(
  "a machine whose line has been run appears by itself, and is refused once it is revoked",
  async (stage) => {
    const pulse = await stage.pulse();
    const { page } = await stage.open(pulse, "/");
    await page.getByRole("link", { name: "Add a machine" }).click();
    await page.getByLabel("Name").fill("cellar");
    await page.getByRole("button", { name: "Show the line" }).click();
    const line = await page.locator("main code").first().innerText();
    expect(line).toStartWith(`curl -fsSL ${pulse.url}/install.sh | sudo sh -s -- --token pulse_agent_`);
    const token = line.slice(line.lastIndexOf(" ") + 1);
    await page.getByText("Waiting for the machine").waitFor();

    const stateDir = `${pulse.dataDir}-agent`;
    const reported = await reportOnce(pulse.url, token, stateDir);
    expect(reported.status).toBe(0);
    await page.getByRole("heading", { name: /reports$/ }).waitFor();
    await page.getByRole("link", { name: /^Open / }).click();
    await page.waitForURL(/\/machines\//);

    await page.goto(`${pulse.url}/settings/agents`);
    const row = page.getByRole("row").filter({ hasText: "reporting" });
    await row.waitFor();
    expect(await page.content()).not.toContain(token);
    await row.getByRole("button", { name: /^Revoke / }).click();
    await page.getByRole("dialog").getByRole("button", { name: "Revoke", exact: true }).click();
    await page.getByText("No agents yet").waitFor();
    expect((await reportOnce(pulse.url, token, stateDir)).status).not.toBe(0);
  },
);
