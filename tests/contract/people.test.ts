/** People: the first account, signing in, sessions, and what an operator does from the command line. */
import { afterAll, describe, expect, test } from "bun:test";
import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { openDatabase } from "../../db/driver.ts";
import type { SessionInfo } from "../../server/contract/session.ts";
import { sha256Hex } from "../../server/lib/random-id.ts";
import type { PersonInfo } from "../../server/people/accounts.ts";
import { call, FIRST_EMAIL, PASSWORD, signIn, signUp, Visitor } from "../support/calls.ts";
import { temporaryDataDir } from "../support/data-dir.ts";
import { runPulse, startServer, type TestServer } from "../support/server.ts";

/** Behind a proxy of ours, so that a test can come from any address, and over TLS. */
const server = await startServer({ env: { PULSE_TRUSTED_PROXIES: "127.0.0.1" } });
const first = await signUp(server, from("198.51.100.1"));
afterAll(() => server.stop());

let addresses = 0;
/** Headers of an address nobody has used before: attempts are limited per address, too. */
function fromElsewhere(): Record<string, string> {
  addresses++;
  return from(`203.0.${addresses >> 8}.${addresses & 255}`);
}
function from(address: string): Record<string, string> {
  return { "x-forwarded-for": address };
}

let people = 0;
/** Somebody new, with a password of their own. */
async function newPerson(...options: string[]): Promise<{ email: string; password: string }> {
  people++;
  const email = `person${people}@example.org`;
  const made = await runPulse(server.dataDir, ["user", "create", email, "--json", ...options]);
  return { email, password: made.json<{ password: string }>().password };
}

describe("the set-up link", () => {
  const setup = (target: TestServer, token: string, fields: object = {}) =>
    call(target, "session.setup", {
      input: { token, email: FIRST_EMAIL, password: PASSWORD, ...fields },
    });

  test("makes the first account, once; a wrong or a used one makes none", async () => {
    await using fresh = await startServer();
    const token = fresh.setupToken ?? "";
    expect(token).toMatch(/^[a-z2-7]{32}$/);
    expect((await call(fresh, "features.list")).data).toEqual({ features: { setup: true } });

    const wrong = await setup(fresh, `${token.slice(1)}a`);
    expect([wrong.status, wrong.error?.reason, wrong.headers.getSetCookie()]).toEqual([
      401,
      "token_invalid",
      [],
    ]);

    const right = await setup(fresh, token);
    expect([right.status, right.headers.getSetCookie().length]).toEqual([200, 1]);
    expect((await call(fresh, "features.list")).data).toEqual({ features: { setup: false } });

    for (const again of [token, "something else"]) {
      const refused = await setup(fresh, again, { email: "second@example.org" });
      expect([refused.status, refused.error?.reason]).toEqual([409, "conflict"]);
    }
    const { people } = (await runPulse(fresh.dataDir, ["user", "list", "--json"])).json<{
      people: PersonInfo[];
    }>();
    expect(people).toMatchObject([{ email: FIRST_EMAIL, operator: true, disabled: false }]);
  });

  test("used by ten at once makes one account", async () => {
    await using fresh = await startServer();
    const answers = await Promise.all(
      Array.from({ length: 10 }, (_, index) =>
        setup(fresh, fresh.setupToken ?? "", { email: `racer${index}@example.org` }),
      ),
    );
    const statuses = answers.map(({ status }) => status).sort();
    expect(statuses[0]).toBe(200);
    expect(statuses.slice(1).every((status) => status === 401 || status === 409)).toBe(true);
    const listed = (await runPulse(fresh.dataDir, ["user", "list", "--json"])).json<{
      people: PersonInfo[];
    }>();
    expect(listed.people.length).toBe(1);
  });

  test("is not used up by an account that could not be made", async () => {
    await using fresh = await startServer();
    const short = await setup(fresh, fresh.setupToken ?? "", { password: "too short" });
    expect([short.status, Object.keys(short.error?.fields ?? {})]).toEqual([400, ["password"]]);
    expect((await setup(fresh, fresh.setupToken ?? "")).status).toBe(200);
  });

  test("is another one after a restart, and none once there is an account", async () => {
    const place = temporaryDataDir();
    try {
      const before = await startServer({ dataDir: place.path });
      await before.stop();
      const after = await startServer({ dataDir: place.path });
      expect(after.setupToken).not.toBe(before.setupToken);
      expect((await setup(after, before.setupToken ?? "")).status).toBe(401);
      await signUp(after);
      await after.stop();
      await using settled = await startServer({ dataDir: place.path });
      expect(settled.setupToken).toBeUndefined();
      expect((await signIn(settled)).cookie).toBeDefined();
    } finally {
      place.remove();
    }
  });

  test("can be chosen beforehand", async () => {
    await using fresh = await startServer({ env: { PULSE_SETUP_TOKEN: "chosen by the installer" } });
    expect((await setup(fresh, "chosen by the installer")).status).toBe(200);
  });
});

