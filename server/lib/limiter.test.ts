import { expect, test } from "bun:test";
import { Limiter } from "./limiter.ts";

/** Work that ends when it is told to. */
function held() {
  const { promise, resolve } = Promise.withResolvers<void>();
  return { work: () => promise, end: resolve };
}

const newLimiter = () => new Limiter({ atOnce: 1, maxWaiting: 2, refusal: "busy" });

test("whoever leaves while waiting makes room at once, and those behind keep their order", async () => {
  const limiter = newLimiter();
  const first = held();
  const running = limiter.run(first.work);
  const leaving = new AbortController();
  const begun: string[] = [];
  const left = limiter.run(async () => void begun.push("left"), leaving.signal);
  const second = limiter.run(async () => void begun.push("second"));
  await expect(limiter.run(async () => {})).rejects.toMatchObject({ reason: "rate_limited" });

  leaving.abort();
  await expect(left).rejects.toMatchObject({ reason: "invalid_request" });
  const third = limiter.run(async () => void begun.push("third"));
  first.end();
  await Promise.all([running, second, third]);
  expect(begun).toEqual(["second", "third"]);
});

test("whoever has left before it is their turn to ask is not let in", async () => {
  const limiter = newLimiter();
  await expect(limiter.run(async () => {}, AbortSignal.abort())).rejects.toMatchObject({
    reason: "invalid_request",
  });
  expect(await limiter.run(async () => "next")).toBe("next");
});

test("leaving when one's turn has begun is for the work to notice; the place is free when it ends", async () => {
  const limiter = newLimiter();
  const first = held();
  const second = held();
  const leaving = new AbortController();
  const running = [limiter.run(first.work), limiter.run(second.work, leaving.signal)];
  first.end();
  await running[0];
  leaving.abort();
  const third = limiter.run(async () => "third");
  second.end();
  await running[1];
  expect(await third).toBe("third");
});
