/**
 * What is said before TLS begins on a port that starts in the clear (RFC 3207, RFC 3501). Only whether the
 * other side is willing is read; none of its words go anywhere.
 */
import type { Socket } from "node:net";
import { EgressError } from "../../lib/egress.ts";

/** Greetings may have many lines; so much is read of all together. */
const READ_BYTES = 16_384;

type Step = { send?: string; until: RegExp };

const DIALOGUES: Record<"smtp" | "imap", readonly Step[]> = {
  smtp: [
    { until: /^220 [^\n]*\n/m },
    { send: "EHLO pulse.invalid\r\n", until: /^250 [^\n]*\n/m },
    { send: "STARTTLS\r\n", until: /^220 [^\n]*\n/m },
  ],
  imap: [{ until: /^\* OK[^\n]*\n/m }, { send: "p1 STARTTLS\r\n", until: /^p1 OK[^\n]*\n/m }],
};
const REFUSALS = { smtp: /^[45]\d\d[ -][^\n]*\n/m, imap: /^(?:p1 (?:NO|BAD)|\* BYE)[^\n]*\n/m };

export async function startTls(protocol: "smtp" | "imap", socket: Socket): Promise<void> {
  for (const { send, until } of DIALOGUES[protocol]) {
    if (send) socket.write(send);
    await hear(socket, until, REFUSALS[protocol]);
  }
}

function hear(socket: Socket, until: RegExp, refusal: RegExp): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const unwilling = () =>
    reject(new EgressError("protocol", "The other side does not begin TLS (STARTTLS)."));
  let heard = "";
  const listen = (chunk: Buffer) => {
    heard += chunk.toString("latin1");
    if (until.test(heard)) resolve();
    else if (refusal.test(heard) || heard.length > READ_BYTES) unwilling();
  };
  socket.on("data", listen).once("close", unwilling).resume();
  return promise.finally(() => {
    /* What follows is TLS's to read. */
    socket.off("data", listen).off("close", unwilling);
    socket.pause();
  });
}