describe("signing in", () => {
  test("gives a new session id every time, and ends the one there was", async () => {
    const visitor = await signIn(server, {}, fromElsewhere());
    const before = visitor.cookie;
    await visitor.call("session.signIn", { input: { email: FIRST_EMAIL, password: PASSWORD } });
    expect(visitor.cookie).toMatch(/^pulse_session=[a-z2-7]{40}$/);
    expect(visitor.cookie).not.toBe(before);
    expect((await visitor.call("session.me")).status).toBe(200);
    expect((await visitor.call("session.me", { cookie: before })).error?.reason).toBe("session_expired");
  });

  test("never takes over an id that was there before", async () => {
    const planted = `pulse_session=${"b".repeat(40)}`;
    const visitor = new Visitor(server, fromElsewhere());
    await visitor.call("session.signIn", {
      cookie: planted,
      input: { email: FIRST_EMAIL, password: PASSWORD },
    });
    expect(visitor.cookie).not.toBe(planted);
    expect((await visitor.call("session.me", { cookie: planted })).status).toBe(401);
  });

  test("takes the address in any case and with spaces around it", async () => {
    expect((await signIn(server, { email: "  FIRST@Example.ORG " }, fromElsewhere())).cookie).toBeDefined();
  });

  test("tells nobody whether the address, the password or the account was wrong", async () => {
    const disabled = await newPerson();
    await runPulse(server.dataDir, ["user", "disable", disabled.email]);
    const attempts = [
      { email: FIRST_EMAIL, password: "not the password" },
      { email: "nobody@example.org", password: "not the password" },
      disabled,
    ];
    const bodies = await Promise.all(
      attempts.map(async (input) => {
        const headers = { ...fromElsewhere(), "x-request-id": "the-same-for-all" };
        const { status, body, headers: given } = await call(server, "session.signIn", { input, headers });
        return { status, body, cookies: given.getSetCookie() };
      }),
    );
    expect(bodies[0]).toMatchObject({ status: 401, cookies: [] });
    expect(bodies[0]?.body).toContain('"authentication_required"');
    expect(bodies[1]).toEqual(bodies[0]!);
    expect(bodies[2]).toEqual(bodies[0]!);
  });

  test("costs the same work for somebody known and somebody unknown", async () => {
    const { email } = await newPerson();
    const known: number[] = [];
    const unknown: number[] = [];
    const idle: number[] = [];
    const took = async (path: string, input: object) => {
      const startedAt = performance.now();
      await call(server, path, { input, headers: fromElsewhere() });
      return performance.now() - startedAt;
    };
    for (let round = 0; round < 9; round++) {
      known.push(await took("session.signIn", { email, password: "not the password" }));
      unknown.push(
        await took("session.signIn", { email: `nobody${round}@example.org`, password: "not the password" }),
      );
      idle.push(await took("session.signIn", { email: "no address", password: "x" }));
    }
    expect(median(unknown) / median(known)).toBeGreaterThan(1 / 3);
    expect(median(unknown) / median(known)).toBeLessThan(3);
    /* And that is work: an attempt that is refused for its form takes a fraction of it. */
    expect(median(unknown)).toBeGreaterThan(3 * median(idle));
  });
});

