/** What is wrong with a page for those who do not see, point or read as others do. Each judge names every fault. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Page } from "playwright-core";
import { root } from "../support/checkout.ts";

/** Language, headings, landmarks and title. */
export function misbuilt(page: Page): Promise<string[]> {
  return page.evaluate(() => {
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
  });
}

/** What can be used without a name, fields without a label, pictures without a text, references to nothing. */
export function unnamed(page: Page): Promise<string[]> {
  return page.evaluate(() => {
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
      if (each.getAttribute("aria-invalid") === "true" && !textOf(described)) say("wrong, but not why", each);
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
  });
}

/** What a finger cannot hit. */
export function tooSmall(page: Page): Promise<string[]> {
  return page.evaluate(() =>
    [...document.querySelectorAll<HTMLElement>("button, a[href], input")]
      .filter((each) => each.checkVisibility() && !each.closest("p"))
      .filter((each) => !each.textContent?.includes("Skip to content"))
      // What has a label around it is hit by that.
      .map((each) => ({ each, box: (each.closest("label") ?? each).getBoundingClientRect() }))
      .filter(({ box }) => box.width > 1 && Math.min(box.width, box.height) < 24)
      .map(
        ({ each, box }) => `${box.width.toFixed()}×${box.height.toFixed()} ${each.outerHTML.slice(0, 100)}`,
      ),
  );
}

/** What reaches beyond the side of the screen; nothing may be scrolled sideways but what scrolls in itself. */
export function sideways(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    const wide = document.documentElement.clientWidth;
    if (document.documentElement.scrollWidth <= wide && document.body.scrollWidth <= wide) return [];
    const beyond = [...document.querySelectorAll<HTMLElement>("body *")].filter(
      (each) => each.checkVisibility() && each.getBoundingClientRect().right > wide + 1,
    );
    return [
      `scrolls to ${document.documentElement.scrollWidth} of ${wide}`,
      ...beyond.slice(0, 3).map((each) => `beyond the side: ${each.outerHTML.slice(0, 120)}`),
    ];
  });
}

const AXE = readFileSync(join(root, "node_modules/axe-core/axe.min.js"), "utf8");

interface AxeWindow {
  axe: {
    run: (
      within: Document,
      options: object,
    ) => Promise<{
      violations: {
        id: string;
        impact: string | null;
        help: string;
        nodes: { html: string; failureSummary?: string }[];
      }[];
    }>;
  };
}

/** What axe takes for serious or critical; by all its rules, or by one. */
export async function seriousFindings(page: Page, rule?: string): Promise<string[]> {
  /* A dialog that has gone gives the page back a moment later. */
  if ((await page.getByRole("dialog").count()) === 0)
    await page.locator("#root:not([aria-hidden])").waitFor();
  if (!(await page.evaluate(() => "axe" in window))) await page.evaluate(`${AXE}; undefined`);
  return page.evaluate(async (only) => {
    const { axe } = window as unknown as AxeWindow;
    const rules = only === undefined ? {} : { runOnly: { type: "rule", values: [only] } };
    const { violations } = await axe.run(document, { resultTypes: ["violations"], ...rules });
    return violations
      .filter(({ impact }) => impact === "serious" || impact === "critical")
      .flatMap(({ id, help, nodes }) =>
        nodes.map(
          ({ html, failureSummary = "" }) =>
            `${id} (${help}): ${html.slice(0, 160)} ${failureSummary.slice(0, 200)}`,
        ),
      );
  }, rule);
}

/** What cannot be read in the other theme, which an open page takes on with the system; it is light again afterwards. */
export async function poorlyReadableInTheDark(page: Page): Promise<string[]> {
  await wear(page, "dark");
  const found = [...(await poorlyReadable(page)), ...(await seriousFindings(page, "color-contrast"))];
  await wear(page, "light");
  return found.map((each) => `in the dark: ${each}`);
}

async function wear(page: Page, colorScheme: "light" | "dark"): Promise<void> {
  await page.emulateMedia({ colorScheme });
  await page.locator(`html[data-theme="${colorScheme}"]`).waitFor({ state: "attached" });
  await page.waitForFunction(() =>
    document
      .getAnimations()
      .every(
        ({ playState, effect }) => playState !== "running" || effect?.getTiming().iterations === Infinity,
      ),
  );
}

/**
 * Text whose colour is too near to what it stands on (WCAG 2 AA: 4.5, large text 3). Colours are computed by the
 * browser, painted on a canvas to become sRGB, and laid over each other with their transparency and that of the
 * elements around them.
 */
export function poorlyReadable(page: Page): Promise<string[]> {
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
