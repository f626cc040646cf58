import { describe, expect, test } from "bun:test";
import { DEFAULT_ORG, OrgId } from "../contract/ids.ts";
import type { EndReason } from "../contract/live.ts";
import { mintId } from "../lib/random-id.ts";
import { Bus, type LiveMessage, type Subscriber } from "./bus.ts";

function newBus(snapshot?: () => Promise<{ at: number; json: string }>) {
  const failures: unknown[] = [];
  let snapshots = 0;
  const bus = new Bus({
    clock: () => 7,
    encode: (_, json) => Buffer.from(json),
    snapshot: () => {
      snapshots++;
      return snapshot?.() ?? Promise.resolve({ at: 1, json: `"picture ${snapshots}"` });
    },
    onFailure: (error) => failures.push(error),
  });
  return { bus, failures, snapshots: () => snapshots };
}

/** A page: what it received, and how much room it has. */
class Page implements Subscriber {
  readonly owner = "u";
  readonly received: LiveMessage[] = [];
  reason: EndReason | undefined;
  ended = 0;
  room = Number.POSITIVE_INFINITY;
  endReason(): EndReason | undefined {
    return this.reason;
  }
  deliver(message: LiveMessage): boolean {
    if (this.room <= 0) return false;
    this.room--;
    this.received.push(message);
    return true;
  }
  end(message: LiveMessage): void {
    this.ended++;
    this.received.push(message);
  }
  get events(): { type: string; data: unknown }[] {
    return this.received.map(({ json }) => {
      const { type, data } = JSON.parse(json) as { type: string; data: unknown };
      return { type, data };
    });
  }
  get last(): LiveMessage {
    return this.received.at(-1) as LiveMessage;
  }
}

const settle = () => new Promise(setImmediate);
const publish = (bus: Bus, n: number, orgId: OrgId = DEFAULT_ORG) =>
  bus.publish(orgId, "resources", n, String(n));
const event = (n: number) => ({ type: "resources", data: n });
const SNAPSHOT = { type: "snapshot", data: expect.any(String) };

test("a new stream begins with the picture and goes on with every event after it, in order", async () => {
  const { bus } = newBus();
  const page = new Page();
  bus.open(DEFAULT_ORG, page);
  await settle();
  publish(bus, 1);
  publish(bus, 2);
  expect(page.events).toEqual([SNAPSHOT, event(1), event(2)]);
  expect(JSON.parse(page.last.json)).toEqual({ id: page.last.id, type: "resources", at: 2, data: 2 });
  bus.endAll("shutting_down");
});

test("what happens while the picture is on its way is in the picture, not before it", async () => {
  const asked = Promise.withResolvers<{ at: number; json: string }>();
  const { bus } = newBus(() => asked.promise);
  const page = new Page();
  bus.open(DEFAULT_ORG, page);
  publish(bus, 1);
  asked.resolve({ at: 1, json: '"picture"' });
  await settle();
  publish(bus, 2);
  expect(page.events).toEqual([SNAPSHOT, event(2)]);
  bus.endAll("shutting_down");
});

test("an org's events go to its streams and no other's", async () => {
  const { bus } = newBus();
  const other = OrgId.parse(mintId("o"));
  const [ours, theirs] = [new Page(), new Page()];
  bus.open(DEFAULT_ORG, ours);
  bus.open(other, theirs);
  await settle();
  publish(bus, 1);
  publish(bus, 2, other);
  expect([ours.events, theirs.events]).toEqual([
    [SNAPSHOT, event(1)],
    [SNAPSHOT, event(2)],
  ]);
  expect([bus.streamCount, bus.streamsOf(other)]).toEqual([2, 1]);
  bus.endAll("shutting_down");
});

describe("a stream that comes back", () => {
  async function left() {
    const setting = newBus();
    const page = new Page();
    const open = setting.bus.open(DEFAULT_ORG, page);
    await settle();
    publish(setting.bus, 1);
    open.close();
    return { ...setting, lastId: page.last.id };
  }

  test("gets exactly what it missed", async () => {
    const { bus, lastId, snapshots } = await left();
    publish(bus, 2);
    publish(bus, 3);
    const back = new Page();
    bus.open(DEFAULT_ORG, back, lastId);
    publish(bus, 4);
    await settle();
    expect(back.events).toEqual([event(2), event(3), event(4)]);
    expect(snapshots()).toBe(1);
    bus.endAll("shutting_down");
  });

  test("having missed nothing gets nothing but what is new", async () => {
    const { bus, lastId } = await left();
    const back = new Page();
    bus.open(DEFAULT_ORG, back, lastId);
    await settle();
    expect(back.events).toEqual([]);
    publish(bus, 2);
    expect(back.events).toEqual([event(2)]);
    bus.endAll("shutting_down");
  });

  test("having missed more than is remembered gets the picture", async () => {
    const { bus, lastId } = await left();
    for (let n = 2; n < 300; n++) publish(bus, n);
    const back = new Page();
    bus.open(DEFAULT_ORG, back, lastId);
    await settle();
    expect(back.events).toEqual([SNAPSHOT]);
    bus.endAll("shutting_down");
  });

  test("having missed more bytes than are remembered gets the picture", async () => {
    const { bus, lastId } = await left();
    for (let n = 0; n < 3; n++) bus.publish(DEFAULT_ORG, "resources", n, JSON.stringify("x".repeat(500_000)));
    const back = new Page();
    bus.open(DEFAULT_ORG, back, lastId);
    await settle();
    expect(back.events).toEqual([SNAPSHOT]);
    bus.endAll("shutting_down");
  });

  test.each([
    "another start",
    "another org",
    "a number from the future",
    "nonsense",
    "an empty id",
    "a negative number",
  ])("with the id of %s gets the picture", async (what) => {
    const { bus, lastId } = await left();
    const [epoch] = lastId.split(".");
    const id = {
      "another start": (await left()).lastId,
      "another org": "aaaaaaaaaa.1",
      "a number from the future": `${epoch}.99`,
      nonsense: "__proto__",
      "an empty id": "",
      "a negative number": `${epoch}.-1`,
    }[what];
    const back = new Page();
    bus.open(DEFAULT_ORG, back, id);
    await settle();
    expect(back.events).toEqual([SNAPSHOT]);
    bus.endAll("shutting_down");
  });
});