describe("the session cookie", () => {
  const attributesOf = (line = "") => line.split("; ").slice(1).sort();

  test("is for this host alone, for no script and for no other site", async () => {
    const { headers } = await call(server, "session.signIn", {
      input: { email: FIRST_EMAIL, password: PASSWORD },
      headers: fromElsewhere(),
    });
    const [line, ...more] = headers.getSetCookie();
    expect(more).toEqual([]);
    expect(line).toMatch(/^pulse_session=[a-z2-7]{40}; /);
    expect(attributesOf(line)).toEqual(["HttpOnly", `Max-Age=${14 * 86_400}`, "Path=/", "SameSite=Lax"]);
    expect(headers.get("cache-control")).toBe("no-store");
  });

  test("behind a proxy that speaks TLS is Secure and __Host-, and each kind counts only in its place", async () => {
    const tls = { "x-forwarded-proto": "https" };
    const visitor = await signIn(server, {}, { ...fromElsewhere(), ...tls });
    expect(visitor.cookie).toMatch(/^__Host-pulse_session=[a-z2-7]{40}$/);
    const me = await visitor.call("session.me");
    expect([me.status, me.headers.get("strict-transport-security")]).toEqual([200, "max-age=31536000"]);

    const bare = visitor.cookie?.replace("__Host-", "") ?? "";
    expect((await call(server, "session.me", { cookie: bare, headers: tls })).status).toBe(401);
    expect((await call(server, "session.me", { cookie: visitor.cookie })).status).toBe(401);
    expect((await call(server, "session.me", { cookie: bare })).status).toBe(200);
  });

  test("is Secure wherever the server is known by an https address", async () => {
    await using known = await startServer({ env: { PULSE_PUBLIC_URL: "https://pulse.example.org" } });
    const { headers, status } = await call(known, "session.setup", {
      input: { token: known.setupToken ?? "", email: FIRST_EMAIL, password: PASSWORD },
    });
    expect(status).toBe(200);
    const [line] = headers.getSetCookie();
    expect(line).toStartWith("__Host-pulse_session=");
    expect(attributesOf(line)).toContain("Secure");
  });

  test("is taken back at sign-out", async () => {
    const visitor = await signIn(server, {}, fromElsewhere());
    const before = visitor.cookie;
    const { headers } = await visitor.call("session.signOut");
    // Nothing of anybody is in a browser's cache, and Chromium takes seconds to clear a large one.
    expect([headers.get("cache-control"), headers.get("clear-site-data")]).toEqual(["no-store", null]);
    expect(visitor.cookie).toBeUndefined();
    expect((await visitor.call("session.me", { cookie: before })).error?.reason).toBe("session_expired");
  });
});

test("neither a session nor a password nor the set-up token is anywhere on disk or in the log", async () => {
  const visitor = await signIn(server, {}, fromElsewhere());
  const raw = visitor.cookie?.split("=")[1] ?? "";
  const secrets = [raw, PASSWORD, server.setupToken ?? ""];
  expect(secrets.every((secret) => secret.length >= 20)).toBe(true);

  const files = allFiles(server.dataDir).map((path) => ({ path, bytes: readFileSync(path) }));
  const holding = (text: string) => files.filter(({ bytes }) => bytes.includes(text)).map(({ path }) => path);
  for (const secret of secrets) expect(holding(secret)).toEqual([]);
  /* The scan is not blind: what stands for the session is found. */
  expect(holding(sha256Hex(raw)).length).toBeGreaterThan(0);
  const db = openDatabase(join(server.dataDir, "instance.db"), "readonly");
  const hashes = db.rows("select id_hash from session") as { id_hash: string }[];
  db.close();
  expect(hashes.map(({ id_hash }) => id_hash)).toContain(sha256Hex(raw));

  const afterSetUp = JSON.stringify(server.logs.filter(({ message }) => !message.includes("/setup#token=")));
  for (const secret of secrets) expect(afterSetUp).not.toContain(secret);
});

describe("changing the password", () => {
  const CHANGED = "a different passphrase";

  test("keeps this session and ends every other", async () => {
    const person = await newPerson();
    const here = await signIn(server, person, fromElsewhere());
    const elsewhere = await signIn(server, person, fromElsewhere());
    const input = { currentPassword: person.password, newPassword: CHANGED };
    expect((await here.call("session.changePassword", { input })).status).toBe(200);

    expect((await here.call("session.me")).status).toBe(200);
    expect((await elsewhere.call("session.me")).error?.reason).toBe("session_expired");
    expect((await attempt(person.email, person.password)).status).toBe(401);
    expect((await attempt(person.email, CHANGED)).status).toBe(200);
  });

  test("needs the current one, and changes nothing without it", async () => {
    const person = await newPerson();
    const here = await signIn(server, person, fromElsewhere());
    const elsewhere = await signIn(server, person, fromElsewhere());
    const wrong = { currentPassword: "not the password", newPassword: CHANGED };
    const answer = await here.call("session.changePassword", { input: wrong });
    expect([answer.status, Object.keys(answer.error?.fields ?? {})]).toEqual([400, ["currentPassword"]]);
    expect((await elsewhere.call("session.me")).status).toBe(200);
    expect((await attempt(person.email, person.password)).status).toBe(200);
  });

  test("takes no password that is too short or too long", async () => {
    const person = await newPerson();
    const here = await signIn(server, person, fromElsewhere());
    for (const newPassword of ["x".repeat(11), "x".repeat(257)]) {
      const input = { currentPassword: person.password, newPassword };
      const answer = await here.call("session.changePassword", { input });
      expect([answer.status, Object.keys(answer.error?.fields ?? {})]).toEqual([400, ["newPassword"]]);
    }
  });
});

