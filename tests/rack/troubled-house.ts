/**
 * A house in which things go wrong for real, and somebody who is told of it everywhere: a server; two machines with an
 * agent each, `cellar` with containers and a disk of its own, `attic`; a web page, a certificate, a nightly job that
 * says when it is done. The rules are the ones Pulse comes with; only what they wait for is shorter, and what this
 * machine itself might be in trouble with is off.
 */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createServer, type Server } from "node:tls";
import type { Enrolled } from "../../server/contract/agents.ts";
import type { Alert, RuleChange, RuleName, RuleOverride } from "../../server/contract/alerts.ts";
import { CHANNEL_TYPES } from "../../server/contract/notifications.ts";
import type { Resource, ResourceKind } from "../../server/contract/resource.ts";
import type { CreateSourceInput, Source } from "../../server/contract/sources.ts";
import { signUp, type Visitor } from "../support/calls.ts";
import { issueCertificate } from "../support/certificates.ts";
import { temporaryDataDir } from "../support/data-dir.ts";
import { type LiveStream, openLiveStream } from "../support/live.ts";
import { Podman } from "../support/podman.ts";
import { Everywhere } from "../support/receivers/everywhere.ts";
import { freePort, startServer, type TestServer } from "../support/server.ts";
import { AgentProcess } from "./agent-process.ts";
import { ENDS_WITH_US, NetworkedMachine } from "./network.ts";
import { Nginx } from "./nginx.ts";
import { OpenPage } from "./open-page.ts";

const DISK = "/mnt";
const DISK_MEGABYTES = 24;
const CHECKED_EVERY_MS = 10_000;
const DAY_MS = 86_400_000;

/** What goes wrong, in the words of whoever is told. */
export const TROUBLES: Record<string, RegExp> = {
  "the processors have no rest": /^cellar uses \d[\d.]*\s% of its processors$/,
  "memory runs short": /^cellar has used \d[\d.]*\s% of its memory$/,
  "a disk is full": /^cellar: \/mnt is \d[\d.]*\s% full, \d[\d.]*\s\w+ left$/,
  "a container restarts for ever":
    /^importer on cellar (restarts again and again|ended with exit code 7 and is started again)/,
  "a container is ill": /^photos on cellar: its health check fails$/,
  "a certificate ends": /^mail: the certificate ends in 3 days$/,
  "a page does not answer": /^wiki: the connection was refused$/,
  "a machine is cut off": /^attic has stopped reporting$/,
  "a job did not say that it is done": /^nightly backup: the heartbeat stopped$/,
};

export class TroubledHouse {
  readonly everywhere: Everywhere;
  readonly server: TestServer;
  readonly owner: Visitor;
  readonly #made: AsyncDisposableStack;
  readonly #podman: Podman;
  readonly #cellar: NetworkedMachine;
  readonly #attic: NetworkedMachine;
  readonly #nginx: Nginx;
  readonly #mail: Server;
  readonly #page: OpenPage;
  readonly #live: LiveStream;
  /** Of the containers: what they look for to be well. */
  readonly #flags: string;
  #load: Bun.Subprocess | undefined;
  #memoryBytes = 0;
  #heartbeatUrl = "";
  #beats: ReturnType<typeof setInterval> | undefined;

  static async start(): Promise<TroubledHouse> {
    await using making = new AsyncDisposableStack();
    const keep = <T>(thing: T, remove: (thing: T) => unknown): T =>
      making.adopt(thing, async () => void (await remove(thing)));
    const folder = keep(mkdtempSync(join(tmpdir(), "pulse-house-")), (made) =>
      rmSync(made, { recursive: true, force: true }),
    );
    const dataDir = keep(temporaryDataDir(), (made) => made.remove());
    const everywhere = keep(await Everywhere.start(), (made) => made.stop());
    const podman = keep(await Podman.start(), (made) => made.stop());
    const cellar = keep(await NetworkedMachine.add(), (made) => made.remove());
    const attic = keep(await NetworkedMachine.add(), (made) => made.remove());
    const nginx = keep(new Nginx(await freePort()), (made) => made.remove());
    const mail = keep(createServer(certificateFor(60)), (made) => made.close());
    const port = await freePort();
    const server = keep(
      await startServer({
        dataDir: dataDir.path,
        port,
        under: everywhere.under,
        env: { ...everywhere.env, PULSE_HOST: "0.0.0.0" },
      }),
      (made) => made.stop(),
    );
    const owner = await signUp(server);
    const parts = { everywhere, server, owner, podman, cellar, attic, nginx, mail, folder };
    const house = new TroubledHouse(parts, making.move());
    try {
      await house.#furnish(folder, port);
    } catch (error) {
      await house.stop();
      throw error;
    }
    return house;
  }

