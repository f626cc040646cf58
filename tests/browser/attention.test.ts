import { expect } from "bun:test";
import type { Page } from "playwright-core";
import type { Visit } from "../support/browser.ts";
import { until } from "../support/until.ts";
import { poorlyReadable, seriousFindings, sideways, tooSmall, unnamed } from "./judges.ts";
import { machinesShown, setStage } from "./stage.ts";

const flow = setStage({ whole: true });

/** What every tab of a profile does to be heard and seen; all of it is done as well. */
async function witness(visit: Visit): Promise<{ sounds: number; popUps: string[] }> {
  const done = { sounds: 0, popUps: [] as string[] };
  await visit.context.exposeBinding("noteSound", () => {
    done.sounds += 1;
  });
  await visit.context.exposeBinding("notePopUp", (_, title: string) => done.popUps.push(title));
  await visit.context.addInitScript(() => {
    const told = globalThis as unknown as { noteSound: () => void; notePopUp: (title: string) => void };
    const swell = OscillatorNode.prototype.start;
    OscillatorNode.prototype.start = function start(when) {
      told.noteSound();
      return swell.call(this, when);
    };
    globalThis.Notification = class extends Notification {
      constructor(title: string, options?: NotificationOptions) {
        super(title, options);
        told.notePopUp(title);
      }
    };
  });
  return done;
}

const icon = (page: Page) => page.locator('link[rel="icon"]').getAttribute("href");

flow(
  "a new alert is heard and shown once, however many tabs are open; title and icon count it",
  async (stage) => {
    const pulse = await stage.pulse({ past: "hour" });
    const visit = await stage.visit(pulse);
    await visit.context.grantPermissions(["notifications"], { origin: pulse.url });
    const done = await witness(visit);
    const tabs = [await visit.tab(`${pulse.url}/settings`), await visit.tab(`${pulse.url}/`)];
    const [{ page }, { page: other }] = tabs as [(typeof tabs)[0], (typeof tabs)[0]];
    for (const tab of tabs) tab.expect(/./);

    await machinesShown(other);
    await other.mouse.click(5, 5);
    const sound = page.getByRole("group", { name: "Sound" });
    expect(await sound.getByRole("button", { name: "Off" }).getAttribute("aria-pressed")).toBe("true");
    for (const colorScheme of ["light", "dark"] as const) {
      await page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
      for (const judge of [seriousFindings, poorlyReadable, sideways, tooSmall, unnamed])
        expect([colorScheme, judge.name, await judge(page)]).toEqual([colorScheme, judge.name, []]);
    }
    await sound.getByRole("button", { name: "Critical" }).click();
    await page.getByRole("group", { name: "Notification" }).getByRole("button", { name: "All" }).click();
    await page.getByRole("button", { name: "Play it" }).click();
    await until(() => done.sounds > 0, { what: "the sound is tried" });
    const tried = done.sounds;
    expect(await icon(other)).toBe("/icon.svg");

    await pulse.stop();
    await pulse.furnish({
      past: "hour",
      machines: [
        { name: "attic", trouble: "full" },
        { name: "nas", trouble: "down" },
      ],
    });
    await pulse.start();
    for (const tab of [page, other]) await tab.waitForFunction(() => /^\(\d+\) /.test(document.title));
    await until(() => done.sounds > tried && done.popUps.length > 1, {
      withinMs: 20_000,
      what: "it is heard and shown",
    });
    expect(await icon(other)).toBe("/icon-critical.svg");
    // Whatever a second tab would do it has done by the time it has told of the next thing.
    await page.reload();
    await page.waitForFunction(() => /^\(\d+\) /.test(document.title));
    expect(done.popUps.toSorted()).toEqual([...new Set(done.popUps)].toSorted());
    expect(done.popUps).toContainEqual(expect.stringMatching(/^Critical: .*nas is down/));
    expect(done.sounds).toBe(2 * tried);
  },
);
