/**
 * The little of SMTP it takes to hand over one message (RFC 5321, 3207, 4954). Our own, because the
 * connection has to be opened, and its certificate judged, by the one door through which anything leaves; a
 * library brings its own way out. Of what the server says only the three digits are looked at, and
 * the words of its greeting that name what it can do; nothing of it is shown.
 */
import type { Socket } from "node:net";
import { type Egress, EgressError } from "../lib/egress.ts";
import type { Failed, Taken } from "./failures.ts";
import type { MailOutgoing } from "./outgoing.ts";

/** Of one reply, all its lines. */
const REPLY_BYTES = 16_384;
const NAME = "pulse.invalid";
/** Of those it was not taken for so many are named. */
const NAMED = 3;

type Sent = Taken | Failed;

export async function sendMail(
  mail: MailOutgoing,
  { egress, timeoutMs, signal }: { egress: Egress; timeoutMs: number; signal?: AbortSignal | undefined },
): Promise<Sent> {
  const { host, port, security, tls } = mail.server;
  const deadline = performance.now() + timeoutMs;
  const connection = await egress.connect({
    host,
    port,
    timeoutMs,
    ...(security !== "none" && { tls }),
    ...(security === "starttls" && { beforeTls: askForTls }),
    ...(signal && { signal }),
  });
  const { socket } = connection;
  const tooLate = () =>
    socket.destroy(new EgressError("timeout", `There was no answer in ${timeoutMs / 1_000} s.`));
  const givenUp = () => socket.destroy(new EgressError("aborted", "The attempt was given up."));
  const timer = setTimeout(tooLate, deadline - performance.now());
  signal?.addEventListener("abort", givenUp);
  try {
    return await handOver(new Dialogue(socket), mail, security !== "starttls");
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener("abort", givenUp);
    socket.destroy();
  }
}

async function askForTls(socket: Socket): Promise<void> {
  const dialogue = new Dialogue(socket);
  await expectReply(dialogue, 220);
  const { text } = await dialogue.say(`EHLO ${NAME}`);
  if (!/^250[ -]STARTTLS\s*$/im.test(text) || (await dialogue.say("STARTTLS")).code !== 220)
    throw new EgressError("tls", "The mail server does not begin TLS (STARTTLS) on this port.");
  /* What was sent before TLS began was not sent by whom the certificate names. */
  if (dialogue.release() > 0) throw new EgressError("tls", "The mail server speaks before TLS has begun.");
}

async function handOver(dialogue: Dialogue, mail: MailOutgoing, greets: boolean): Promise<Sent> {
  if (greets) await expectReply(dialogue, 220);
  const hello = await dialogue.say(`EHLO ${NAME}`);
  if (hello.code !== 250) return refused(hello.code, "the greeting");
  if (mail.login) {
    const code = await logIn(dialogue, mail.login, hello.text);
    if (code !== 235) return loginRefused(code);
  }
  const sender = await dialogue.say(`MAIL FROM:<${mail.from}>`);
  if (sender.code !== 250) return refused(sender.code, "the sender");
  const out: NotTaken[] = [];
  for (const address of mail.to) {
    const { code } = await dialogue.say(`RCPT TO:<${address}>`);
    if (code === 421) return refused(code, "a recipient"); // it hangs up
    if (code !== 250 && code !== 251) out.push({ address, code });
  }
  /* Those it is taken for are told now. To try again for the others would be to tell these twice. */
  const reason = out.find(({ code }) => code < 500) ?? out[0];
  if (reason && out.length === mail.to.length) return refused(reason.code, `the recipient ${reason.address}`);
  const data = await dialogue.say("DATA");
  if (data.code !== 354) return refused(data.code, "the message");
  /* A line with a dot alone would end it: one that begins with a dot gets another. */
  const done = await dialogue.say(`${mail.text.replaceAll(/^\./gm, "..")}.`);
  if (done.code !== 250) return refused(done.code, "the message");
  dialogue.bye();
  return { ok: true, ...(out.length > 0 && { exceptFor: exceptFor(out) }) };
}

interface NotTaken {
  address: string;
  code: number;
}

