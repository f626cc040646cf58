import { describe, expect, test } from "bun:test";
import type { NotificationMessage } from "../../contract/notifications.ts";
import { faultOfTemplate, fillTemplate } from "./webhook-template.ts";

function messageOf(title: string): NotificationMessage {
  const alert = { id: "a1", event: "fired", level: "warning", title, lines: [], since: 1 } as const;
  return { id: "m1", at: 1_790_000_000_000, alerts: [{ ...alert, lines: [] }], more: 0 };
}

test("a value cannot leave the place it was put in", () => {
  const template = `{"text":"{{title}}","level":"{{ level }}","n":{{count}}}`;
  const hostile = `"},{"text":"x`;
  const filled = JSON.parse(fillTemplate(template, "json", messageOf(hostile))) as object;
  expect(filled).toEqual({ text: `Warning: ${hostile}`, level: "warning", n: 1 });
  const form = fillTemplate("a={{title}}&b={{id}}", "form", messageOf("x&b=y=z"));
  expect(Object.fromEntries(new URLSearchParams(form))).toEqual({ a: "Warning: x&b=y=z", b: "m1" });
});

test("a value that looks like a place stays what it is", () => {
  expect(fillTemplate("{{title}} {{id}}", "text", messageOf("{{id}}"))).toBe("Warning: {{id}} m1");
});

describe("what is no template is refused with what would be right:", () => {
  const wrong: [template: string, kind: "json" | "text", fault: RegExp][] = [
    [`{"a":"{{secret}}"}`, "json", /no place \{\{secret\}\}: there are id, at/],
    [`{"a":{{title}}`, "json", /is not JSON/],
    [`{"a":{{title}}}`, "json", /is not JSON: every place for text stands in quotes/],
    [`{"a":{{ value }},"n":{{count}}}`, "json", /is not JSON/],
    ["{{constructor}}", "text", /no place/],
    ["{{__proto__}}", "text", /no place/],
  ];
  for (const [template, kind, fault] of wrong)
    test(template, () => expect(faultOfTemplate(template, kind)).toMatch(fault));
  test("and one that is one is not", () => {
    expect(faultOfTemplate(`{"a":"{{title}}","n":{{count}}}`, "json")).toBeUndefined();
    expect(faultOfTemplate(`[{{at}},{{ since }},"{{at}}"]`, "json")).toBeUndefined();
    expect(faultOfTemplate("{{title}}: {{ text }}", "text")).toBeUndefined();
  });
});
