import { afterEach, beforeEach, describe, expect, jest, test } from "bun:test";
import { GroupCommit } from "./group-commit.ts";

beforeEach(() => void jest.useFakeTimers());
afterEach(() => void jest.useRealTimers());

/** A disk that can be told to fail, and what it was asked to do. */
function newCommit() {
  const disk = { commits: 0, failures: [] as unknown[], broken: undefined as Error | undefined };
  const commit = new GroupCommit({
    commit() {
      if (disk.broken) throw disk.broken;
      disk.commits++;
    },
    onFailure: (error) => disk.failures.push(error),
  });
  return { disk, commit };
}

/** What has become of a promise so far. */
function follow(promise: Promise<void>): { state: string } {
  const followed = { state: "waiting" };
  promise.then(
    () => (followed.state = "durable"),
    () => (followed.state = "refused"),
  );
  return followed;
}

async function settle(): Promise<void> {
  for (let turn = 0; turn < 5; turn++) await Promise.resolve();
}

test("the earliest deadline commits for everyone, once", async () => {
  const { disk, commit } = newCommit();
  const local = follow(commit.durable(60_000));
  jest.advanceTimersByTime(1_000);
  const remote = follow(commit.durable(5));
  jest.advanceTimersByTime(4);
  await settle();
  expect([disk.commits, local.state, remote.state]).toEqual([0, "waiting", "waiting"]);
  jest.advanceTimersByTime(1);
  await settle();
  expect([disk.commits, local.state, remote.state]).toEqual([1, "durable", "durable"]);
  jest.advanceTimersByTime(120_000);
  expect(disk.commits).toBe(1);
});

test("a later deadline does not move an earlier one", () => {
  const { disk, commit } = newCommit();
  commit.request(10);
  commit.request(60_000);
  jest.advanceTimersByTime(10);
  expect(disk.commits).toBe(1);
});

test("nobody is told before the commit returned", async () => {
  let during = "";
  const waiting: { state: string }[] = [];
  const commit = new GroupCommit({
    commit() {
      during = waiting[0]?.state ?? "";
    },
    onFailure: () => {},
  });
  waiting.push(follow(commit.durable(5)));
  jest.advanceTimersByTime(5);
  expect(during).toBe("waiting");
  await settle();
  expect(waiting[0]?.state).toBe("durable");
});

describe("when the disk fails", () => {
  test("who waited is refused, and what waits is tried again by itself", async () => {
    const { disk, commit } = newCommit();
    const error = new Error("full");
    disk.broken = error;
    const refused = follow(commit.durable(5));
    jest.advanceTimersByTime(5);
    await settle();
    expect(refused.state).toBe("refused");
    expect(disk.failures).toEqual([error]);
    expect(commit.failing).toBe(error);

    jest.advanceTimersByTime(1_000);
    expect(disk.failures).toEqual([error, error]);
    disk.broken = undefined;
    jest.advanceTimersByTime(1_000);
    expect(disk.commits).toBe(1);
    expect(commit.failing).toBeUndefined();
    jest.advanceTimersByTime(60_000);
    expect(disk.commits).toBe(1);
  });

  test("nobody's deadline is short enough to hammer it", async () => {
    const { disk, commit } = newCommit();
    disk.broken = new Error("full");
    commit.request(5);
    jest.advanceTimersByTime(5);
    for (let n = 0; n < 100; n++) {
      follow(commit.durable(5));
      jest.advanceTimersByTime(10);
    }
    await settle();
    expect(disk.failures.length).toBeLessThanOrEqual(2);
  });

  test("the next waiter is answered for by the retry", async () => {
    const { disk, commit } = newCommit();
    disk.broken = new Error("full");
    follow(commit.durable(5));
    jest.advanceTimersByTime(5);
    const patient = follow(commit.durable(5));
    disk.broken = undefined;
    jest.advanceTimersByTime(1_000);
    await settle();
    expect(patient.state).toBe("durable");
    const next = follow(commit.durable(5));
    jest.advanceTimersByTime(5);
    await settle();
    expect(next.state).toBe("durable");
  });
});

test("a flush commits at once, for everyone who waits, and says when it cannot", async () => {
  const { disk, commit } = newCommit();
  const waiting = follow(commit.durable(60_000));
  commit.flush();
  await settle();
  expect([disk.commits, waiting.state]).toEqual([1, "durable"]);

  disk.broken = new Error("full");
  const refused = follow(commit.durable(60_000));
  expect(() => commit.flush()).toThrow("full");
  await settle();
  expect(refused.state).toBe("refused");
});

test("after a stop nothing is committed any more", () => {
  const { disk, commit } = newCommit();
  commit.request(5);
  commit.stop();
  jest.advanceTimersByTime(60_000);
  expect(disk.commits).toBe(0);
});