function exceptFor(out: readonly NotTaken[]): string {
  const named = out.slice(0, NAMED).map(({ address, code }) => `${address} (${code})`);
  const more = out.length > NAMED ? ` and ${out.length - NAMED} more` : "";
  return `The mail server took it, but not for ${named.join(", ")}${more}.`;
}

async function logIn(
  dialogue: Dialogue,
  { user, password }: { user: string; password: string },
  hello: string,
): Promise<number | undefined> {
  const offered = /^250[ -]AUTH[ =](.*)$/im.exec(hello)?.[1]?.toUpperCase().split(/\s+/) ?? [];
  const base64 = (text: string) => Buffer.from(text).toString("base64");
  if (offered.includes("PLAIN"))
    return (await dialogue.say(`AUTH PLAIN ${base64(`\0${user}\0${password}`)}`)).code;
  if (!offered.includes("LOGIN")) return undefined;
  for (const line of ["AUTH LOGIN", base64(user)]) {
    const { code } = await dialogue.say(line);
    if (code !== 334) return code;
  }
  return (await dialogue.say(base64(password))).code;
}

function loginRefused(code: number | undefined): Failed {
  if (code !== undefined && code >= 400 && code < 500) return refused(code, "the login");
  const message =
    code === undefined
      ? "The mail server offers no way to log in that Pulse knows (PLAIN, LOGIN)."
      : `The mail server refuses the user or the password (${code}).`;
  return { ok: false, failure: "authentication", message, isUncertain: false, isFinal: false };
}

function refused(code: number, what: string): Failed {
  const failed = { ok: false, isUncertain: false, isFinal: false } as const;
  if (code === 530)
    return { ...failed, failure: "authentication", message: "The mail server wants a login (530)." };
  if (code >= 400 && code < 500)
    return {
      ...failed,
      failure: "connectivity",
      message: `The mail server does not take ${what} for now (${code}).`,
    };
  return { ...failed, failure: "rejected", message: `The mail server refuses ${what} (${code}).` };
}

async function expectReply(dialogue: Dialogue, code: number): Promise<void> {
  const reply = await dialogue.hear();
  if (reply.code !== code)
    throw new EgressError("protocol", "What answers there is no mail server, or one that takes nothing now.");
}

/** One side speaks, the other answers, in turns. */
class Dialogue {
  readonly #socket: Socket;
  #heard = "";
  #broken: Error | undefined;
  #wake: (() => void) | undefined;

  constructor(socket: Socket) {
    this.#socket = socket;
    socket.on("data", this.#take).on("error", this.#end).on("close", this.#end).resume();
  }

  async say(line: string): Promise<{ code: number; text: string }> {
    if (this.#heard !== "") throw new EgressError("protocol", "The mail server answers before it is asked.");
    this.#socket.write(`${line}\r\n`);
    return this.hear();
  }

  /** A whole reply: the last line has a space after its digits. */
  async hear(): Promise<{ code: number; text: string }> {
    for (;;) {
      const whole = /^(?:\d{3}-[^\n]*\n)*(\d{3})(?: [^\n]*)?\r?\n/.exec(this.#heard);
      if (whole) {
        this.#heard = this.#heard.slice(whole[0].length);
        return { code: Number(whole[1]), text: whole[0].replaceAll("\r", "") };
      }
      if (this.#broken) throw this.#broken;
      const isReply = /^(?:$|\d{1,2}$|\d{3}(?:$|[ \r\n-]))/.test(this.#heard);
      if (!isReply || this.#heard.length > REPLY_BYTES)
        throw new EgressError("protocol", "What answers there is no mail server.");
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }

  /** Whatever comes now is for somebody else to read; how much came already. */
  release(): number {
    this.#socket.off("data", this.#take).off("error", this.#end).off("close", this.#end).pause();
    return this.#heard.length;
  }

  /** Nobody waits for what is said to it. */
  bye(): void {
    this.#socket.write("QUIT\r\n");
  }

  readonly #take = (chunk: Buffer) => {
    if (this.#heard.length <= REPLY_BYTES) this.#heard += chunk.toString("latin1");
    this.#wake?.();
  };

  readonly #end = (error?: unknown) => {
    this.#broken ??=
      error instanceof EgressError
        ? error
        : new EgressError("connect", "The connection was closed by the other side.");
    this.#wake?.();
  };
}
