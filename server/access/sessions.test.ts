import { afterEach, beforeEach, describe, expect, setSystemTime, test } from "bun:test";
import type { SessionEntry } from "../contract/directory.ts";
import { UserId } from "../contract/ids.ts";
import type { Calls } from "../runtime/calls.ts";
import type { InstanceVerbs } from "../runtime/instance-verbs.ts";
import { Directory } from "./directory.ts";
import { Sessions } from "./sessions.ts";

const DAY = 86_400_000;
const START = Date.UTC(2026, 10, 1);
const ann = UserId.parse(`u${"a".repeat(19)}`);

/* lucia reads the system's clock: it is moved together with ours. */
let now = START;
function moveTo(time: number): void {
  now = time;
  setSystemTime(now);
}
beforeEach(() => moveTo(START));
afterEach(() => setSystemTime());

/** An instance that keeps sessions as the real one does, in memory. */
function setUp() {
  const directory = new Directory();
  const stored = new Map<string, SessionEntry>();
  const extended: string[] = [];
  const keep = (session: SessionEntry) => {
    stored.set(session.idHash, session);
    directory.apply([{ kind: "session", session }]);
  };
  const instance = {
    sessions: {
      store: async ({ session }: { session: SessionEntry }) => keep(session),
      extend: async (change: { idHash: string; lastSeenAt: number; idleEndsAt: number }) => {
        extended.push(change.idHash);
        const found = stored.get(change.idHash);
        if (found) keep({ ...found, ...change });
      },
      end: async ({ id }: { id: string }) => {
        for (const { idHash, id: name } of stored.values()) {
          if (name === id) directory.apply([{ kind: "session_ended", idHash }]);
        }
      },
    },
  } as unknown as Calls<InstanceVerbs>;
  const person = (disabled: boolean) =>
    directory.apply([
      { kind: "person", person: { id: ann, email: "a@example.org", name: "A", operator: false, disabled } },
    ]);
  person(false);
  const failures: unknown[] = [];
  const sessions = new Sessions({
    directory,
    instance,
    clock: () => now,
    onFailure: (error) => failures.push(error),
  });
  return { sessions, instance, stored, extended, failures, disable: () => person(true) };
}

async function signIn(sessions: Sessions, secure = false): Promise<{ raw: string; setCookie: string }> {
  const { setCookie } = await sessions.create(
    { userId: ann, authEpoch: 1 },
    { address: "127.0.0.1", userAgent: "test", secure },
  );
  return { raw: /=([^;]*)/.exec(setCookie)?.[1] ?? "", setCookie };
}

