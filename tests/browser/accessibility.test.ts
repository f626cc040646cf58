import { expect } from "bun:test";
import type { Page } from "playwright-core";
import {
  misbuilt,
  poorlyReadable,
  poorlyReadableInTheDark,
  seriousFindings,
  tooSmall,
  unnamed,
} from "./judges.ts";
import type { Stage } from "./stage.ts";
import { chartsDrawn, firstMachine, machinesShown, setStage, sharedPulse } from "./stage.ts";

const flow = setStage();
const pulse = sharedPulse({
  past: "hour",
  sealedDays: 3,
  machines: [
    { name: "archive", trouble: "full" },
    { name: "nas", trouble: "down" },
    { name: "pi", trouble: "failed-units" },
    { name: "pve2", trouble: "silent" },
  ],
});

interface Place {
  name: string;
  /** Brings a page there. */
  go: (page: Page) => Promise<void>;
}

const SIGNED_IN: Place[] = [
  {
    name: "overview",
    async go(page) {
      await page.goto(`${pulse().url}/`);
      await machinesShown(page);
      await page.locator("main").getByText("has stopped reporting").first().waitFor();
    },
  },
  {
    name: "overview, table",
    async go(page) {
      await page.getByRole("button", { name: "Table", exact: true }).click();
      await page.locator("main table").waitFor();
    },
  },
  {
    name: "machine",
    async go(page) {
      await page.goto(pulse().url + (await firstMachine(page)));
      await chartsDrawn(page);
      await page.getByRole("button", { name: "CPU as a table" }).click();
    },
  },
  {
    name: "compare",
    async go(page) {
      await page.goto(`${pulse().url}/compare?pick=raaaaaaaaaaaaaaaaaaa`);
      await page.getByRole("table", { name: "Ranking" }).waitFor();
      await page.locator("main tbody tr input").first().check();
      await page.getByRole("button", { name: "Clear 2 picked" }).waitFor();
    },
  },
  {
    name: "settings",
    async go(page) {
      await page.goto(`${pulse().url}/settings`);
      await page.getByText("This one").waitFor();
      await page.getByRole("button", { name: "Change password" }).click();
    },
  },
  {
    name: "new token",
    async go(page) {
      await page.goto(`${pulse().url}/settings/tokens`);
      await page.getByText("No tokens yet").waitFor();
      await page.getByRole("button", { name: "New token" }).click();
      await page.getByRole("dialog").getByRole("button", { name: "Create token" }).click();
      await page.getByText(/Give it a name/).waitFor();
    },
  },
  {
    name: "tokens",
    async go(page) {
      await page.keyboard.press("Escape");
      await page.getByRole("dialog").waitFor({ state: "hidden" });
    },
  },
  {
    name: "history",
    async go(page) {
      await page.goto(`${pulse().url}/settings/history`);
      await page.getByLabel("Samples").fill("800");
      await page.getByRole("button", { name: "Save" }).click();
      await page.locator('[aria-invalid="true"]').first().waitFor();
    },
  },
  {
    name: "history, less of it",
    async go(page) {
      await page.getByLabel("Samples").fill("1");
      await page.getByText("This deletes").waitFor();
      await page.getByRole("button", { name: "Save" }).click();
      await page.getByRole("dialog").waitFor();
    },
  },
  {
    name: "notifications",
    async go(page) {
      await page.goto(`${pulse().url}/settings/notifications`);
      await page.getByText("No channels yet").waitFor();
    },
  },
  {
    name: "add a channel",
    async go(page) {
      await page.getByRole("link", { name: "Add a channel" }).click();
      await page.getByRole("link", { name: /^Apprise/ }).waitFor();
    },
  },
  {
    name: "e-mail, refused",
    async go(page) {
      await page.getByRole("link", { name: /^E-mail/ }).click();
      await page.getByText("More settings").click();
      await page.getByRole("button", { name: "Add", exact: true }).click();
      await page.locator('[aria-invalid="true"]').first().waitFor();
    },
  },
  {
    name: "audit",
    async go(page) {
      await page.goto(`${pulse().url}/settings/audit`);
      await page.getByRole("button", { name: "Server", exact: true }).click();
      await page.locator("main li").first().waitFor();
    },
  },
  {
    name: "people",
    async go(page) {
      await page.goto(`${pulse().url}/settings/people`);
      await page.locator("main li").first().waitFor();
    },
  },
  {
    name: "add a person",
    async go(page) {
      await page.getByRole("button", { name: "Add a person" }).click();
      await page.getByRole("dialog").getByRole("button", { name: "Add", exact: true }).click();
      await page.getByRole("dialog").locator('[aria-invalid="true"]').first().waitFor();
    },
  },
  {
    name: "palette",
    async go(page) {
      await page.keyboard.press("Escape");
      await page.getByRole("dialog").waitFor({ state: "hidden" });
      await page.keyboard.press("Control+k");
      await page.getByRole("option").first().waitFor();
    },
  },
  {
    name: "keys",
    async go(page) {
      await page.keyboard.press("Escape");
      await page.getByRole("dialog").waitFor({ state: "hidden" });
      await page.locator("h1").click();
      await page.keyboard.press("?");
      await page.getByRole("dialog", { name: "Keyboard" }).waitFor();
    },
  },
  {
    name: "not found",
    async go(page) {
      await page.goto(`${pulse().url}/nowhere`);
      await page.getByRole("heading", { level: 1 }).waitFor();
    },
  },
];
const SIGNED_OUT: Place[] = [
  {
    name: "sign-in",
    async go(page) {
      await page.goto(`${pulse().url}/sign-in`);
      await page.getByRole("button", { name: "Sign in" }).click();
      await page.getByText("Enter your password.").waitFor();
    },
  },
  {
    name: "not found, signed out",
    async go(page) {
      await page.goto(`${pulse().url}/nowhere`);
      await page.getByRole("heading", { level: 1 }).waitFor();
    },
  },
];

