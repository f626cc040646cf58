import { expect, test } from "bun:test";
import { Turns } from "./turns.ts";

test("a turn is over when its time is, and a new one begins after the others", async () => {
  const turns = new Turns(undefined);
  while (!turns.isOver);
  let others = 0;
  setImmediate(() => others++);
  await turns.next();
  expect(others).toBe(1);
  expect(turns.isOver as boolean).toBe(false);
});

test("what takes longer than is read for one call ends with words about it", async () => {
  const turns = new Turns(undefined, 5);
  const read = async () => {
    for (;;) {
      while (!turns.isOver);
      await turns.next();
    }
  };
  await expect(read()).rejects.toMatchObject({
    reason: "too_large",
    message: expect.stringContaining("Ask for fewer metrics, fewer points or a shorter range."),
  });
});

test("a read nobody waits for ends with its turn", async () => {
  const leaving = new AbortController();
  const turns = new Turns(leaving.signal);
  await turns.next();
  leaving.abort();
  await expect(turns.next()).rejects.toMatchObject({ reason: "invalid_request" });
});
