/** Calling a server: one plain call, or as somebody with a browser's memory for cookies. */
import { createTRPCClient, httpBatchLink, type TRPCClient } from "@trpc/client";
import type { AnyProcedure } from "@trpc/server";
import { type AppRouter, appRouter } from "../../server/api/router.ts";
import type { ErrorData } from "../../server/contract/errors.ts";
import type { User } from "../../server/contract/session.ts";

/** Whatever listens somewhere. */
export interface Target {
  url: string;
}

export interface CallOptions {
  input?: unknown;
  cookie?: string | undefined;
  headers?: Record<string, string>;
  /** By default GET for a call that only reads, by its name. */
  method?: "GET" | "POST";
}

export interface Answer<Data = unknown> {
  status: number;
  headers: Headers;
  /** What the procedure gave; undefined when it refused. */
  data: Data;
  /** Why it refused; undefined when it did not. */
  error: (ErrorData & { message: string }) | undefined;
  body: string;
}

/** Everything that changes something; the others are read with GET. */
const MUTATIONS = new Set(
  Object.entries(appRouter._def.procedures as unknown as Record<string, AnyProcedure>)
    .filter(([, { _def }]) => _def.type === "mutation")
    .map(([path]) => path),
);

export function isMutation(path: string): boolean {
  return MUTATIONS.has(path);
}

export async function call<Data = unknown>(
  target: Target,
  path: string,
  { input, cookie, headers = {}, method = MUTATIONS.has(path) ? "POST" : "GET" }: CallOptions = {},
): Promise<Answer<Data>> {
  const inUrl = method === "GET" && input !== undefined;
  const query = inUrl ? `?input=${encodeURIComponent(JSON.stringify(input))}` : "";
  const response = await fetch(`${target.url}/api/trpc/${path}${query}`, {
    method,
    headers: {
      ...(cookie && { cookie }),
      ...(method === "POST" && { "content-type": "application/json" }),
      ...headers,
    },
    ...(method === "POST" && { body: JSON.stringify(input ?? {}) }),
  });
  return readAnswer<Data>(response);
}

export async function readAnswer<Data>(response: Response): Promise<Answer<Data>> {
  const body = await response.text();
  const parsed = parse(body) as {
    result?: { data: Data };
    error?: { message: string; data: ErrorData };
  };
  return {
    status: response.status,
    headers: response.headers,
    data: parsed?.result?.data as Data,
    error: parsed?.error && { ...parsed.error.data, message: parsed.error.message },
    body,
  };
}

function parse(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
}

/** What a call that cannot fail answers. */
export async function must<Data>(answer: Promise<Answer<Data>>): Promise<Data> {
  const { status, data, body } = await answer;
  if (status !== 200) throw new Error(`${status} ${body}`);
  return data;
}

/** Somebody with a browser: keeps the cookies it is given and sends them back. */
export class Visitor {
  readonly target: Target;
  /** Sent with every call. */
  readonly headers: Record<string, string>;
  readonly cookies = new Map<string, string>();

  constructor(target: Target, headers: Record<string, string> = {}) {
    this.target = target;
    this.headers = headers;
  }

  get cookie(): string | undefined {
    const pairs = [...this.cookies].map(([name, value]) => `${name}=${value}`);
    return pairs.length > 0 ? pairs.join("; ") : undefined;
  }

  async call<Data = unknown>(path: string, options: CallOptions = {}): Promise<Answer<Data>> {
    const answer = await call<Data>(this.target, path, {
      cookie: this.cookie,
      ...options,
      headers: { ...this.headers, ...options.headers },
    });
    for (const line of answer.headers.getSetCookie()) this.#keep(line);
    return answer;
  }

  /** The typed client, with this visitor's cookies and headers. */
  get api(): TRPCClient<AppRouter> {
    return createTRPCClient<AppRouter>({
      links: [
        httpBatchLink({
          url: `${this.target.url}/api/trpc`,
          headers: () => ({ ...this.headers, ...(this.cookie && { cookie: this.cookie }) }),
        }),
      ],
    });
  }

  #keep(line: string): void {
    const [name = "", value = ""] = (line.split(";")[0] ?? "").split("=");
    if (value === "" || /max-age=0(?:;|$)/i.test(line)) this.cookies.delete(name);
    else this.cookies.set(name, value);
  }
}

/** Long enough to be a password, and only of the test it stands in. */
export const PASSWORD = "correct horse battery";
export const FIRST_EMAIL = "first@example.org";

/** Makes the first account of a new server. It operates the instance and owns `default`. */
export async function signUp(
  server: Target & { setupToken: string | undefined },
  headers?: Record<string, string>,
): Promise<Visitor> {
  const visitor = new Visitor(server, headers);
  const { status, body } = await visitor.call<{ user: User }>("session.setup", {
    input: { token: server.setupToken ?? "none", email: FIRST_EMAIL, password: PASSWORD },
  });
  if (status !== 200) throw new Error(`could not sign up: ${status} ${body}`);
  return visitor;
}

export async function signIn(
  target: Target,
  who: { email?: string; password?: string } = {},
  headers?: Record<string, string>,
): Promise<Visitor> {
  const visitor = new Visitor(target, headers);
  const { status, body } = await visitor.call<{ user: User }>("session.signIn", {
    input: { email: who.email ?? FIRST_EMAIL, password: who.password ?? PASSWORD },
  });
  if (status !== 200) throw new Error(`could not sign in: ${status} ${body}`);
  return visitor;
}
