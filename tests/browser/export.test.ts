import { expect } from "bun:test";
import { readFileSync } from "node:fs";
import { openMachine, setStage, sharedPulse } from "./stage.ts";

const flow = setStage();
const pulse = sharedPulse({ past: "hour" });

for (const [choice, ending, begins] of [
  ["CSV for spreadsheets", "csv", "time,epoch_ms,"],
  ["OpenMetrics for Prometheus", "txt", "# TYPE pulse_"],
] as const) {
  flow(`the time shown is downloaded as ${choice}, out of a menu`, async (stage) => {
    const { page } = await stage.open(pulse(), "/");
    await openMachine(page, pulse().url);
    await page.getByRole("button", { name: "Export" }).click();
    const [download] = await Promise.all([
      page.waitForEvent("download"),
      page.getByRole("menuitem", { name: choice }).first().click(),
    ]);
    expect(download.suggestedFilename()).toMatch(
      new RegExp(`^pulse-[\\w-]+-\\d{4}-\\d\\d-\\d\\d-\\d{4}-\\d\\d-\\d\\d\\.${ending}$`),
    );
    const text = readFileSync(await download.path(), "utf8");
    expect(text.startsWith(begins)).toBe(true);
    /* An hour, every ten seconds, and whatever was reported meanwhile. */
    expect(text.split("\n").length).toBeGreaterThan(300);
    if (ending === "csv") {
      const times = text
        .split("\r\n")
        .slice(1, -1)
        .map((line) => Number(line.split(",")[1]));
      expect((times.at(-1) ?? 0) - (times[0] ?? 0)).toBeWithin(55 * 60_000, 62 * 60_000);
    }
  });
}