  private constructor(
    parts: Pick<TroubledHouse, "everywhere" | "server" | "owner"> & {
      podman: Podman;
      cellar: NetworkedMachine;
      attic: NetworkedMachine;
      nginx: Nginx;
      mail: Server;
      folder: string;
    },
    made: AsyncDisposableStack,
  ) {
    this.everywhere = parts.everywhere;
    this.server = parts.server;
    this.owner = parts.owner;
    this.#podman = parts.podman;
    this.#cellar = parts.cellar;
    this.#attic = parts.attic;
    this.#nginx = parts.nginx;
    this.#mail = parts.mail;
    this.#flags = join(parts.folder, "flags");
    this.#made = made;
    this.#page = made.adopt(new OpenPage(this.server, this.owner), (page) => page.close());
    this.#live = made.use(openLiveStream(this.server, { cookie: this.owner.cookie }));
    made.defer(() => clearInterval(this.#beats));
    made.defer(() => this.#load?.kill());
  }

  async stop(): Promise<void> {
    await this.#made.disposeAsync();
  }

  /** Every alert there was, as it was told last. */
  get alerts(): Alert[] {
    const told = this.#live.events.flatMap((event) =>
      event.type === "alert.fired" || event.type === "alert.updated" || event.type === "alert.resolved"
        ? [event.data.alert]
        : [],
    );
    return [...new Map(told.map((alert) => [alert.id, alert])).values()];
  }

  /** All of it, at once; but for the container that never works, and has been there from the beginning. */
  async breakAll(): Promise<void> {
    clearInterval(this.#beats);
    rmSync(join(this.#flags, "well"));
    const hungry = [
      ...["--cpu", "0", "--vm", "1", "--vm-bytes", String(Math.round(this.#memoryBytes * 0.2))],
      ...["--vm-keep", "--vm-hang", "0", "--quiet"],
    ];
    this.#load = Bun.spawn([...ENDS_WITH_US, "stress-ng", ...hungry]);
    this.#mail.setSecureContext(certificateFor(3.5));
    await Promise.all([
      this.#cellar.run("fallocate", "-l", `${Math.round(DISK_MEGABYTES * 0.85)}M`, `${DISK}/film`),
      this.#nginx.stop(),
      this.#attic.cutOff(),
      this.#askHealth(),
    ]);
  }

  /**
   * What has looped counts as looping for five more minutes: whoever has mended it closes its alert by hand. And
   * what else keeps this machine busy from now on is not what this is about.
   */
  async mendAll(): Promise<void> {
    const { settings, revision } = await this.owner.api.alerts.rules.query();
    const cpu = { warning: { ...settings.rules["cpu" as RuleName]?.warning, delayMs: 15 * 60_000 } };
    const rules = { ...settings.rules, cpu };
    await this.owner.api.alerts.setRules.mutate({ revision, settings: { ...settings, rules } });
    writeFileSync(join(this.#flags, "well"), "");
    this.#load?.kill("SIGTERM");
    this.#mail.setSecureContext(certificateFor(60));
    this.#beat();
    await Promise.all([
      this.#load?.exited,
      this.#cellar.run("rm", `${DISK}/film`),
      this.#nginx.start(),
      this.#attic.mend(),
      this.#podman.remove("importer"),
      this.#askHealth(),
    ]);
    for (const { id, subject, resolvedAt } of this.alerts)
      if (subject.name === "importer" && resolvedAt === undefined)
        await this.owner.api.alerts.close.mutate({ id, note: "a wrong password" });
  }

  async #furnish(folder: string, port: number): Promise<void> {
    await this.#mountDisk(join(folder, "disk"));
    mkdirSync(this.#flags);
    writeFileSync(join(this.#flags, "well"), "");
    await this.#cellar.lendSocket(this.#podman.socket, "/run/podman/podman.sock");
    const health = [
      "--health-cmd",
      "cat /flags/well",
      "--health-interval",
      "disable",
      "--health-retries",
      "1",
    ];
    await this.#podman.run("importer", ["--restart", "on-failure:500"], "sleep 0.3; exit 7");
    await this.#podman.run("photos", ["-v", `${this.#flags}:/flags:ro`, ...health]);
    await this.#nginx.start();
    await new Promise<void>((resolve) => this.#mail.listen(0, "127.0.0.1", resolve));
    await this.owner.api.notifications.pushKey.mutate();
    for (const type of CHANNEL_TYPES)
      await this.owner.api.notifications.createChannel.mutate({
        name: type,
        type,
        config: this.everywhere.configOf(type),
      });
    const machines = [];
    for (const [name, machine] of [
      ["cellar", this.#cellar],
      ["attic", this.#attic],
    ] as const)
      machines.push(await this.#enrol(name, machine, port));
    await this.#setRules(machines);
    await this.#watch();
  }

  async #mountDisk(image: string): Promise<void> {
    await this.#cellar.run("truncate", "-s", `${DISK_MEGABYTES}M`, image);
    await this.#cellar.run("mkfs.ext4", "-q", "-F", image);
    await this.#cellar.run("mount", "-o", "loop", image, DISK);
  }

  /** Resolves when the machine is known, by a name of its own: both say that they are called the same. */
  async #enrol(name: string, machine: NetworkedMachine, port: number): Promise<Resource> {
    const { id, token }: Enrolled = await this.owner.api.agents.enroll.mutate({ name });
    this.#made.adopt(new AgentProcess(machine, { port, token }), (made) => made.remove());
    const isIts = ({ kind, sources, metrics }: Resource) =>
      kind === "host" && sources.includes(`agent:${id}`) && metrics.cpu_percent !== undefined;
    const found = await this.#resource(name, isIts);
    await this.owner.api.resources.update.mutate({ id: found.id, name });
    return found;
  }

  #resource(what: string, isMeant: (resource: Resource) => boolean): Promise<Resource> {
    return this.#page.sees(what, ({ resources }) => [...resources.values()].find(isMeant), 45_000);
  }

  async #setRules([cellar, attic]: Resource[]): Promise<void> {
    if (!cellar || !attic) throw new Error("there are two machines");
    const isDisk = ({ kind, name, parentId }: Resource) =>
      kind === "filesystem" && name === DISK && parentId === cellar.id;
    const disk = await this.#resource("the disk", isDisk);
    const {
      memory_used_percent: memory = 0,
      memory_total_bytes: total = 0,
      memory_used_bytes: used = 0,
    } = (await this.owner.api.resources.get.query({ id: cellar.id })).resource.metrics;
    this.#memoryBytes = total || (used / memory) * 100;
    const soon = { warning: { delayMs: 0 } };
    const rules: Record<RuleName, RuleChange> = {
      silence: soon,
      container: { ...soon, critical: null },
      check: {},
      certificate: {},
      heartbeat: {},
      cpu: { warning: { trigger: 95, clear: 93, delayMs: 6_000 } },
      memory: { warning: { trigger: memory + 10, clear: memory + 9, delayMs: 2_000 }, critical: null },
    };
    const overrides: RuleOverride[] = [
      {
        scope: { resourceId: disk.id },
        rule: "filesystem",
        change: { off: false, warning: { trigger: 80, clear: 70, delayMs: 0 }, critical: null },
      },
      /* Both machines are this one. */
      ...["cpu", "memory"].map((rule) => ({
        scope: { resourceId: attic.id },
        rule,
        change: { off: true },
      })),
    ];
    const { defaults, revision } = await this.owner.api.alerts.rules.query();
    for (const { name, off } of defaults) if (!off) rules[name] ??= { off: true };
    for (const [name, change] of Object.entries(rules))
      if (Object.keys(change).length === 0) delete rules[name as RuleName];
    const settings = { rules, overrides, own: [] };
    await this.owner.api.alerts.setRules.mutate({ revision, settings });
  }

  /** Resolves when everything that is watched is known, and well. */
  async #watch(): Promise<void> {
    const { port: mailPort } = this.#mail.address() as { port: number };
    await this.#check("wiki", "http", { url: `http://127.0.0.1:${this.#nginx.port}/page/wiki`, retries: 0 });
    await this.#check("mail", "tls", { host: "127.0.0.1", port: mailPort, verify: false, retries: 0 });
    const job = await this.#check("nightly backup", "heartbeat", { periodMs: 10_000, graceMs: 0 });
    /* The server calls itself by another name than the one it is reached at from here. */
    this.#heartbeatUrl = this.server.url + new URL(job.heartbeatUrl ?? "").pathname;
    this.#beat();
    const watched: [ResourceKind, string][] = [
      ["container", "photos"],
      ["check", "wiki"],
      ["check", "mail"],
      ["check", "nightly backup"],
    ];
    for (const [kind, name] of watched)
      await this.#resource(name, (one) => one.kind === kind && one.name === name && one.status === "up");
  }

  async #check(
    name: string,
    type: CreateSourceInput["type"],
    config: CreateSourceInput["config"],
  ): Promise<Source> {
    const input: CreateSourceInput = { name, type, config, intervalMs: CHECKED_EVERY_MS };
    return (await this.owner.api.sources.create.mutate(input)).source;
  }

  #beat(): void {
    const beat = () => void fetch(this.#heartbeatUrl, { method: "POST" }).catch(() => {});
    beat();
    this.#beats = setInterval(beat, 3_000);
  }

  /** It says with its exit status how it is; Podman remembers. */
  async #askHealth(): Promise<void> {
    await this.#podman.call("healthcheck", "run", "photos").catch(() => {});
  }
}

/** It ends in so many days. */
function certificateFor(days: number) {
  return issueCertificate({ name: "mail.lan", names: ["127.0.0.1"], notAfter: Date.now() + days * DAY_MS });
}
