import { expect } from "bun:test";
import type { Page } from "playwright-core";
import type { ReportedResource } from "../../server/contract/report.ts";
import { misbuilt, poorlyReadable, seriousFindings, sideways, unnamed } from "./judges.ts";
import { setStage, sharedPulse } from "./stage.ts";

const LOOP = "Restarts again and again (exit code 1).";

const things: ReportedResource[] = [
  {
    kind: "host",
    key: "nas",
    name: "nas",
    status: "up",
    attributes: {},
    metrics: { cpu_percent: 12, memory_used_percent: 40 },
  },
  {
    kind: "container",
    key: "nginx",
    parent: "nas",
    name: "nginx",
    status: "degraded",
    attributes: { state: "running", problem: LOOP },
    metrics: { cpu_percent: 3, memory_used_bytes: 1e8, memory_limit_bytes: 1e9 },
  },
  {
    kind: "check",
    key: "check",
    name: "https://shop.example.org/",
    status: "down",
    attributes: { type: "http", target: "https://shop.example.org/", problem: "Answers 503, expected 200." },
    metrics: { up: 0, latency_seconds: 0.12, certificate_days_left: 12 },
  },
  {
    kind: "exporter",
    key: "ups",
    name: "ups",
    status: "up",
    attributes: {},
    metrics: { ups_load_percent: 20 },
  },
];

const flow = setStage();
const pulse = sharedPulse({
  things,
  containers: { on: "nas", count: 1_950 },
  machines: [{ name: "shed", trouble: "down" }],
});

async function openList(page: Page, query = ""): Promise<void> {
  await page.goto(`${pulse().url}/resources${query}`);
  await page.locator("main [data-row]").first().waitFor();
}

