import { expect } from "bun:test";
import type { Page } from "playwright-core";
import type { Stage } from "./stage.ts";
import { chartsDrawn, firstMachine, machinesShown, setStage, sharedPulse } from "./stage.ts";

const flow = setStage();
const pulse = sharedPulse({
  past: "hour",
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
    name: "settings",
    async go(page) {
      await page.goto(`${pulse().url}/settings`);
      await page.getByText("This one").waitFor();
      await page.getByRole("button", { name: "Change password" }).click();
    },
  },
  {
    name: "palette",
    async go(page) {
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

/** Walks through all places and gathers what is wrong at each. */
async function everywhere(
  stage: Stage,
  colorScheme: "light" | "dark",
  judge: (page: Page) => Promise<string[]>,
): Promise<string[]> {
  const wrong: string[] = [];
  for (const [places, visit] of [
    [SIGNED_IN, await stage.visit(pulse(), { colorScheme, reducedMotion: "reduce" })],
    [SIGNED_OUT, await stage.visit(undefined, { colorScheme, reducedMotion: "reduce" })],
  ] as const) {
    const { page } = await visit.tab();
    for (const place of places) {
      await place.go(page);
      for (const each of await judge(page)) wrong.push(`${place.name}: ${each}`);
    }
  }
  return wrong;
}

flow("every page has its language, one main heading, a title of its own, and landmarks", async (stage) => {
  const titles = new Set<string>();
  const wrong = await everywhere(stage, "light", (page) =>
    page.evaluate(() => {
      const found: string[] = [];
      const shown = (selector: string) =>
        [...document.querySelectorAll(selector)].filter((each) => each.checkVisibility());
      if (document.documentElement.lang !== "en") found.push("no language");
      if (shown("h1").length !== 1) found.push(`${shown("h1").length} main headings`);
      if (shown("main").length !== 1) found.push(`${shown("main").length} main landmarks`);
      if (shown("a[href='/settings']").length > 0 && shown("nav").length === 0) found.push("no navigation");
      for (const nav of shown("nav")) if (!nav.getAttribute("aria-label")) found.push("a nav without a name");
      if (!/ · Pulse$/.test(document.title)) found.push(`title "${document.title}"`);
      const levels = shown("h1, h2, h3, h4").map((each) => Number(each.tagName[1]));
      levels.forEach((level, index) => {
        if (index > 0 && level > (levels[index - 1] ?? 1) + 1)
          found.push(`a heading of level ${level} skips one`);
      });
      return found;
    }),
  );
  const visit = await stage.visit(pulse());
  const { page } = await visit.tab();
  for (const place of SIGNED_IN.slice(0, 4)) {
    await place.go(page);
    titles.add(await page.title());
  }
  expect(wrong).toEqual([]);
  expect(titles.size).toBe(3);
});

flow("everything that can be used has a name, every field a label, every picture a text", async (stage) => {
  const wrong = await everywhere(stage, "light", (page) =>
    page.evaluate(() => {
      const found: string[] = [];
      const say = (what: string, each: Element) => found.push(`${what}: ${each.outerHTML.slice(0, 120)}`);
      const textOf = (ids: string | null) =>
        (ids ?? "")
          .split(/\s+/)
          .map((id) => document.getElementById(id)?.textContent ?? "")
          .join("")
          .trim();
      const nameOf = (each: Element) =>
        each.getAttribute("aria-label") ||
        textOf(each.getAttribute("aria-labelledby")) ||
        each.textContent?.trim();
      for (const each of document.querySelectorAll<HTMLElement>(
        "button, a[href], [role=option], [role=menuitem], summary",
      ))
        if (each.checkVisibility() && !nameOf(each)) say("no name", each);
      for (const each of document.querySelectorAll<HTMLInputElement>("input, select, textarea")) {
        if (!each.checkVisibility() || each.type === "hidden") continue;
        const label = [...(each.labels ?? [])].map((one) => one.textContent ?? "").join("");
        if (!label.trim() && !nameOf(each)) say("no label", each);
        const described = each.getAttribute("aria-describedby");
        if (described && !textOf(described)) say("described by nothing", each);
        if (each.getAttribute("aria-invalid") === "true" && !textOf(described))
          say("wrong, but not why", each);
      }
      for (const each of document.querySelectorAll("img, svg, canvas, [role=img]")) {
        const held = each.closest("[role=img]");
        const hidden = each.closest("[aria-hidden=true]");
        if (!hidden && !(held && nameOf(held)) && !each.getAttribute("alt"))
          say("a picture without words", each);
      }
      for (const each of document.querySelectorAll("table")) {
        const heads = each.querySelectorAll("th");
        if (heads.length === 0 || [...heads].some((head) => !head.getAttribute("scope")))
          say("a table without heads", each);
      }
      for (const each of document.querySelectorAll(
        "[aria-labelledby], [aria-controls], [aria-activedescendant]",
      ))
        for (const attribute of ["aria-labelledby", "aria-controls", "aria-activedescendant"]) {
          const ids = each.getAttribute(attribute)?.split(/\s+/) ?? [];
          for (const id of ids) if (!document.getElementById(id)) say(`${attribute} points nowhere`, each);
        }
      const ids = [...document.querySelectorAll("[id]")].map(({ id }) => id);
      for (const id of new Set(ids))
        if (ids.indexOf(id) !== ids.lastIndexOf(id)) found.push(`two elements are #${id}`);
      for (const each of document.querySelectorAll("[tabindex]"))
        if (Number(each.getAttribute("tabindex")) > 0) say("jumps the queue of Tab", each);
      return found;
    }),
  );
  expect([...new Set(wrong)]).toEqual([]);
});

for (const scheme of ["light", "dark"] as const) {
  flow(`all text can be read: contrast AA on every page (${scheme})`, async (stage) => {
    const wrong = await everywhere(stage, scheme, poorlyReadable);
    expect([...new Set(wrong)]).toEqual([]);
  });
}

flow("on a touch screen nothing that is tapped is smaller than 24 pixels", async (stage) => {
  const options = { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true };
  const visit = await stage.visit(pulse(), options);
  const { page } = await visit.tab();
  const small: string[] = [];
  for (const place of [SIGNED_IN[0], SIGNED_IN[2], SIGNED_IN[3]]) {
    await place?.go(page);
    const found = await page.evaluate(() =>
      [...document.querySelectorAll<HTMLElement>("button, a[href], input")]
        .filter((each) => each.checkVisibility() && !each.closest("p"))
        .filter((each) => !each.textContent?.includes("Skip to content"))
        .map((each) => ({ each, box: each.getBoundingClientRect() }))
        .filter(({ box }) => box.width > 1 && Math.min(box.width, box.height) < 24)
        .map(
          ({ each, box }) => `${box.width.toFixed()}×${box.height.toFixed()} ${each.outerHTML.slice(0, 100)}`,
        ),
    );
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

/**
 * Text whose colour is too near to what it stands on (WCAG 2 AA: 4.5, large text 3). Colours are computed by the
 * browser, painted on a canvas to become sRGB, and laid over each other with their transparency and that of the
 * elements around them.
 */
function poorlyReadable(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    const canvas = document.createElement("canvas");
    canvas.width = 1;
    canvas.height = 1;
    const context = canvas.getContext("2d", { willReadFrequently: true }) as CanvasRenderingContext2D;
    type Color = [red: number, green: number, blue: number, alpha: number];
    const known = new Map<string, Color>();
    const colorOf = (css: string): Color => {
      let color = known.get(css);
      if (!color) {
        context.clearRect(0, 0, 1, 1);
        context.fillStyle = css;
        context.fillRect(0, 0, 1, 1);
        const [red = 0, green = 0, blue = 0, alpha = 0] = context.getImageData(0, 0, 1, 1).data;
        color = [red, green, blue, alpha / 255];
        known.set(css, color);
      }
      return color;
    };
    const over = (top: Color, below: Color): Color => {
      const mix = (index: 0 | 1 | 2) => top[index] * top[3] + below[index] * (1 - top[3]);
      return [mix(0), mix(1), mix(2), 1];
    };
    const luminance = ([red, green, blue]: Color) => {
      const linear = (value: number) =>
        value / 255 <= 0.04045 ? value / 255 / 12.92 : ((value / 255 + 0.055) / 1.055) ** 2.4;
      return 0.2126 * linear(red) + 0.7152 * linear(green) + 0.0722 * linear(blue);
    };
    const groundOf = (element: Element): Color => {
      const chain: Element[] = [];
      for (let each: Element | null = element; each; each = each.parentElement) chain.unshift(each);
      return chain.reduce<Color>(
        (ground, each) => over(colorOf(getComputedStyle(each).backgroundColor), ground),
        [255, 255, 255, 1],
      );
    };
    const opacityOf = (element: Element) => {
      let opacity = 1;
      for (let each: Element | null = element; each; each = each.parentElement)
        opacity *= Number(getComputedStyle(each).opacity);
      return opacity;
    };
    const wrong = new Map<string, string>();
    const judge = (element: Element, style: CSSStyleDeclaration, text: string) => {
      const ground = groundOf(element);
      const [red, green, blue, alpha] = colorOf(style.color);
      const ink = over([red, green, blue, alpha * opacityOf(element)], ground);
      const [light = 0, dark = 0] = [luminance(ink), luminance(ground)].sort((a, b) => b - a);
      const contrast = (light + 0.05) / (dark + 0.05);
      const size = parseFloat(style.fontSize);
      const large = size >= 24 || (size >= 18.66 && Number(style.fontWeight) >= 700);
      if (contrast >= (large ? 3 : 4.5)) return;
      const kind = `${contrast.toFixed(2)} ${element.getAttribute("class")?.slice(0, 60) ?? element.tagName}`;
      wrong.set(kind, `${kind} "${text.trim().slice(0, 30)}"`);
    };
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    while (walker.nextNode()) {
      const text = walker.currentNode.textContent ?? "";
      const element = walker.currentNode.parentElement;
      if (!element || !text.trim() || !element.checkVisibility()) continue;
      if (element.closest("[disabled], [aria-disabled=true], .sr-only, script, style, noscript")) continue;
      if (element.getBoundingClientRect().bottom < 0) continue;
      judge(element, getComputedStyle(element), text);
    }
    for (const field of document.querySelectorAll<HTMLInputElement>("input[placeholder]"))
      if (field.checkVisibility()) judge(field, getComputedStyle(field, "::placeholder"), field.placeholder);
    return [...wrong.values()];
  });
}