describe("one's own sessions", () => {
  const sessionsOf = async (visitor: Visitor) =>
    (await visitor.call<{ sessions: SessionInfo[] }>("session.list")).data.sessions;

  test("are listed, with nothing in them that would let anybody in", async () => {
    const person = await newPerson();
    const headers = { ...from("192.0.2.77"), "user-agent": "A browser of the test" };
    const here = await signIn(server, person, headers);
    const elsewhere = await signIn(server, person, fromElsewhere());
    const listed = await sessionsOf(here);
    expect(listed.map(({ current }) => current).sort()).toEqual([false, true]);
    expect(listed.find(({ current }) => current)).toMatchObject({
      address: "192.0.2.77",
      userAgent: "A browser of the test",
    });
    for (const session of listed) {
      expect(Object.keys(session).sort()).toEqual([
        "address",
        "createdAt",
        "current",
        "id",
        "lastSeenAt",
        "userAgent",
      ]);
    }
    for (const visitor of [here, elsewhere]) {
      const raw = visitor.cookie?.split("=")[1] ?? "";
      expect(JSON.stringify(listed)).not.toContain(raw);
      expect(JSON.stringify(listed)).not.toContain(sha256Hex(raw));
    }
  });

  test("can be ended one by one", async () => {
    const person = await newPerson();
    const here = await signIn(server, person, fromElsewhere());
    const lost = await signIn(server, person, fromElsewhere());
    const other = (await sessionsOf(here)).find(({ current }) => !current);
    expect((await here.call("session.revoke", { input: { id: other?.id } })).status).toBe(200);
    expect((await lost.call("session.me")).error?.reason).toBe("session_expired");
    expect((await here.call("session.me")).status).toBe(200);
  });

  test("are one's own only: another person's is not found, exactly like one that never was", async () => {
    const person = await newPerson();
    const stranger = await signIn(server, person, fromElsewhere());
    const [theirs] = await sessionsOf(first);
    const headers = { "x-request-id": "the-same-for-all" };
    const foreign = await stranger.call("session.revoke", { input: { id: theirs?.id }, headers });
    const unknown = await stranger.call("session.revoke", { input: { id: `s${"a".repeat(19)}` }, headers });
    expect([foreign.status, foreign.error?.reason]).toEqual([404, "not_found"]);
    expect(foreign.body).toBe(unknown.body);
    expect((await first.call("session.me")).status).toBe(200);
  });
});

