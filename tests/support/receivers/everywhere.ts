/**
 * Somebody who hears on every kind of channel there is, each a strict service on this machine. What is in one place
 * of the world only (Pushover, PagerDuty, a push service) is found there all the same: a server that runs `under`
 * this has a file of host names of its own, and trusts an authority that vouches for those names and nothing else.
 */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { CHANNEL_TYPES, type ChannelType } from "../../../server/contract/notifications.ts";
import { issueCertificate } from "../certificates.ts";
import { pagerDutyService } from "./pagerduty.ts";
import { type Receiver, type Shown, startReceiver } from "./receiver.ts";
import { SERVICES } from "./services.ts";
import { type MailServer, startMailServer } from "./smtp.ts";

/** Of services that are not asked where they are. */
const PLACES = {
  pushover: "api.pushover.net",
  pagerduty: "events.pagerduty.com",
  webpush: "push.example.net",
} as const;
const MAIL_HOST = "mail.example.org";
const LOGIN = { user: "pulse", password: "for one app" };
const AUTHORITY = "Authority of a test";

const isPlaced = (type: ChannelType): type is keyof typeof PLACES => type in PLACES;

export class Everywhere {
  readonly #folder = mkdtempSync(join(tmpdir(), "pulse-everywhere-"));
  readonly #receivers = new Map<ChannelType, Receiver>();
  readonly #mail: MailServer;
  /** Incidents that PagerDuty has open, by severity. */
  readonly incidents = new Map<string, string>();

  static async start(): Promise<Everywhere> {
    const issued = issueCertificate({ name: AUTHORITY, isAuthority: true });
    const issuer = { name: AUTHORITY, issued };
    const certificate = issueCertificate({ name: MAIL_HOST, issuer });
    const mail = await startMailServer({
      security: "starttls",
      certificate,
      login: { ...LOGIN, by: "PLAIN" },
    });
    const own = new Everywhere(mail);
    /* Nobody else listens there, also when this runs twice. */
    const network = `127.${100 + Math.floor(Math.random() * 100)}.${Math.floor(Math.random() * 250)}`;
    const hosts = [`127.0.0.1 localhost ${MAIL_HOST}`];
    for (const type of CHANNEL_TYPES) {
      if (type === "email") continue;
      const service = type === "pagerduty" ? pagerDutyService(own.incidents) : SERVICES[type].service();
      if (!isPlaced(type)) {
        own.#receivers.set(type, startReceiver(service));
        continue;
      }
      const hostname = `${network}.${hosts.length}`;
      const tls = issueCertificate({ name: PLACES[type], issuer });
      own.#receivers.set(type, startReceiver(service, { hostname, port: 443, tls }));
      hosts.push(`${hostname} ${PLACES[type]}`);
    }
    writeFileSync(own.#hosts, `${hosts.join("\n")}\n`);
    writeFileSync(own.#authority, issued.cert);
    return own;
  }

  private constructor(mail: MailServer) {
    this.#mail = mail;
  }

  /** Words before a server's command. */
  get under(): string[] {
    const inside = 'mount --bind "$1" /etc/hosts; shift; exec "$@"';
    return ["unshare", "--mount", "sh", "-ec", inside, "sh", this.#hosts];
  }

  /** Settings of a server that may speak to all of them. */
  get env(): Record<string, string> {
    return {
      NODE_EXTRA_CA_CERTS: this.#authority,
      PULSE_OUTBOUND_ALLOW: "127.0.0.0/8",
      PULSE_PUBLIC_URL: "https://pulse.example.org",
    };
  }

  /** What a channel of this type is set to. */
  configOf(type: ChannelType): Record<string, unknown> {
    if (type !== "email") return SERVICES[type].config(this.#receivers.get(type)?.url ?? "");
    return {
      host: MAIL_HOST,
      port: this.#mail.port,
      security: "starttls",
      ...LOGIN,
      from: "pulse@example.org",
      to: ["ada@example.org"],
    };
  }

  /** What a person was shown there, in order. */
  heardOn(type: ChannelType): readonly Shown[] {
    return type === "email" ? this.#mail.taken : (this.#receivers.get(type)?.taken ?? []);
  }

  /** What a service would not have taken. */
  get refused(): string[] {
    return [...this.#mail.faults, ...[...this.#receivers.values()].flatMap(({ refused }) => refused)];
  }

  async stop(): Promise<void> {
    this.#mail.stop();
    for (const receiver of this.#receivers.values()) await receiver.stop();
    rmSync(this.#folder, { recursive: true, force: true });
  }

  get #hosts(): string {
    return join(this.#folder, "hosts");
  }

  get #authority(): string {
    return join(this.#folder, "authority.pem");
  }
}
