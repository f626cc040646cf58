import { describe, expect, test } from "bun:test";
import { SEED, seeded } from "../../tests/support/seeded.ts";
import { withoutControls } from "./visible-text.ts";

/** Both ways in which JSON can write a text. */
function written(text: string): string[] {
  const escaped = Array.from(
    { length: text.length },
    (_, at) => `\\u${text.charCodeAt(at).toString(16).padStart(4, "0")}`,
  );
  return [JSON.stringify(text), `"${escaped.join("")}"`];
}

describe("taken out of a text, however JSON writes it, is", () => {
  const rows: [what: string, text: string, left: string][] = [
    ["what moves a terminal's cursor", "a\u001b[2Jb", "a[2Jb"],
    ["what ends a line early", "a\rb", "ab"],
    ["the end of a text", "a\0b", "ab"],
    ["every other control character", "a\u0001\u0008\u000b\u000c\u001f\u007f\u0080\u0085\u009fb", "ab"],
    [
      "what turns the direction of reading",
      "a\u202eb\u202d\u202a\u202b\u202cc\u2066\u2067\u2068\u2069d",
      "abcd",
    ],
    ["the marks of a direction", "a\u200e\u200f\u061cb", "ab"],
    ["what has no width", "a\u200b\u200c\u200d\u2060\ufeff\u00ad\u180eb", "ab"],
    ["what ends a line in some places", "a\u2028\u2029b", "ab"],
    ["letters that are tags and not seen", "a\u{e0001}\u{e0041}b\u{e007f}", "ab"],
    ["notes between lines", "a\ufff9\ufffa\ufffbb", "ab"],
  ];
  test.each(rows)("%s", (_, text, left) => {
    for (const json of written(text)) {
      expect(withoutControls(json)).toBe(left);
      expect(withoutControls(`{"a":[1,{"b":${json}}],"c":"d"}`)).toEqual({ a: [1, { b: left }], c: "d" });
      expect(withoutControls(`{"a":{${json}:1}}`)).toEqual({ a: { [left]: 1 } });
    }
  });

  test("half of a pair, for which a mark is left", () => {
    for (const [text, left] of [
      ["a\ud83db", "a\ufffdb"],
      ["a\udca9", "a\ufffd"],
      ["\udca9\ud83d", "\ufffd\ufffd"],
      ["\ud83d\ud83d\udca9", "\ufffd\u{1f4a9}"],
    ] as const) {
      for (const json of [...written(text), `"${text}"`]) {
        expect(withoutControls(json)).toBe(left);
        expect(String(withoutControls(json)).isWellFormed()).toBe(true);
      }
    }
  });
});

test("left is what can be seen: lines, tabs, every letter, and what only looks like an escape", () => {
  for (const text of [
    "two\nlines\tand a tab",
    "Zürich ☃ 東京 עברית \u{1f4a9}",
    "C:\\users\\root",
    'a "b"',
    "",
  ]) {
    for (const json of written(text)) expect(withoutControls(json)).toBe(text);
  }
});

test("what is no JSON is refused as by JSON.parse", () => {
  for (const json of ["", "{", '{"a":"\u0001"}', '"\\x"', "\ufeff{}", '{"a":1}\u202e', '["\\u00"]'])
    expect(() => withoutControls(json)).toThrow(SyntaxError);
});

test("a name that means something to the language is a name like any other", () => {
  for (const more of ["", ',"b":"\\u001b"']) {
    const parsed = withoutControls(`{"__proto__":{"a":1}${more}}`) as object;
    expect(Object.keys(parsed)[0]).toBe("__proto__");
    expect(Object.getPrototypeOf(parsed)).toBe(Object.prototype);
  }
});

test(`of clean texts nothing is changed, and of others nothing but what is not seen (seed ${SEED})`, () => {
  const random = seeded();
  const alphabet = [...'abc xyz019_-/\\"\n\té☃東\u{1f4a9}', "\u0301"];
  const unseen = [..."\u0000\u001b\r\u007f\u0085\u00ad\u200b\u202e\u2028\u2066\ufeff", "\u{e0041}"];
  const pick = (from: string[]) => from[Math.floor(random() * from.length)] as string;
  const value = (depth: number, spoil: boolean): { clean: unknown; sent: unknown } => {
    const kind = depth > 3 ? 0 : Math.floor(random() * 5);
    if (kind === 1) {
      const number = [0, -0, 1.5, 1e300, -7][Math.floor(random() * 5)];
      return { clean: number, sent: number };
    }
    if (kind === 2) {
      const all = Array.from({ length: Math.floor(random() * 4) }, () => value(depth + 1, spoil));
      return { clean: all.map(({ clean }) => clean), sent: all.map(({ sent }) => sent) };
    }
    if (kind === 3) {
      const all = Array.from(
        { length: Math.floor(random() * 4) },
        (_, n) => [n, text(spoil), value(depth + 1, spoil)] as const,
      );
      return {
        clean: Object.fromEntries(all.map(([n, { clean }, held]) => [`${n}${clean}`, held.clean])),
        sent: Object.fromEntries(all.map(([n, { sent }, held]) => [`${n}${sent}`, held.sent])),
      };
    }
    return kind === 4 ? { clean: null, sent: null } : text(spoil);
  };
  const text = (spoil: boolean) => {
    const letters = Array.from({ length: Math.floor(random() * 20) }, () => pick(alphabet));
    const sent = letters.flatMap((letter) => (spoil && random() < 0.2 ? [letter, pick(unseen)] : [letter]));
    return { clean: letters.join(""), sent: sent.join("") };
  };
  for (let round = 0; round < 500; round++) {
    const { clean } = value(0, false);
    const json = JSON.stringify(clean);
    expect(withoutControls(json)).toEqual(JSON.parse(json));
    const spoiled = value(0, true);
    expect(withoutControls(JSON.stringify(spoiled.sent))).toEqual(JSON.parse(JSON.stringify(spoiled.clean)));
  }
});
