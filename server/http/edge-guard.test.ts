import { describe, expect, test } from "bun:test";
import { DomainError } from "../lib/domain-error.ts";
import { guard, LIMITS, readJsonBody } from "./edge-guard.ts";

function reasonOf(act: () => unknown): string | undefined {
  try {
    act();
    return undefined;
  } catch (error) {
    if (error instanceof DomainError) return error.reason;
    throw error;
  }
}

describe("a body", () => {
  const post = (body: BodyInit) => new Request("http://a/", { method: "POST", body });

  test("is handed over whole when it is small enough", async () => {
    const text = JSON.stringify({ text: "x".repeat(LIMITS.bodyBytes - 11) });
    expect(text.length).toBe(LIMITS.bodyBytes);
    expect(Buffer.from(await readJsonBody(post(text))).toString()).toBe(text);
  });

  test("is refused at the first byte too many, and the rest is not read", async () => {
    let pulled = 0;
    const endless = new ReadableStream({
      pull(controller) {
        pulled++;
        controller.enqueue(new Uint8Array(64 * 1024));
      },
    });
    const refused = await readJsonBody(post(endless)).catch((error: DomainError) => error);
    expect((refused as DomainError).reason).toBe("too_large");
    expect(pulled).toBeLessThan(20);
  });

  test("whose sender hangs up is the sender's failure", async () => {
    const broken = new ReadableStream({
      start: (controller) => controller.error(new Error("the connection was closed")),
    });
    const refused = await readJsonBody(post(broken)).catch((error: DomainError) => error);
    expect((refused as DomainError).reason).toBe("invalid_request");
  });

  test("there does not have to be", async () => {
    expect((await readJsonBody(new Request("http://a/", { method: "POST" }))).length).toBe(0);
  });
});

describe("at the door", () => {
  const ask =
    (path: string, headers: Record<string, string> = {}, method = "GET") =>
    () =>
      guard(new Request(`http://pulse.test${path}`, { method, headers: { host: "pulse.test", ...headers } }));

  test("a page and a procedure pass, with their parsed address", () => {
    expect(ask("/machines/r1?x=1#y")().pathname).toBe("/machines/r1");
    expect(ask("/api/trpc/a.b?input=1")().searchParams.get("input")).toBe("1");
    expect(ask("/machines/%C3%A4%F0%9F%92%A9")().pathname).toBe("/machines/%C3%A4%F0%9F%92%A9");
  });

  test("every ASCII character has one spelling in a path: no encoded one passes", () => {
    for (let code = 0; code < 0x80; code++) {
      const encoded = `%${code.toString(16).padStart(2, "0")}`;
      for (const path of [`/x${encoded}x`, `/x${encoded.toUpperCase()}x`]) {
        expect([path, reasonOf(ask(path))]).toEqual([path, "invalid_request"]);
      }
    }
  });

  test("secrets in a query are refused where a procedure could take them, and nowhere else", () => {
    for (const name of ["token", "access_token", "key", "connectionParams"]) {
      expect(reasonOf(ask(`/api/trpc/a.b?${name}=x`))).toBe("invalid_request");
      expect(reasonOf(ask(`/api/trpc/a.b?x=1&${name}`))).toBe("invalid_request");
      expect(reasonOf(ask(`/?${name}=x`))).toBeUndefined();
    }
  });

  test("an address past the limit is too long", () => {
    expect(reasonOf(ask(`/${"a".repeat(LIMITS.urlLength)}`))).toBe("too_large");
  });

  test("one of our cookies twice is refused, one of others' is not ours to judge", () => {
    const cookie = (value: string) => reasonOf(ask("/", { cookie: value }));
    expect(cookie("pulse_session=a; pulse_session=a")).toBe("invalid_request");
    expect(cookie("__Host-pulse_session=a;__Host-pulse_session=b")).toBe("invalid_request");
    expect(cookie("pulse_session=a, pulse_session=b")).toBe("invalid_request");
    expect(cookie("pulse_session=a; pulse_org=b; __Host-pulse_session=c")).toBeUndefined();
    expect(cookie("other=a; other=b")).toBeUndefined();
  });
});