describe("guessing", () => {
  test("is limited per account, whatever the address; a good password resets it, others do not notice", async () => {
    const person = await newPerson();
    const bystander = await newPerson();
    for (let round = 0; round < 9; round++) expect((await attempt(person.email, "wrong")).status).toBe(401);
    expect((await attempt(person.email, person.password)).status).toBe(200);
    for (let round = 0; round < 10; round++) expect((await attempt(person.email, "wrong")).status).toBe(401);
    const limited = await attempt(person.email, person.password);
    expect([limited.status, limited.error?.reason]).toEqual([429, "rate_limited"]);
    const waitSeconds = Number(limited.headers.get("retry-after"));
    expect(waitSeconds).toBeGreaterThan(0);
    expect(waitSeconds).toBeLessThanOrEqual(90);
    expect((await attempt(bystander.email, bystander.password)).status).toBe(200);
  });

  test("is limited per address, whatever the account", async () => {
    const here = fromElsewhere();
    const statuses = new Set<number>();
    for (let round = 0; round < 30; round++) {
      const input = { email: `guess${round}@example.org`, password: "wrong" };
      statuses.add((await call(server, "session.signIn", { input, headers: here })).status);
    }
    expect([...statuses]).toEqual([401]);
    const input = { email: FIRST_EMAIL, password: PASSWORD };
    const limited = await call(server, "session.signIn", { input, headers: here });
    expect([limited.status, limited.headers.get("retry-after")]).toEqual([
      429,
      expect.stringMatching(/^[1-9]\d*$/),
    ]);
    expect((await call(server, "session.signIn", { input, headers: fromElsewhere() })).status).toBe(200);
  });

  test("from an address that has used up its tries does not use up anybody's account", async () => {
    const person = await newPerson();
    const here = fromElsewhere();
    for (let round = 0; round < 42; round++) {
      const email = round < 30 ? `nobody${round}@example.org` : person.email;
      await call(server, "session.signIn", { input: { email, password: "wrong" }, headers: here });
    }
    expect((await attempt(person.email, person.password)).status).toBe(200);
  });

  test("from one IPv6 network is from one address", async () => {
    const statuses: number[] = [];
    for (let round = 0; round < 31; round++) {
      const input = { email: `six${round}@example.org`, password: "wrong" };
      const headers = from(`2001:db8:0:7::${round.toString(16)}`);
      statuses.push((await call(server, "session.signIn", { input, headers })).status);
    }
    expect(statuses).toEqual([...Array(30).fill(401), 429]);
  });

  test("in one batch counts every guess", async () => {
    const person = await newPerson();
    const guesses = Object.fromEntries(
      Array.from({ length: 10 }, (_, index) => [index, { email: person.email, password: `guess ${index}` }]),
    );
    const path = `${Array.from({ length: 10 }, () => "session.signIn").join(",")}?batch=1`;
    await call(server, path, { method: "POST", input: guesses, headers: fromElsewhere() });
    expect((await attempt(person.email, person.password)).status).toBe(429);
  });

  test("the current password is limited like signing in", async () => {
    const person = await newPerson();
    const here = await signIn(server, person, fromElsewhere());
    const input = { currentPassword: "wrong", newPassword: PASSWORD };
    for (let round = 0; round < 10; round++) {
      expect((await here.call("session.changePassword", { input, headers: fromElsewhere() })).status).toBe(
        400,
      );
    }
    expect((await here.call("session.changePassword", { input, headers: fromElsewhere() })).status).toBe(429);
  });
});

describe("pulse user, with the server running,", () => {
  const run = (...words: string[]) => runPulse(server.dataDir, ["user", ...words]);

  test("goes through a socket nobody else can open", () => {
    expect(statSync(join(server.dataDir, "control.sock")).mode & 0o777).toBe(0o600);
    expect(statSync(server.dataDir).mode & 0o777).toBe(0o700);
  });

  test("create makes an account that can sign in at once, and is no operator unless asked for", async () => {
    const viewer = await signIn(server, await newPerson("--name", "Vera"), fromElsewhere());
    const me = await viewer.api.session.me.query();
    expect([me.user.name, me.operator]).toEqual(["Vera", false]);
    const operator = await signIn(server, await newPerson("--operator"), fromElsewhere());
    expect((await operator.api.session.me.query()).operator).toBe(true);
  });

  test("reset-password ends every session and hands over a password that works", async () => {
    const person = await newPerson();
    const visitor = await signIn(server, person, fromElsewhere());
    const reset = await run("reset-password", person.email, "--json");
    expect(reset.status).toBe(0);
    expect((await visitor.call("session.me")).error?.reason).toBe("session_expired");
    expect((await attempt(person.email, person.password)).status).toBe(401);
    expect((await attempt(person.email, reset.json<{ password: string }>().password)).status).toBe(200);
  });

  test("disable ends every session at once, and no password opens the door again", async () => {
    const person = await newPerson();
    const visitor = await signIn(server, person, fromElsewhere());
    const disabled = await run("disable", person.email, "--json");
    expect([disabled.status, disabled.json<{ person: PersonInfo }>().person.disabled]).toEqual([0, true]);
    expect((await visitor.call("session.me")).error?.reason).toBe("session_expired");
    expect((await attempt(person.email, person.password)).status).toBe(401);
  });

  test("list shows everybody, for people and for scripts", async () => {
    const person = await newPerson();
    const listed = await run("list");
    expect([listed.status, listed.stderr]).toEqual([0, ""]);
    expect(listed.stdout).toContain(person.email);
    expect(listed.stdout).toContain("(operator)");
    const { people } = (await run("list", "--json")).json<{ people: Record<string, unknown>[] }>();
    expect(people.map(({ email }) => email)).toContain(person.email);
    for (const one of people) {
      expect(Object.keys(one).sort()).toEqual(["createdAt", "disabled", "email", "id", "name", "operator"]);
    }
  });

  const REFUSED: [why: string, words: string[], status: number][] = [
    ["somebody who has an account", ["create", FIRST_EMAIL], 1],
    ["an address that is none", ["create", "nobody"], 1],
    ["a password for nobody", ["reset-password", "nobody@example.org"], 1],
    ["nobody", ["disable", "nobody@example.org"], 1],
    ["a name that would forge a line", ["create", "a@example.org", "--name", "x\ny"], 1],
    ["a name nobody could read", ["create", "a@example.org", "--name", "x\u001b[31m"], 1],
    ["an empty name", ["create", "a@example.org", "--name", ""], 1],
    ["a word too many", ["list", "people"], 2],
    ["no action", [], 2],
    ["an unknown action", ["promote", FIRST_EMAIL], 2],
    ["no address", ["create"], 2],
    ["two addresses", ["disable", "a@example.org", "b@example.org"], 2],
    ["an unknown option", ["list", "--loud"], 2],
    ["an option without its value", ["create", "a@example.org", "--name"], 2],
  ];
  for (const [why, words, status] of REFUSED) {
    test(`refuses ${why} with exit status ${status} and one line`, async () => {
      const result = await run(...words);
      expect([result.status, result.stdout]).toEqual([status, ""]);
      expect(result.stderr).toMatch(/^pulse: [^\n]+\n$/);
    });
  }

  test("does not disable the last person who operates the instance", async () => {
    await using fresh = await startServer();
    const only = await signUp(fresh);
    const result = await runPulse(fresh.dataDir, ["user", "disable", FIRST_EMAIL]);
    expect([result.status, result.stderr]).toEqual([
      1,
      "pulse: This is the last person who operates the instance.\n",
    ]);
    expect((await only.call("session.me")).status).toBe(200);
  });
});

