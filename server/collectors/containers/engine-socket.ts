/**
 * HTTP over the unix socket of a container engine: a trust boundary in both directions.
 *
 * Whoever may write to this socket is root on the machine, so what can be said through here is kept small: GET
 * only, and only the paths made in this file. An id is put into a path after it has proved to be 64 hexadecimal
 * digits; a name never is. (Elsewhere an id `../../version` reached every other part of Docker's API.)
 *
 * What comes back is not trusted either: it has a size, a time, and may be anything.
 *
 * Bun's `fetch` speaks to unix sockets at a quarter of what `node:http` costs. With `unix` set no host is looked up
 * and nothing leaves the machine; redirects are refused, because following one would.
 */

declare const checked: unique symbol;
/** 64 lowercase hexadecimal digits. */
export type ContainerId = string & { readonly [checked]: "container" };
/** `sha256:` and 64 lowercase hexadecimal digits. */
export type ImageId = string & { readonly [checked]: "image" };
type ApiPath = string & { readonly [checked]: "path" };

export function findContainerId(value: unknown): ContainerId | undefined {
  return typeof value === "string" && /^[0-9a-f]{64}$/.test(value) ? (value as ContainerId) : undefined;
}

export function findImageId(value: unknown): ImageId | undefined {
  return typeof value === "string" && /^sha256:[0-9a-f]{64}$/.test(value) ? (value as ImageId) : undefined;
}

const path = (text: string) => text as ApiPath;

/** Docker takes a path without a version as its newest one; everything that is read here is in all of them. */
export const docker = {
  list: path("/containers/json?all=1"),
  container: (id: ContainerId) => path(`/containers/${id}/json`),
  image: (id: ImageId) => path(`/images/${id}/json`),
  // Without `one-shot` the engine measures twice, a second apart.
  stats: (id: ContainerId) => path(`/containers/${id}/stats?stream=false&one-shot=1`),
} as const;

/** Podman's own API has no path without a version, and serves that of every release since its first. */
export function podman(major: number) {
  const base = `/v${Math.trunc(major)}.0.0/libpod/containers`;
  return {
    list: path(`${base}/json?all=true`),
    container: (id: ContainerId) => path(`${base}/${id}/json`),
  } as const;
}

export const ping = path("/_ping");

/** One plain sentence each, to be completed with the engine's name. */
export type EngineFailureKind = "absent" | "denied" | "late" | "too_large" | "unreadable" | "refused";

export class EngineFailure extends Error {
  override readonly name = "EngineFailure";
  constructor(
    readonly kind: EngineFailureKind,
    options?: ErrorOptions,
  ) {
    super(kind, options);
  }
}

export interface AnswerLimits {
  timeoutMs: number;
  bytes: number;
}

export class EngineSocket {
  private readonly closing = new AbortController();

  constructor(readonly file: string) {}

  close(): void {
    this.closing.abort();
  }

  async headers(limits: AnswerLimits): Promise<Headers> {
    return (await this.get(ping, limits)).headers;
  }

  async json(path: ApiPath, limits: AnswerLimits): Promise<unknown> {
    const { body } = await this.get(path, limits);
    try {
      return JSON.parse(body);
    } catch (cause) {
      throw new EngineFailure("unreadable", { cause });
    }
  }

  private async get(path: ApiPath, limits: AnswerLimits): Promise<{ headers: Headers; body: string }> {
    const signal = AbortSignal.any([AbortSignal.timeout(limits.timeoutMs), this.closing.signal]);
    try {
      const answer = await fetch(`http://engine${path}`, { unix: this.file, redirect: "error", signal });
      const body = await readText(answer, limits.bytes);
      if (answer.status !== 200) throw new EngineFailure("refused");
      return { headers: answer.headers, body };
    } catch (error) {
      if (error instanceof EngineFailure) throw error;
      throw new EngineFailure(signal.aborted ? "late" : failureOf(error), { cause: error });
    }
  }
}

/** An answer that is too large is not read to its end. */
async function readText(answer: Response, limitBytes: number): Promise<string> {
  const decoder = new TextDecoder();
  let text = "";
  let bytes = 0;
  for await (const chunk of answer.body ?? []) {
    bytes += chunk.byteLength;
    if (bytes > limitBytes) throw new EngineFailure("too_large");
    text += decoder.decode(chunk, { stream: true });
  }
  return text + decoder.decode();
}

function failureOf(error: unknown): EngineFailureKind {
  const code = error instanceof Error && "code" in error ? error.code : undefined;
  if (code === "EACCES" || code === "EPERM") return "denied";
  if (code === "ENOENT" || code === "ECONNREFUSED") return "absent";
  return "unreadable";
}
