import { expect, test } from "bun:test";
import { SeldomReading } from "./seldom-reading.ts";

test("one after the other, nothing beside it, and what fails stops nobody else", async () => {
  const failed: unknown[] = [];
  const done: number[] = [];
  let atOnce = 0;
  const reading = new SeldomReading((error) => failed.push(error));
  const read = async (one: number) => {
    expect(++atOnce).toBe(1);
    await Promise.resolve();
    atOnce--;
    if (one === 2) throw new Error("damaged");
    done.push(one);
  };
  reading.begin([1, 2, 3], read);
  expect(reading.isBusy).toBe(true);
  reading.begin([4], read);
  await reading.settled();
  expect([done, failed.map(String), reading.isBusy]).toEqual([[1, 3], ["Error: damaged"], false]);
  reading.begin([4], read);
  await reading.settled();
  expect(done).toEqual([1, 3, 4]);
});