describe("a reader that is behind", () => {
  test("loses what did not fit, and catches up with one picture when there is room", async () => {
    const { bus, snapshots } = newBus();
    const page = new Page();
    page.room = 2;
    const open = bus.open(DEFAULT_ORG, page);
    await settle();
    for (let n = 1; n <= 5; n++) publish(bus, n);
    page.room = Number.POSITIVE_INFINITY;
    publish(bus, 6);
    expect(page.events).toEqual([SNAPSHOT, event(1)]);
    open.resume();
    open.resume();
    await settle();
    open.resume();
    publish(bus, 7);
    await settle();
    expect(page.events).toEqual([SNAPSHOT, event(1), SNAPSHOT, event(7)]);
    expect(snapshots()).toBe(2);
    bus.endAll("shutting_down");
  });

  test("does not hold up the others", async () => {
    const { bus } = newBus();
    const [slow, quick] = [new Page(), new Page()];
    slow.room = 1;
    bus.open(DEFAULT_ORG, slow);
    bus.open(DEFAULT_ORG, quick);
    await settle();
    for (let n = 1; n <= 3; n++) publish(bus, n);
    expect(slow.events).toEqual([SNAPSHOT]);
    expect(quick.events).toEqual([SNAPSHOT, event(1), event(2), event(3)]);
    bus.endAll("shutting_down");
  });

  test("shares one picture with all who wait for one", async () => {
    const { bus, snapshots } = newBus();
    const pages = [new Page(), new Page(), new Page()];
    for (const page of pages) bus.open(DEFAULT_ORG, page);
    await settle();
    expect(snapshots()).toBe(1);
    for (const page of pages) expect(page.events).toEqual([SNAPSHOT]);
    bus.endAll("shutting_down");
  });

  test("for whom there is no picture is sent away to come back", async () => {
    const { bus, failures } = newBus(() => Promise.reject(new Error("no")));
    const page = new Page();
    bus.open(DEFAULT_ORG, page);
    await settle();
    expect(page.events).toEqual([{ type: "end", data: { reason: "shutting_down" } }]);
    expect(failures).toEqual([new Error("no")]);
    expect(bus.streamCount).toBe(0);
    bus.recheck();
  });
});

describe("a stream whose right is gone", () => {
  async function watching() {
    const { bus } = newBus();
    const pages = [new Page(), new Page()] as const;
    const opens = pages.map((page) => bus.open(DEFAULT_ORG, page));
    await settle();
    return { bus, pages, opens };
  }

  test("gets no further event, only why it ended, once", async () => {
    const { bus, pages } = await watching();
    pages[0].reason = "access_changed";
    publish(bus, 1);
    publish(bus, 2);
    bus.recheck();
    bus.endAll("shutting_down");
    expect(pages[0].events).toEqual([SNAPSHOT, { type: "end", data: { reason: "access_changed" } }]);
    expect(pages[0].ended).toBe(1);
    expect(pages[1].events).toEqual([
      SNAPSHOT,
      event(1),
      event(2),
      { type: "end", data: { reason: "shutting_down" } },
    ]);
  });

  test("ends at once when rights change, without any event", async () => {
    const { bus, pages } = await watching();
    pages[0].reason = "signed_out";
    bus.recheck();
    expect(pages[0].ended).toBe(1);
    expect(bus.streamCount).toBe(1);
    bus.endAll("shutting_down");
    expect(bus.streamCount).toBe(0);
  });

  test("ends within half a second when rights end by time alone", async () => {
    const { bus, pages } = await watching();
    const ended = Promise.withResolvers<void>();
    pages[0].end = () => ended.resolve();
    pages[0].reason = "max_age";
    await ended.promise;
    bus.endAll("shutting_down");
  });

  test("gets no picture it had asked for, nor what it missed", async () => {
    const { bus, pages } = await watching();
    publish(bus, 1);
    const [late, back] = [new Page(), new Page()];
    bus.open(DEFAULT_ORG, late);
    late.reason = "signed_out";
    back.reason = "access_changed";
    bus.open(DEFAULT_ORG, back, pages[0].received[0]?.id);
    await settle();
    expect(late.events).toEqual([{ type: "end", data: { reason: "signed_out" } }]);
    expect(back.events).toEqual([{ type: "end", data: { reason: "access_changed" } }]);
    bus.endAll("shutting_down");
  });

  test("that was closed by its reader gets nothing at all", async () => {
    const { bus, pages, opens } = await watching();
    opens[0]?.close();
    publish(bus, 1);
    bus.endAll("shutting_down");
    expect(pages[0].events).toEqual([SNAPSHOT]);
  });
});
