import { expect, test } from "bun:test";
import { HOST } from "../tests/agent/machine.ts";
import { keptLog } from "../tests/support/kept-log.ts";
import { Round } from "./round.ts";

test("a collector that hangs holds up nobody, and what it knew is unknown until it answers", async () => {
  const { log, lines } = keptLog();
  const container = { ...HOST, kind: "container" as const, key: "docker/a", metrics: { cpu_percent: 1 } };
  let hang: Promise<void> | undefined;
  const slow = {
    name: "containers",
    collect: async () => {
      await hang;
      return [container];
    },
  };
  const round = new Round([{ name: "host", collect: async () => [HOST] }, slow], 50, log);
  expect(await round.look()).toEqual([HOST, container]);

  const gate = Promise.withResolvers<void>();
  hang = gate.promise;
  const began = performance.now();
  for (const _ of [1, 2]) {
    expect(await round.look()).toEqual([HOST, { ...container, status: "unknown", metrics: {} }]);
  }
  expect(performance.now() - began).toBeLessThan(5_000);
  expect(lines).toHaveLength(1);

  hang = undefined;
  gate.resolve();
  await gate.promise;
  await Promise.resolve();
  await new Promise<void>((resolve) => setImmediate(resolve));
  expect(await round.look()).toEqual([HOST, container]);
});

test("a collector that fails says why, once", async () => {
  const { log, lines } = keptLog();
  const broken = { name: "broken", collect: () => Promise.reject(new Error("no such socket")) };
  const round = new Round([broken, { name: "host", collect: async () => [HOST] }], 1_000, log);
  for (const _ of [1, 2]) expect(await round.look()).toEqual([HOST]);
  expect(lines).toHaveLength(1);
  expect(lines[0]?.fields.problem).toContain("no such socket");
});

test("a glance asks those that have one, and is none while any of them is still at its last look", async () => {
  const { log, lines } = keptLog();
  let hang: Promise<void> | undefined;
  const host = {
    name: "host",
    collect: async () => [HOST],
    glance: () => Promise.resolve(hang).then(() => [HOST]),
  };
  const costly = { name: "costly", collect: () => Promise.reject(new Error("never at a glance")) };
  const round = new Round([host, costly], 50, log);
  expect([round.canGlance, new Round([costly], 50, log).canGlance]).toEqual([true, false]);
  expect(await round.glance()).toEqual([HOST]);
  const gate = Promise.withResolvers<void>();
  hang = gate.promise;
  expect(await round.glance()).toBeUndefined();
  expect(await round.glance()).toBeUndefined();
  gate.resolve();
  expect(lines).toEqual([]);
});
