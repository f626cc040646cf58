import { describe, expect, test } from "bun:test";
import { type Condition, judge } from "./verdict.ts";

const condition = (fields: Partial<Condition>): Condition => ({
  state: "running",
  health: undefined,
  exitCode: undefined,
  isOomKilled: false,
  error: undefined,
  isLooping: false,
  ...fields,
});

describe("what a state means", () => {
  const table: [
    name: string,
    fields: Partial<Condition>,
    status: string,
    problem?: RegExp,
    ended?: string,
  ][] = [
    ["running without a health check", {}, "up"],
    ["healthy", { health: "healthy" }, "up"],
    ["still starting", { health: "starting" }, "up"],
    ["unhealthy", { health: "unhealthy" }, "degraded", /health check fails/],
    [
      "in a loop while it runs",
      { isLooping: true, exitCode: 1 },
      "degraded",
      /again and again \(exit code 1\)/,
    ],
    ["in a loop while it waits", { isLooping: true, state: "restarting" }, "degraded", /again and again\./],
    ["in a loop for want of memory", { isLooping: true, isOomKilled: true }, "degraded", /out of memory/],
    [
      "started again once",
      { state: "restarting", exitCode: 2 },
      "degraded",
      /Ended \(exit code 2\) and is started/,
    ],
    ["paused", { state: "paused" }, "degraded", /Paused/],
    ["being stopped", { state: "stopping" }, "degraded", /being stopped/],
    ["finished", { state: "exited", exitCode: 0 }, "down", undefined, "finished"],
    ["stopped by a signal", { state: "exited", exitCode: 143 }, "down", /signal/, "stopped"],
    ["failed", { state: "exited", exitCode: 3 }, "down", /exit code 3\./, "failed"],
    ["killed", { state: "exited", exitCode: 137 }, "down", /137/, "killed"],
    [
      "out of memory",
      { state: "exited", exitCode: 137, isOomKilled: true },
      "down",
      /out of memory/,
      "out_of_memory",
    ],
    ["ended, nobody knows how", { state: "exited" }, "down"],
    ["never started", { state: "created" }, "unknown"],
    ["could not be started", { state: "created", error: "port is taken" }, "down", /port is taken/],
    ["dead", { state: "dead" }, "down", /Dead/],
    ["being removed", { state: "removing" }, "unknown"],
    ["a word of tomorrow's engine", { state: "hibernating" }, "unknown"],
  ];
  for (const [name, fields, status, problem, ended] of table) {
    test(`${name}: ${status}`, () => {
      const verdict = judge(condition(fields));
      expect(verdict.status).toBe(status as typeof verdict.status);
      expect(verdict.ended).toBe(ended as typeof verdict.ended);
      if (problem) expect(verdict.problem).toMatch(problem);
      else expect(verdict.problem).toBeUndefined();
    });
  }
});

test("an engine's words are told without control characters and not at any length", () => {
  const error = `\u001b[31m${"x".repeat(10_000)}`;
  const { problem } = judge(condition({ state: "created", error }));
  expect(problem?.length).toBeLessThan(300);
  expect(problem).not.toContain("\u001b");
});
