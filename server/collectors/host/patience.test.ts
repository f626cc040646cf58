import { expect, test } from "bun:test";
import { Patience } from "./patience.ts";

test("what never answers is asked once, and is unknown from then on", async () => {
  const patience = new Patience(1);
  let asked = 0;
  const hang = () => {
    asked += 1;
    return new Promise<number>(() => {});
  };
  expect(await patience.ask(hang)).toBeUndefined();
  expect(await patience.ask(hang)).toBeUndefined();
  expect(asked).toBe(1);
  expect(patience.busy).toBe(true);
});

test("once the late answer has come the question is asked again", async () => {
  const patience = new Patience(1);
  const late = Promise.withResolvers<number>();
  expect(await patience.ask(() => late.promise)).toBeUndefined();
  late.resolve(1);
  await late.promise;
  await new Promise((resolve) => setImmediate(resolve));
  expect(await patience.ask(async () => 2)).toBe(2);
});

test("a failure is no answer, whether it is thrown or rejected", async () => {
  const patience = new Patience(1_000);
  expect(await patience.ask(() => Promise.reject(new Error("no")))).toBeUndefined();
  const thrown = await patience.ask(() => {
    throw new Error("no");
  });
  expect(thrown).toBeUndefined();
  expect(await patience.ask(async () => 3)).toBe(3);
});