describe("a session", () => {
  test("ends after 14 days without use, to the millisecond", async () => {
    const { sessions } = setUp();
    const { raw } = await signIn(sessions);
    moveTo(START + 14 * DAY - 1);
    const { raw: other } = await signIn(sessions);
    expect(await sessions.validate(raw, false)).toBeDefined();
    moveTo(START + 28 * DAY - 1);
    expect(await sessions.validate(other, false)).toBeUndefined();
  });

  test("that is used goes on, and the browser is told to keep it as long", async () => {
    const { sessions } = setUp();
    const { raw } = await signIn(sessions);
    moveTo(START + 6 * DAY);
    expect((await sessions.validate(raw, false))?.setCookie).toBeUndefined();
    moveTo(START + 8 * DAY);
    expect((await sessions.validate(raw, false))?.setCookie).toContain(`=${raw}; `);
    moveTo(START + 21 * DAY);
    expect(await sessions.validate(raw, false)).toBeDefined();
  });

  test("ends after 90 days however much it is used", async () => {
    const { sessions } = setUp();
    const { raw } = await signIn(sessions);
    for (let day = 1; day < 90; day++) {
      moveTo(START + day * DAY);
      expect(await sessions.validate(raw, false)).toBeDefined();
    }
    moveTo(START + 90 * DAY);
    expect(await sessions.validate(raw, false)).toBeUndefined();
  });

  test("does not stand for an open stream either once it has ended", async () => {
    const { sessions, stored } = setUp();
    await signIn(sessions);
    const [idHash = ""] = stored.keys();
    expect(sessions.stands(idHash)).toBe(true);
    moveTo(START + 14 * DAY);
    expect(sessions.stands(idHash)).toBe(false);
    expect(sessions.stands("no such hash")).toBe(false);
  });

  test("of somebody disabled is none", async () => {
    const { sessions, disable } = setUp();
    const { raw } = await signIn(sessions);
    disable();
    expect(await sessions.validate(raw, false)).toBeUndefined();
  });

  test("is noted as used once an hour, not at every call", async () => {
    const { sessions, extended } = setUp();
    const { raw } = await signIn(sessions);
    for (let minute = 0; minute <= 180; minute++) {
      moveTo(START + minute * 60_000);
      await sessions.validate(raw, false);
    }
    expect(extended.length).toBe(2);
  });

  test("is kept only as its hash, under 200 random bits", async () => {
    const { sessions, stored } = setUp();
    const { raw } = await signIn(sessions);
    expect(raw).toMatch(/^[a-z2-7]{40}$/);
    expect(JSON.stringify([...stored])).not.toContain(raw);
    expect([...stored.keys()]).toEqual([expect.stringMatching(/^[0-9a-f]{64}$/)]);
  });

  test("is not let in by its hash, its name, or anything of another form", async () => {
    const { sessions, stored } = setUp();
    const { raw } = await signIn(sessions);
    const [entry] = stored.values();
    for (const given of [
      entry?.idHash,
      entry?.id,
      "",
      raw.toUpperCase(),
      `${raw}a`,
      raw.slice(1),
      ` ${raw}`,
    ]) {
      expect(await sessions.validate(given ?? "", false)).toBeUndefined();
    }
  });
});

describe("the cookie", () => {
  test("over TLS is Secure and __Host-, over plain HTTP neither", async () => {
    const { sessions } = setUp();
    const plain = await signIn(sessions, false);
    const secure = await signIn(sessions, true);
    expect(plain.setCookie).toMatch(/^pulse_session=/);
    expect(plain.setCookie).not.toContain("Secure");
    expect(secure.setCookie).toMatch(/^__Host-pulse_session=.*; Secure$/);
    for (const { setCookie } of [plain, secure]) {
      for (const attribute of ["HttpOnly", "SameSite=Lax", "Path=/"]) expect(setCookie).toContain(attribute);
      expect(setCookie).not.toContain("Domain");
    }
  });

  const { sessions } = setUp();
  const rows: [header: string, secure: boolean, found: string | undefined][] = [
    ["", false, undefined],
    ["pulse_session=a", false, "a"],
    ["pulse_session=a", true, undefined],
    ["__Host-pulse_session=a", true, "a"],
    ["__Host-pulse_session=a", false, undefined],
    ["x=1; pulse_session=a; y=2", false, "a"],
    ["x=1;pulse_session=a", false, "a"],
    ["x=100%; pulse_session=a", false, "a"],
    ["pulse%5Fsession=a", false, undefined],
    ["xpulse_session=a", false, undefined],
    ["pulse_session", false, undefined],
    ["pulse_session=", false, ""],
    ["pulse_session=a=b", false, "a=b"],
    ["Pulse_Session=a", false, undefined],
  ];
  for (const [header, secure, found] of rows) {
    test(`in "${header}" over ${secure ? "TLS" : "plain HTTP"} is ${found === undefined ? "none" : `"${found}"`}`, () => {
      expect(sessions.rawIn(header, secure)).toBe(found as string);
    });
  }
});

test("when a use cannot be noted the call goes on, and the failure is told", async () => {
  const { sessions, failures, instance } = setUp();
  const { raw } = await signIn(sessions);
  const full = new Error("the disk is full");
  instance.sessions.extend = () => Promise.reject(full);
  moveTo(START + DAY);
  expect(await sessions.validate(raw, false)).toBeDefined();
  await Promise.resolve();
  await Promise.resolve();
  expect(failures).toEqual([full]);
});
