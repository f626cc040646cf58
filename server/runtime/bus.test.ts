import { describe, expect, test } from "bun:test";
import { DEFAULT_ORG, OrgId, ShareId } from "../contract/ids.ts";
import type { EndReason } from "../contract/live.ts";
import { mintId } from "../lib/random-id.ts";
import { Bus, type LiveMessage, type Subscriber } from "./bus.ts";

type Snapshot = (shares: readonly ShareId[]) => Promise<{ at: number; json: string }>;

function newBus(snapshot?: Snapshot) {
  const failures: unknown[] = [];
  let snapshots = 0;
  const bus = new Bus({
    clock: () => 7,
    encode: (_, json) => Buffer.from(json),
    snapshot: (_, shares) => {
      snapshots++;
      return snapshot?.(shares) ?? Promise.resolve({ at: 1, json: `"picture ${snapshots}"` });
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
  seen: readonly ShareId[] = [];
  constructor(...seen: ShareId[]) {
    this.seen = seen;
  }
  shares(): readonly ShareId[] {
    return this.seen;
  }
  losing: "end" | "snapshot" = "end";
  losingShares(): "end" | "snapshot" {
    return this.losing;
  }
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

describe("what another org shows here", () => {
  const [h, i] = [ShareId.parse(mintId("h")), ShareId.parse(mintId("h"))];
  const publishVia = (bus: Bus, n: number, via: ShareId) =>
    bus.publish(DEFAULT_ORG, "resources", n, String(n), via);
  /** A picture that says through which shares it was taken. */
  const picture: Snapshot = async (shares) => ({ at: 1, json: JSON.stringify(shares) });
  const pictureOf = (...shares: ShareId[]) => ({ type: "snapshot", data: shares });
  const accessChanged = { type: "end", data: { reason: "access_changed" } };
  const idsOf = (page: Page) => page.received.map(({ id }) => id);

  /** Pictures that come when they are let go, in the order in which they were asked for. */
  function slowPictures() {
    const asked: { shares: readonly ShareId[]; arrive: () => Promise<unknown> }[] = [];
    const snapshot: Snapshot = (shares) => {
      const { promise, resolve } = Promise.withResolvers<{ at: number; json: string }>();
      const arrive = () => {
        resolve({ at: 1, json: JSON.stringify(shares) });
        return settle();
      };
      asked.push({ shares, arrive });
      return promise;
    };
    return { asked, snapshot };
  }

  test("reaches the streams that see the share it comes through, and no others", async () => {
    const { bus } = newBus(picture);
    const pages = { none: new Page(), one: new Page(h), other: new Page(i), both: new Page(h, i) };
    for (const page of Object.values(pages)) bus.open(DEFAULT_ORG, page);
    await settle();
    publishVia(bus, 1, h);
    publishVia(bus, 2, i);
    publish(bus, 3);
    expect(pages.none.events).toEqual([pictureOf(), event(3)]);
    expect(pages.one.events).toEqual([pictureOf(h), event(1), event(3)]);
    expect(pages.other.events).toEqual([pictureOf(i), event(2), event(3)]);
    expect(pages.both.events).toEqual([pictureOf(h, i), event(1), event(2), event(3)]);
    bus.endAll("shutting_down");
  });

  test("through the same shares is one picture for all who see through them", async () => {
    const { bus, snapshots } = newBus(picture);
    const pages = [new Page(h), new Page(h), new Page(), new Page()];
    for (const page of pages) bus.open(DEFAULT_ORG, page);
    await settle();
    expect(snapshots()).toBe(2);
    expect(pages.map((page) => page.events[0])).toEqual([
      pictureOf(h),
      pictureOf(h),
      pictureOf(),
      pictureOf(),
    ]);
    bus.endAll("shutting_down");
  });

  describe("ends with the share:", () => {
    async function watching() {
      const { bus } = newBus(picture);
      const pages = [new Page(h, i), new Page(i)] as const;
      for (const page of pages) bus.open(DEFAULT_ORG, page);
      await settle();
      pages[0].seen = [i];
      return { bus, pages };
    }

    test("at once when rights are looked at, and the page comes back without it", async () => {
      const { bus, pages } = await watching();
      bus.recheck();
      expect(pages[0].events).toEqual([pictureOf(h, i), accessChanged]);
      const back = new Page(i);
      bus.open(DEFAULT_ORG, back, pages[0].last.id);
      await settle();
      expect(back.events).toEqual([pictureOf(i)]);
      bus.endAll("shutting_down");
    });

    test("with the next event, whoever it is from, and nothing comes after", async () => {
      for (const via of [h, i, undefined]) {
        const { bus, pages } = await watching();
        for (let n = 1; n <= 3; n++) bus.publish(DEFAULT_ORG, "resources", n, String(n), via);
        await settle();
        bus.recheck();
        bus.endAll("shutting_down");
        expect(pages[0].events).toEqual([pictureOf(h, i), accessChanged]);
        expect(pages[0].ended).toBe(1);
      }
    });

    test("others go on", async () => {
      const { bus, pages } = await watching();
      publishVia(bus, 1, i);
      expect(pages[1].events).toEqual([pictureOf(i), event(1)]);
      expect(bus.streamCount).toBe(1);
      bus.endAll("shutting_down");
    });

    test("also when another has taken its place", async () => {
      const { bus, pages } = await watching();
      pages[1].seen = [h];
      bus.recheck();
      await settle();
      expect(pages[1].events).toEqual([pictureOf(i), accessChanged]);
      bus.endAll("shutting_down");
    });

    test("also while the picture it would be in is on its way", async () => {
      const { asked, snapshot } = slowPictures();
      const { bus } = newBus(snapshot);
      const page = new Page(h);
      bus.open(DEFAULT_ORG, page);
      page.seen = [];
      await asked[0]?.arrive();
      expect(page.events).toEqual([accessChanged]);
      expect(bus.streamCount).toBe(0);
      bus.recheck();
    });
  });

  describe("in addition comes with a new picture:", () => {
    test("as soon as rights are looked at, and what happens meanwhile comes after it", async () => {
      const { asked, snapshot } = slowPictures();
      const { bus } = newBus(snapshot);
      const page = new Page();
      bus.open(DEFAULT_ORG, page);
      await asked[0]?.arrive();
      publish(bus, 1);
      page.seen = [h];
      bus.recheck();
      bus.recheck();
      publish(bus, 2);
      publishVia(bus, 3, h);
      expect(page.events).toEqual([pictureOf(), event(1)]);
      await asked[1]?.arrive();
      publishVia(bus, 4, h);
      expect(page.events).toEqual([pictureOf(), event(1), pictureOf(h), event(2), event(3), event(4)]);
      expect(asked.map(({ shares }) => shares)).toEqual([[], [h]]);
      bus.endAll("shutting_down");
    });

    test("with the first event that comes through it", async () => {
      const { bus } = newBus(picture);
      const page = new Page();
      bus.open(DEFAULT_ORG, page);
      await settle();
      page.seen = [h];
      publishVia(bus, 1, h);
      await settle();
      /* It may be repeated: the picture already says what it says. */
      expect(page.events.slice(0, 2)).toEqual([pictureOf(), pictureOf(h)]);
      publishVia(bus, 2, h);
      expect(page.events.at(-1)).toEqual(event(2));
      bus.endAll("shutting_down");
    });

    test("added while a picture is on its way, only the one with it is shown", async () => {
      const { asked, snapshot } = slowPictures();
      const { bus } = newBus(snapshot);
      const page = new Page(h);
      bus.open(DEFAULT_ORG, page);
      publishVia(bus, 1, h);
      page.seen = [h, i];
      bus.recheck();
      publishVia(bus, 2, i);
      await asked[0]?.arrive();
      expect(page.events).toEqual([]);
      expect(asked[1]?.shares).toEqual([h, i]);
      publishVia(bus, 3, i);
      await asked[1]?.arrive();
      expect(page.events).toEqual([pictureOf(h, i), event(3)]);
      bus.endAll("shutting_down");
    });

    test("one for each that is added", async () => {
      const { bus } = newBus(picture);
      const page = new Page();
      bus.open(DEFAULT_ORG, page);
      await settle();
      for (const seen of [[h], [h, i]]) {
        page.seen = seen;
        bus.recheck();
        await settle();
      }
      expect(page.events).toEqual([pictureOf(), pictureOf(h), pictureOf(h, i)]);
      bus.endAll("shutting_down");
    });

    test("to a reader that is behind when it has caught up", async () => {
      const { bus } = newBus(picture);
      const page = new Page();
      page.room = 1;
      const open = bus.open(DEFAULT_ORG, page);
      await settle();
      publish(bus, 1);
      page.seen = [h];
      bus.recheck();
      await settle();
      expect(page.events).toEqual([pictureOf()]);
      page.room = Number.POSITIVE_INFINITY;
      open.resume();
      await settle();
      expect(page.events).toEqual([pictureOf(), pictureOf(h)]);
      bus.endAll("shutting_down");
    });
  });

  describe("and what happens while the picture is on its way", () => {
    test("comes after it, in order, with what is its own", async () => {
      const { asked, snapshot } = slowPictures();
      const { bus } = newBus(snapshot);
      const page = new Page(h);
      publish(bus, 1);
      bus.open(DEFAULT_ORG, page);
      publishVia(bus, 2, h);
      publish(bus, 3);
      publishVia(bus, 4, i);
      await asked[0]?.arrive();
      publish(bus, 5);
      expect(page.events).toEqual([pictureOf(h), event(2), event(3), event(5)]);
      bus.endAll("shutting_down");
    });

    test("comes after it to who joined late, too", async () => {
      const { asked, snapshot } = slowPictures();
      const { bus, snapshots } = newBus(snapshot);
      const [first, second] = [new Page(h), new Page(h)];
      bus.open(DEFAULT_ORG, first);
      publishVia(bus, 1, h);
      bus.open(DEFAULT_ORG, second);
      publishVia(bus, 2, h);
      await asked[0]?.arrive();
      expect(snapshots()).toBe(1);
      for (const page of [first, second]) expect(page.events).toEqual([pictureOf(h), event(1), event(2)]);
      bus.endAll("shutting_down");
    });

    test("is in the next one when it is more than is remembered", async () => {
      const { asked, snapshot } = slowPictures();
      const { bus } = newBus(snapshot);
      const page = new Page(h);
      bus.open(DEFAULT_ORG, page);
      for (let n = 1; n <= 300; n++) publishVia(bus, n, h);
      await asked[0]?.arrive();
      expect(page.events).toEqual([]);
      publishVia(bus, 301, h);
      await asked[1]?.arrive();
      expect(page.events).toEqual([pictureOf(h), event(301)]);
      bus.endAll("shutting_down");
    });

    test("does not keep it away for good, however much that is and however slow the picture", async () => {
      const { asked, snapshot } = slowPictures();
      const { bus } = newBus(snapshot);
      const page = new Page(h);
      bus.open(DEFAULT_ORG, page);
      for (let n = 0; n < 20; n++) {
        bus.publish(DEFAULT_ORG, "resources", n, JSON.stringify("x".repeat(1_100_000)));
        await asked[n]?.arrive();
      }
      expect(page.events[0]).toEqual(pictureOf(h));
      bus.endAll("shutting_down");
    });

    test("does not overtake it when there is no room for all of it", async () => {
      const { asked, snapshot } = slowPictures();
      const { bus } = newBus(snapshot);
      const page = new Page(h);
      page.room = 2;
      const open = bus.open(DEFAULT_ORG, page);
      for (let n = 1; n <= 3; n++) publishVia(bus, n, h);
      await asked[0]?.arrive();
      expect(page.events).toEqual([pictureOf(h), event(1)]);
      page.room = Number.POSITIVE_INFINITY;
      publishVia(bus, 4, h);
      open.resume();
      await asked[1]?.arrive();
      publishVia(bus, 5, h);
      expect(page.events).toEqual([pictureOf(h), event(1), pictureOf(h), event(5)]);
      bus.endAll("shutting_down");
    });

    test("is lost to no stream, however pictures and events fall", async () => {
      /* What a picture says is what had been published when the source was asked, a moment before it comes. */
      let published = 0;
      let seed = 7;
      const random = (below: number) => {
        seed = (seed * 1_103_515_245 + 12_345) % 2 ** 31;
        return seed % below;
      };
      const waiting: (() => void)[] = [];
      const { bus } = newBus(() => {
        const { promise, resolve } = Promise.withResolvers<{ at: number; json: string }>();
        const json = String(published);
        waiting.push(() => resolve({ at: 1, json }));
        return promise;
      });
      const pages: Page[] = [];
      for (let step = 0; step < 2_000; step++) {
        const what = random(10);
        if (what < 6) publishVia(bus, ++published, h);
        else if (what < 8) waiting.splice(random(waiting.length + 1), 1)[0]?.();
        else if (pages.length < 40) {
          const page = new Page(h);
          pages.push(page);
          bus.open(DEFAULT_ORG, page);
        }
        await settle();
      }
      while (waiting.length > 0) {
        waiting.shift()?.();
        await settle();
      }
      for (const page of pages) {
        let known = 0;
        for (const { type, data } of page.events) {
          expect(type === "snapshot" || (data as number) <= known + 1).toBe(true);
          known = Math.max(known, data as number);
        }
        expect(known).toBe(published);
      }
      bus.endAll("shutting_down");
    });
  });

  test("is never replayed by id, to nobody, once something was shown", async () => {
    const { bus } = newBus(picture);
    const [plain, seeing] = [new Page(), new Page(h)];
    const opens = [bus.open(DEFAULT_ORG, plain), bus.open(DEFAULT_ORG, seeing)];
    await settle();
    publish(bus, 1);
    for (const open of opens) open.close();
    for (const [page, shares] of [
      [plain, []],
      [seeing, [h]],
      [seeing, []],
      [plain, [h]],
    ] as const) {
      const back = new Page(...shares);
      bus.open(DEFAULT_ORG, back, page.last.id);
      await settle();
      expect(back.events).toEqual([pictureOf(...shares)]);
    }
    bus.endAll("shutting_down");
  });

  test.each(["an event came through it", "it was added to an open page", "somebody comes back with it"])(
    "is not replayed by id after %s",
    async (what) => {
      const { bus } = newBus(picture);
      const page = new Page();
      const open = bus.open(DEFAULT_ORG, page);
      await settle();
      publish(bus, 1);
      const before = page.last.id;
      if (what === "an event came through it") publishVia(bus, 2, h);
      else if (what === "it was added to an open page") {
        page.seen = [h];
        bus.recheck();
        await settle();
      }
      open.close();
      const back = what === "somebody comes back with it" ? new Page(h) : new Page();
      bus.open(DEFAULT_ORG, back, before);
      await settle();
      expect(back.events).toEqual([pictureOf(...back.seen)]);
      bus.endAll("shutting_down");
    },
  );

  test("leaves other orgs their ids", async () => {
    const { bus } = newBus(picture);
    const other = OrgId.parse(mintId("o"));
    const page = new Page();
    const open = bus.open(other, page);
    await settle();
    publish(bus, 1, other);
    open.close();
    publishVia(bus, 2, h);
    publish(bus, 3, other);
    const back = new Page();
    bus.open(other, back, page.last.id);
    expect(back.events).toEqual([event(3)]);
    expect(new Set(idsOf(back))).not.toContain(page.last.id);
    bus.endAll("shutting_down");
  });
});

test("an org that is forgotten begins anew, and one with open pages is not forgotten", async () => {
  const { bus } = newBus();
  const other = OrgId.parse(mintId("o"));
  const page = new Page();
  const open = bus.open(other, page);
  await settle();
  bus.forget(other);
  publish(bus, 1, other);
  expect(page.events).toEqual([SNAPSHOT, event(1)]);
  open.close();
  bus.forget(other);
  const back = new Page();
  bus.open(other, back, page.last.id);
  await settle();
  expect(back.events).toEqual([SNAPSHOT]);
  bus.endAll("shutting_down");
});

test("streams are counted by org and by whose they are", async () => {
  const { bus } = newBus();
  const other = OrgId.parse(mintId("o"));
  for (const orgId of [DEFAULT_ORG, DEFAULT_ORG, other]) bus.open(orgId, new Page());
  const counts = () => [
    bus.streamCount,
    bus.streamsOf(DEFAULT_ORG),
    bus.streamsOf(DEFAULT_ORG, "u"),
    bus.streamsOf(DEFAULT_ORG, "somebody else"),
    bus.streamsOf(other, "u"),
    bus.streamsOf(OrgId.parse(mintId("o"))),
  ];
  expect(counts()).toEqual([3, 2, 2, 0, 1, 0]);
  bus.endAll("shutting_down");
  expect(counts()).toEqual([0, 0, 0, 0, 0, 0]);
});