flow(
  "of two thousand resources only those on the screen are drawn, and each is found by typing",
  async (stage) => {
    const { page } = await stage.open(pulse(), "/");
    await openList(page, "?kind=container");
    expect(await page.locator("main tbody tr").count()).toBeLessThan(120);
    await page.keyboard.press("/");
    await page.keyboard.type("app-1949");
    await page.getByRole("link", { name: "app-1949" }).waitFor();
    await page.waitForURL(/q=app-1949/);
    expect(new URL(page.url()).searchParams.get("kind")).toBe("container");

    await page.keyboard.press("ArrowDown");
    await page.keyboard.press("ArrowDown");
    await page.keyboard.press("Enter");
    await page.getByRole("heading", { level: 1, name: "app-1949" }).waitFor();
    await page.keyboard.press("Escape");
    await page.waitForURL(/\/machines\//);
  },
);

flow(
  "what is wrong stands in the overview in one plain line, leads to its incident, and that to its own page and back",
  async (stage) => {
    const { page } = await stage.open(pulse(), "/");
    await page.getByRole("link", { name: "https://shop.example.org/ answers 503, expected 200" }).waitFor();
    await page.getByRole("link", { name: "nginx on nas restarts again and again (exit code 1)" }).click();
    await page.waitForURL(/\/alerts\/\w+/);
    await page.getByRole("heading", { level: 1 }).getByRole("link", { name: "nginx" }).click();
    await page.getByRole("heading", { level: 1, name: "nginx", exact: true }).waitFor();
    await page.getByRole("heading", { level: 3, name: "Memory" }).waitFor();
    await page.getByRole("link", { name: LOOP }).click();
    await page.waitForURL(/\/alerts\/\w+/);
  },
);

flow("every kind has a page, also one with metrics nobody has thought of", async (stage) => {
  const { page } = await stage.open(pulse(), "/");
  for (const [kind, name, chart] of [
    ["exporter", "ups", "Ups load"],
    ["check", "https://shop.example.org/", "Latency"],
  ] as const) {
    await openList(page, `?kind=${kind}`);
    await page.getByRole("link", { name }).click();
    await page.getByRole("heading", { level: 1, name }).waitFor();
    await page.getByRole("heading", { level: 3, name: chart, exact: true }).waitFor();
  }
  await page.getByRole("img", { name: /last 24 hours/i }).waitFor();
});

flow("what somebody says about a resource is seen at once, found, and stays", async (stage) => {
  const { page } = await stage.open(pulse(), "/");
  await openList(page, "?q=app-42&kind=container");
  await page.getByRole("link", { name: /app-42$/ }).click();
  await page.getByRole("button", { name: "Add a name, notes, tags" }).click();
  await page.getByLabel("Name").fill("The shop");
  await page.getByLabel("Tags").fill("Prod, basement");
  await page.getByLabel("Web page").fill("shop.example.org");
  await page.getByRole("button", { name: "Save" }).click();
  await page.getByRole("heading", { level: 1, name: "The shop" }).waitFor();
  await page.reload();
  await page.getByRole("heading", { level: 1, name: "The shop" }).waitFor();
  expect(await page.getByRole("link", { name: "shop.example.org" }).getAttribute("href")).toBe(
    "https://shop.example.org",
  );
  await page.getByRole("link", { name: "prod" }).click();
  await page.getByRole("link", { name: "The shop" }).waitFor();
});

flow(
  "a machine that may be off is no problem anywhere, and looks neither well nor in trouble",
  async (stage) => {
    const { page } = await stage.open(pulse(), "/");
    const problem = page.getByRole("link", { name: /shed is down/ });
    const inRail = page.getByRole("navigation", { name: "Machines" }).getByRole("link", { name: /shed/ });
    await problem.waitFor();
    expect(await inRail.innerText()).toContain("down");
    await inRail.click();
    await page.getByRole("button", { name: "Add a name, notes, tags" }).click();
    await page.getByLabel("Off now and then").check();
    await page.getByRole("button", { name: "Save" }).click();
    await page.getByText("Off now and then, as expected").waitFor();

    await page.getByRole("link", { name: "Overview" }).click();
    const tile = page.locator("main").getByRole("link", { name: /shed/ });
    await tile.getByRole("img", { name: "off, as expected" }).waitFor();
    expect(await problem.count()).toBe(0);
    expect((await inRail.innerText()).split("\n").at(-1)).toBe("off");
  },
);

flow("the palette finds a container among thousands, and what it is on", async (stage) => {
  const { page } = await stage.open(pulse(), "/");
  await page.getByRole("heading", { level: 1 }).waitFor();
  await page.keyboard.press("Control+k");
  await page.getByRole("combobox").waitFor();
  await page.keyboard.type("nas app-1234");
  await page.getByRole("option", { name: /app-1234/ }).waitFor();
  await page.keyboard.press("Enter");
  await page.getByRole("heading", { level: 1, name: "app-1234" }).waitFor();
});

for (const colorScheme of ["light", "dark"] as const)
  flow(`resources and their pages can be used by everybody (${colorScheme})`, async (stage) => {
    const { page } = await stage.open(pulse(), "/", { colorScheme, viewport: { width: 1280, height: 800 } });
    const judge = async () => {
      for (const judged of [misbuilt, unnamed, seriousFindings, poorlyReadable])
        expect(await judged(page)).toEqual([]);
      await page.setViewportSize({ width: 390, height: 844 });
      expect(await sideways(page)).toEqual([]);
      await page.setViewportSize({ width: 1280, height: 800 });
    };
    await openList(page);
    await judge();
    await page.getByRole("button", { name: "Tiles" }).click();
    await judge();
    await page.getByRole("button", { name: "Table" }).click();
    await openList(page, "?kind=check");
    await page.getByRole("main").getByRole("link", { name: /shop/ }).click();
    await page.getByRole("heading", { level: 1, name: /shop/ }).waitFor();
    await page.locator("main canvas").first().waitFor();
    await judge();
    await page.getByRole("button", { name: "Add a name, notes, tags" }).click();
    await page.getByLabel("Notes").waitFor();
    await judge();
  });
