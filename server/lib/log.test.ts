import { describe, expect, test } from "bun:test";
import { errorText, LOG_LEVELS, Log, type LogFields, type LogFormat, lineSink } from "./log.ts";

function write(format: LogFormat, message: string, fields: LogFields = {}): string {
  let written = "";
  new Log(
    lineSink(format, "debug", (line) => {
      written += line;
    }),
  ).info(message, fields);
  return written;
}

/** What could forge a line, hide one, or turn its reading order around. */
const HOSTILE = [
  "\n",
  "\r",
  "\0",
  "\u001b[2J",
  "\u007f",
  "\u0085",
  "\u009b",
  "\u200e",
  "\u200f",
  "\u2028",
  "\u2029",
  "\u202a",
  "\u202e",
  "\u2066",
  "\u2069",
];

for (const format of ["json", "pretty"] as const) {
  describe(`in ${format}`, () => {
    for (const hostile of HOSTILE) {
      const shown = `U+${hostile.charCodeAt(0).toString(16).padStart(4, "0")}`;
      test(`${shown} in a message or a field is written out, never written`, () => {
        for (const line of [write(format, `a${hostile}b`), write(format, "m", { field: `a${hostile}b` })]) {
          expect(line.split("\n")).toEqual([expect.any(String), ""]);
          expect(line.slice(0, -1)).not.toContain(hostile[0] as string);
          expect(line).toContain(`u${hostile.charCodeAt(0).toString(16).padStart(4, "0")}`);
        }
      });
    }

    test("a value is cut, so that nobody fills the disk with one", () => {
      expect(write(format, "x".repeat(100_000), { field: "y".repeat(100_000) }).length).toBeLessThan(5_000);
    });

    test("what is undefined is left out", () => {
      expect(write(format, "m", { here: 1, gone: undefined })).not.toContain("gone");
    });
  });
}

test("in json a line is one object with the time, the level, the message and the fields as they are", () => {
  const line = JSON.parse(write("json", "hello", { n: 1, b: true, s: 'quote " and \\', z: null }));
  expect(line).toEqual({
    at: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/),
    level: "info",
    message: "hello",
    n: 1,
    b: true,
    s: 'quote " and \\',
    z: null,
  });
});

test("a level lets through itself and everything graver", () => {
  for (const [index, level] of LOG_LEVELS.entries()) {
    const written: string[] = [];
    const log = new Log(lineSink("json", level, (line) => written.push(JSON.parse(line).level)));
    for (const each of LOG_LEVELS) log[each]("m");
    expect(written).toEqual(LOG_LEVELS.slice(index));
  }
});

describe("an error is told", () => {
  test("with everything that caused it", () => {
    const error = new Error("outer", { cause: new Error("inner", { cause: "the root" }) });
    const text = errorText(error);
    for (const part of ["outer", "inner", "the root"]) expect(text).toContain(part);
  });

  test("when it is not even one", () => {
    expect([errorText("text"), errorText(undefined), errorText(null)]).toEqual(["text", "undefined", "null"]);
  });
});