/** Walks through all places, once, and gathers what every judge finds wrong at each. */
async function everywhere(stage: Stage): Promise<string[]> {
  const judges = [misbuilt, unnamed, poorlyReadable, seriousFindings, poorlyReadableInTheDark];
  const options = { colorScheme: "light", reducedMotion: "reduce" } as const;
  const wrong = new Set<string>();
  for (const [places, visit] of [
    [SIGNED_IN, await stage.visit(pulse(), options)],
    [SIGNED_OUT, await stage.visit(undefined, options)],
  ] as const) {
    const { page } = await visit.tab();
    for (const place of places) {
      await place.go(page);
      for (const judge of judges) for (const each of await judge(page)) wrong.add(`${place.name}: ${each}`);
    }
  }
  return [...wrong];
}

flow("every page has a title of its own", async (stage) => {
  const titles = new Set<string>();
  const visit = await stage.visit(pulse());
  const { page } = await visit.tab();
  for (const place of SIGNED_IN.slice(0, 4)) {
    await place.go(page);
    titles.add(await page.title());
  }
  expect(titles.size).toBe(3);
});

flow(
  "every page has its language, one main heading and landmarks, what can be used has a name, all text can be read in both themes, and axe finds nothing serious",
  async (stage) => {
    expect(await everywhere(stage)).toEqual([]);
  },
);

flow("on a touch screen nothing that is tapped is smaller than 24 pixels", async (stage) => {
  const options = { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true };
  const visit = await stage.visit(pulse(), options);
  const { page } = await visit.tab();
  const small: string[] = [];
  for (const place of [SIGNED_IN[0], SIGNED_IN[2], SIGNED_IN[3]]) {
    await place?.go(page);
    const found = await tooSmall(page);
    for (const each of found) small.push(`${place?.name}: ${each}`);
  }
  expect(small).toEqual([]);
});

flow("the loss of the server and its return are told to those who do not see the page", async (stage) => {
  const server = await stage.pulse();
  const visit = await stage.visit(server);
  visit.expect(/ERR_/);
  const { page } = await visit.tab(`${server.url}/`);
  await machinesShown(page);
  await server.stop();
  const told = page.locator('[aria-live="polite"]');
  await told.getByText(/Server away since/).waitFor({ state: "attached" });
  await server.start();
  await told.getByText("The server is back. Figures are live again.").waitFor({ state: "attached" });
});