describe("pulse user, with the server stopped,", () => {
  test("works on the directory itself: the first account it makes operates the instance", async () => {
    const place = temporaryDataDir();
    try {
      const empty = await runPulse(place.path, ["user", "list", "--json"]);
      expect([empty.status, empty.stdout, existsSync(place.path)]).toEqual([1, "", false]);
      const created = await runPulse(place.path, ["user", "create", FIRST_EMAIL, "--json"]);
      const { person, password } = created.json<{ person: PersonInfo; password: string }>();
      expect([created.status, person.operator]).toEqual([0, true]);
      const reset = await runPulse(place.path, ["user", "reset-password", FIRST_EMAIL, "--json"]);
      const replaced = reset.json<{ password: string }>().password;
      expect(replaced).not.toBe(password);
      expect((await runPulse(place.path, ["user", "disable", FIRST_EMAIL])).status).toBe(1);
      expect((await runPulse(place.path, ["user", "create", FIRST_EMAIL])).status).toBe(1);

      await using started = await startServer({ dataDir: place.path });
      expect(started.setupToken).toBeUndefined();
      expect(
        (await call(started, "session.signIn", { input: { email: FIRST_EMAIL, password } })).status,
      ).toBe(401);
      expect((await signIn(started, { password: replaced })).cookie).toBeDefined();
    } finally {
      place.remove();
    }
  });

  test("is not put off by what a killed server left behind", async () => {
    const place = temporaryDataDir();
    try {
      const killed = await startServer({ dataDir: place.path });
      await signUp(killed);
      await killed.kill();
      const listed = await runPulse(place.path, ["user", "list", "--json"]);
      expect([listed.status, listed.json<{ people: PersonInfo[] }>().people.length]).toEqual([0, 1]);
      await using again = await startServer({ dataDir: place.path });
      expect((await runPulse(again.dataDir, ["user", "list"])).status).toBe(0);
    } finally {
      place.remove();
    }
  });
});

test("nothing of this was an error to the server", () => {
  expect(server.logs.filter(({ level }) => level === "error")).toEqual([]);
  expect(server.noise).toBe("");
});

function attempt(email: string, password: string) {
  return call(server, "session.signIn", { input: { email, password }, headers: fromElsewhere() });
}

function allFiles(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
}

function median(values: number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] as number;
}
