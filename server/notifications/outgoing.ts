/** What an encoder makes of a message: exactly what is sent, and nothing is decided after that. */
import type { TlsOptions } from "../lib/egress.ts";

export interface HttpOutgoing {
  kind: "http";
  method: "POST" | "PUT";
  url: string;
  headers: Record<string, string>;
  body: string | Uint8Array;
}

export interface MailOutgoing {
  kind: "mail";
  server: { host: string; port: number; security: "tls" | "starttls" | "none"; tls: TlsOptions };
  login?: { user: string; password: string };
  /** Addresses alone. */
  from: string;
  to: string[];
  /** Head and body, ASCII; every line ends in CRLF, the last one too. */
  text: string;
}

/** An ECDSA key, as JWK. */
export interface PushKey {
  kty: "EC";
  crv: "P-256";
  x: string;
  y: string;
  /** The private part. */
  d: string;
}

export type Outgoing = HttpOutgoing | MailOutgoing;

/** What an encoder may need besides the message and the config. */
export interface EncoderSurroundings {
  /** When it is sent, which may be long after the message was made. */
  now: number;
  /** What browsers know this org by. */
  pushKey: () => PushKey;
  /** Where this server is reached; undefined: it does not know. */
  publicUrl: string | undefined;
}
