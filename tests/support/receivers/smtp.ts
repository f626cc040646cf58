/**
 * A mail server that takes nothing but what the RFCs allow: commands in their order, lines that end in CRLF
 * and are not too long, no 8-bit bytes, a login only where it was offered and never in the clear.
 */
import { createServer, type Server, type Socket } from "node:net";
import { createServer as createTlsServer, TLSSocket } from "node:tls";
import type { Issued } from "../certificates.ts";
import { until } from "../until.ts";
import { type Mail, readMail } from "./mail.ts";

export interface MailServerOptions {
  security: "tls" | "starttls" | "none";
  certificate?: Issued;
  login?: { user: string; password: string; by: "PLAIN" | "LOGIN" };
  /** Replies with this instead, to the command that begins so, or to this line. */
  instead?: { [command: string]: string };
}

export interface MailServer {
  port: number;
  taken: (Mail & { from: string; to: string[] })[];
  /** What no mail server would have put up with. */
  faults: string[];
  stop(): void;
}

export async function startMailServer(options: MailServerOptions): Promise<MailServer> {
  const { security, certificate } = options;
  const open = new Set<Socket>();
  const own: MailServer = {
    port: 0,
    taken: [],
    faults: [],
    stop() {
      server.close();
      for (const socket of open) socket.destroy();
    },
  };
  const begin = (socket: Socket) => {
    open.add(socket);
    socket.on("error", () => {}).on("close", () => open.delete(socket));
    new Session(socket, options, own, security === "tls").begin();
  };
  const server: Server =
    security === "tls"
      ? createTlsServer({ cert: certificate?.cert, key: certificate?.key }, begin)
      : createServer(begin);
  server.listen(0, "127.0.0.1");
  await until(() => server.listening);
  own.port = (server.address() as { port: number }).port;
  return own;
}

class Session {
  #socket: Socket;
  readonly #options: MailServerOptions;
  readonly #server: MailServer;
  #isSecure: boolean;
  #heard = "";
  #stage: "new" | "greeted" | "sender" | "recipients" | "data" | "user" | "password" = "new";
  #isIn: boolean;
  #from = "";
  #to: string[] = [];

  constructor(socket: Socket, options: MailServerOptions, server: MailServer, isSecure: boolean) {
    this.#socket = socket;
    this.#options = options;
    this.#server = server;
    this.#isSecure = isSecure;
    this.#isIn = options.login === undefined;
  }

  begin(): void {
    this.#listen();
    this.#reply(this.#options.instead?.["greeting"] ?? "220-mail.example.org\r\n220 ESMTP ready");
  }

  #listen(): void {
    this.#socket.on("data", this.#hear);
  }

  readonly #hear = (chunk: Buffer) => {
    this.#heard += chunk.toString("latin1");
    for (;;) {
      const end = this.#heard.indexOf(this.#stage === "data" ? "\r\n.\r\n" : "\r\n");
      if (end < 0) return;
      const line = this.#heard.slice(0, end);
      this.#heard = this.#heard.slice(end + (this.#stage === "data" ? 5 : 2));
      const reply = this.#stage === "data" ? this.#takeMessage(line) : this.#obey(line);
      if (reply !== undefined) this.#reply(reply);
    }
  };

  #obey(line: string): string | undefined {
    if (line.length > 510 || !/^[\x20-\x7e]*$/.test(line)) this.#fault(`a line: ${line.slice(0, 60)}`);
    const [verb = ""] = line.split(/[ :]/);
    const command = verb.toUpperCase();
    const { instead: others } = this.#options;
    const instead = others?.[line] ?? others?.[command];
    if (instead !== undefined) return instead;
    if (this.#stage === "user" || this.#stage === "password") return this.#obeyLogin(line);
    switch (command) {
      case "EHLO":
        this.#stage = "greeted";
        return this.#offers();
      case "STARTTLS":
        if (this.#options.security !== "starttls" || this.#isSecure) return this.#refuse("no TLS here");
        this.#beginTls();
        return undefined;
      case "AUTH":
        return this.#logIn(line);
      case "MAIL": {
        const [, from] = /^MAIL FROM:<([^<>\s]+@[^<>\s]+)>$/.exec(line) ?? [];
        if (from === undefined || this.#stage !== "greeted" || !this.#isIn) return this.#refuse(line);
        this.#from = from;
        this.#stage = "sender";
        return "250 ok";
      }
      case "RCPT": {
        const [, to] = /^RCPT TO:<([^<>\s]+@[^<>\s]+)>$/.exec(line) ?? [];
        if (to === undefined || !/^(?:sender|recipients)$/.test(this.#stage)) return this.#refuse(line);
        this.#to.push(to);
        this.#stage = "recipients";
        return "250 ok";
      }
      case "DATA":
        if (this.#stage !== "recipients") return this.#refuse(line);
        this.#stage = "data";
        return "354 go on";
      case "QUIT":
        this.#socket.end("221 bye\r\n");
        return undefined;
      default:
        return this.#refuse(line);
    }
  }

  #offers(): string {
    const { security, login } = this.#options;
    const offers = [
      ...(security === "starttls" && !this.#isSecure ? ["STARTTLS"] : []),
      ...(login && this.#isSecure ? [`AUTH ${login.by}`] : []),
      "SIZE 1000000",
    ];
    const lines = ["mail.example.org", ...offers];
    return lines.map((line, at) => `250${at === lines.length - 1 ? " " : "-"}${line}`).join("\r\n");
  }

  #beginTls(): void {
    this.#socket.off("data", this.#hear);
    this.#reply("220 go on");
    const { cert, key } = this.#options.certificate ?? {};
    this.#socket = new TLSSocket(this.#socket, { isServer: true, cert, key });
    this.#socket.on("error", () => {});
    this.#isSecure = true;
    this.#stage = "new";
    this.#listen();
  }

  #logIn(line: string): string {
    const { login } = this.#options;
    if (!login || !this.#isSecure) return this.#refuse("a login that was not offered");
    if (login.by === "LOGIN") {
      if (line !== "AUTH LOGIN") return this.#refuse(line);
      this.#stage = "user";
      return "334 VXNlcm5hbWU6";
    }
    const expected = Buffer.from(`\0${login.user}\0${login.password}`).toString("base64");
    this.#isIn = line === `AUTH PLAIN ${expected}`;
    return this.#isIn ? "235 welcome" : "535 no";
  }

  #obeyLogin(line: string): string {
    const { user = "", password = "" } = this.#options.login ?? {};
    const expected = this.#stage === "user" ? user : password;
    const isRight = line === Buffer.from(expected).toString("base64");
    if (this.#stage === "user" && isRight) {
      this.#stage = "password";
      return "334 UGFzc3dvcmQ6";
    }
    this.#isIn = isRight;
    this.#stage = "greeted";
    return isRight ? "235 welcome" : "535 no";
  }

  #takeMessage(text: string): string {
    const to = this.#to;
    this.#stage = "greeted";
    this.#to = [];
    const message = text.replaceAll(/^\.\./gm, ".");
    try {
      this.#server.taken.push({ ...readMail(`${message}\r\n`), from: this.#from, to });
      return this.#options.instead?.["."] ?? "250 taken";
    } catch (error) {
      this.#fault(String(error));
      return "554 not like that";
    }
  }

  #refuse(what: string): string {
    this.#fault(what);
    return "503 not now";
  }

  #fault(what: string): void {
    this.#server.faults.push(what);
  }

  #reply(text: string): void {
    this.#socket.write(`${text}\r\n`);
  }
}
