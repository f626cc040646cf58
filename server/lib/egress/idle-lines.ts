import type { Line } from "./line.ts";

/** Connections kept for the next request, of all targets together. */
const LINES_LIMIT = 64;
/** Most servers hang up after a minute or two without a request. */
const IDLE_MS = 90_000;
/** A name may mean another address by then: it is looked up anew. */
const AGE_MS = 600_000;

interface Idle {
  line: Line;
  drop: () => void;
}

/** Connections that have answered and wait for another request to the same target, in the same way. */
export class IdleLines {
  readonly #lines = new Map<string, Idle>();

  take(key: string): Line | undefined {
    const idle = this.#lines.get(key);
    if (!idle) return undefined;
    this.#lines.delete(key);
    for (const event of ["data", "close", "error", "timeout"]) idle.line.socket.off(event, idle.drop);
    idle.line.socket.setTimeout(0).ref();
    return idle.line.socket.destroyed ? undefined : idle.line;
  }

  keep(key: string, line: Line): void {
    const { socket } = line;
    if (
      this.#lines.has(key) ||
      this.#lines.size >= LINES_LIMIT ||
      performance.now() - line.openedAt > AGE_MS
    ) {
      socket.destroy();
      return;
    }
    const drop = () => {
      if (this.#lines.get(key)?.line === line) this.#lines.delete(key);
      socket.destroy();
    };
    this.#lines.set(key, { line, drop });
    /* What comes without being asked for would be taken for the next answer. */
    socket.on("data", drop).on("close", drop).on("error", drop);
    socket.setTimeout(IDLE_MS, drop);
    socket.unref();
  }

  close(): void {
    for (const { drop } of [...this.#lines.values()]) drop();
  }
}
