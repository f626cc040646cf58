/** HTTP without a client in between: exactly these bytes, and whatever comes back. */
import { connect, type Socket } from "node:net";
import type { Target } from "./calls.ts";

export interface RawAnswer {
  /** Everything that came back. */
  text: string;
  /** Of the first answer; 0 when nothing came that looks like one. */
  status: number;
  headers: Headers;
  body: string;
  /** Whether the other side hung up. */
  closed: boolean;
}

export interface ExchangeOptions {
  /** Sent after the first bytes, piece by piece, as fast as the other side takes it. */
  rest?: Iterable<string | Uint8Array>;
  /** With no byte from the other side for this long, the exchange is over. */
  quietMs?: number;
  /** An exchange is over in any case after this long. */
  withinMs?: number;
}

/**
 * Sends the bytes and reads until the other side hangs up, the first answer is complete, or nothing more comes.
 * A connection that is reset is an answer too: an empty one.
 */
export async function exchange(
  target: Target,
  bytes: string | Uint8Array,
  { rest = [], quietMs = 2_000, withinMs = 10_000 }: ExchangeOptions = {},
): Promise<RawAnswer> {
  const socket = openSocket(target);
  const chunks: Buffer[] = [];
  const over = Promise.withResolvers<boolean>();
  socket.setTimeout(quietMs, () => over.resolve(false));
  const limit = setTimeout(() => over.resolve(false), withinMs);
  socket.on("data", (chunk: Buffer) => {
    chunks.push(chunk);
    if (isComplete(Buffer.concat(chunks))) over.resolve(false);
  });
  socket.on("error", () => over.resolve(true));
  socket.on("close", () => over.resolve(true));
  socket.write(bytes);
  void sendAll(socket, rest);
  const closed = await over.promise;
  clearTimeout(limit);
  socket.destroy();
  return { ...parseAnswer(Buffer.concat(chunks).toString("latin1")), closed };
}

export function openSocket({ url }: Target): Socket {
  const { hostname, port } = new URL(url);
  return connect({ host: hostname, port: Number(port) });
}

async function sendAll(socket: Socket, pieces: Iterable<string | Uint8Array>): Promise<void> {
  for (const piece of pieces) {
    if (socket.destroyed || socket.writableEnded) return;
    if (socket.write(piece)) continue;
    await new Promise<void>((resolve) => {
      socket.once("drain", resolve);
      socket.once("close", resolve);
    });
  }
}

export function parseAnswer(text: string): Omit<RawAnswer, "closed"> {
  const split = text.indexOf("\r\n\r\n");
  const [first = "", ...lines] = text.slice(0, split === -1 ? undefined : split).split("\r\n");
  const headers = new Headers();
  for (const line of lines) {
    const colon = line.indexOf(":");
    if (colon > 0) headers.append(line.slice(0, colon), line.slice(colon + 1).trim());
  }
  const body = split === -1 ? "" : text.slice(split + 4);
  return { text, status: Number(/^HTTP\/1\.[01] (\d{3})/.exec(first)?.[1] ?? 0), headers, body };
}

/** Whether one whole answer has come. Answers to HEAD end with the connection: they have a length and no body. */
function isComplete(received: Buffer): boolean {
  const end = received.indexOf("\r\n\r\n");
  if (end === -1) return false;
  const head = received.subarray(0, end).toString("latin1");
  if (/^HTTP\/1\.1 (?:204|304)/.test(head)) return true;
  if (/\r\ntransfer-encoding: *chunked/i.test(head)) return received.subarray(-5).toString() === "0\r\n\r\n";
  const length = /\r\ncontent-length: *(\d+)/i.exec(head)?.[1];
  return length !== undefined && received.length >= end + 4 + Number(length);
}
