/**
 * A rack with everything in it: Pulse; two machines with an agent each, on cables of their own; containers of every
 * kind on the first, which node_exporter watches too; nginx, a certificate about to end, a name server, and fifty
 * checks of them. Whatever it makes is gone when it is stopped, or when its process ends.
 *
 * To have a look: `bun tests/rack/rack.ts` (as root) starts it and says where; Ctrl-C ends it.
 */
import { createServer, type Server } from "node:tls";
import type { Enrolled } from "../../server/contract/agents.ts";
import type { CreateSourceInput, Source } from "../../server/contract/sources.ts";
import { FIRST_EMAIL, PASSWORD, signUp, type Visitor } from "../support/calls.ts";
import { issueCertificate } from "../support/certificates.ts";
import { type TemporaryDataDir, temporaryDataDir } from "../support/data-dir.ts";
import { startNameServer } from "../support/name-server.ts";
import { Podman } from "../support/podman.ts";
import { freePort, startServer, type TestServer } from "../support/server.ts";
import { until } from "../support/until.ts";
import { AgentProcess } from "./agent-process.ts";
import { fiftyChecks, type PlannedCheck } from "./fifty-checks.ts";
import { NetworkedMachine } from "./network.ts";
import { Nginx } from "./nginx.ts";
import { OpenPage } from "./open-page.ts";

const EXPORTER_PORT = 9_100;
const DYING_IN_MS = 3.5 * 86_400_000;
const ZONE = {
  "nas.lan A": ["192.0.2.7"],
  "nas.lan AAAA": ["2001:db8::7"],
  "nas.lan MX": ["10 mail.lan"],
  "nas.lan TXT": ["it is here"],
};

export interface EnrolledAgent {
  id: string;
  process: AgentProcess;
  machine: NetworkedMachine;
}

export class Rack {
  readonly dataDir: TemporaryDataDir;
  readonly podman: Podman;
  readonly nginx: Nginx;
  readonly machines: [NetworkedMachine, NetworkedMachine];
  readonly plan: PlannedCheck[];
  server!: TestServer;
  visitor!: Visitor;
  page!: OpenPage;
  agents: EnrolledAgent[] = [];
  /** In the order of the plan. */
  checks: Source[] = [];
  exporter!: Source;
  readonly #port: number;
  readonly #made: AsyncDisposableStack;

  static async start(port?: number): Promise<Rack> {
    await using making = new AsyncDisposableStack();
    const keep = <T>(thing: T, remove: (thing: T) => unknown): T =>
      making.adopt(thing, async () => void (await remove(thing)));
    const dataDir = keep(temporaryDataDir(), (made) => made.remove());
    /* What was made is kept before anything else can fail. */
    const [podman, first, second, dns, tls] = await settled(
      Podman.start().then((made) => fill(keep(made, () => made.stop()))),
      NetworkedMachine.add().then((made) => keep(made, () => made.remove())),
      NetworkedMachine.add().then((made) => keep(made, () => made.remove())),
      startNameServer(ZONE).then((made) => keep(made, () => made.close())),
      dyingServer().then((made) => keep(made, () => made.close())),
    );
    const nginx = keep(new Nginx(await freePort()), (made) => made.remove());
    await nginx.start();
    keep(startExporter(first), (made) => made.kill());
    await until(() => answers(`http://${first.address}:${EXPORTER_PORT}/metrics`), {
      withinMs: 20_000,
      what: "node_exporter answers",
    });
    await first.lendSocket(podman.socket, "/run/podman/podman.sock");
    const { port: tlsPort } = tls.address() as { port: number };
    const machines: [NetworkedMachine, NetworkedMachine] = [first, second];
    const addresses = machines.map(({ address }) => address);
    const plan = fiftyChecks({
      web: nginx.port,
      tls: tlsPort,
      dns: dns.port,
      machines: addresses,
    });
    const parts = { dataDir, podman, nginx, machines, plan, port: port ?? (await freePort()) };
    const rack = new Rack(parts, making.move());
    try {
      await rack.#begin();
    } catch (error) {
      await rack.stop();
      throw error;
    }
    return rack;
  }

  private constructor(
    parts: Pick<Rack, "dataDir" | "podman" | "nginx" | "machines" | "plan"> & { port: number },
    made: AsyncDisposableStack,
  ) {
    this.dataDir = parts.dataDir;
    this.podman = parts.podman;
    this.nginx = parts.nginx;
    this.machines = parts.machines;
    this.plan = parts.plan;
    this.#port = parts.port;
    this.#made = made;
  }

  async startServer(): Promise<void> {
    this.server = await startServer({
      dataDir: this.dataDir.path,
      port: this.#port,
      env: { PULSE_HOST: "0.0.0.0", PULSE_OUTBOUND_ALLOW: "127.0.0.0/8" },
    });
  }

  async stop(): Promise<void> {
    await this.#made.disposeAsync();
  }

  /** What a source of it is called after it was made. */
  async addSource(input: CreateSourceInput): Promise<Source> {
    const { source } = await this.visitor.api.sources.create.mutate(input);
    return source;
  }

  async #begin(): Promise<void> {
    await this.startServer();
    this.#made.defer(async () => void (await this.server.stop()));
    this.visitor = await signUp(this.server);
    this.page = this.#made.adopt(new OpenPage(this.server, this.visitor), (page) => page.close());
    for (const machine of this.machines) this.agents.push(await this.#addAgent(machine));
    this.exporter = await this.addSource({
      type: "prometheus",
      name: "node_exporter",
      config: { url: `http://${this.machines[0].address}:${EXPORTER_PORT}` },
      intervalMs: 10_000,
    });
    for (const { input } of this.plan) this.checks.push(await this.addSource(input));
  }

  async #addAgent(machine: NetworkedMachine): Promise<EnrolledAgent> {
    const { id, token }: Enrolled = await this.visitor.api.agents.enroll.mutate();
    const process = new AgentProcess(machine, { port: this.#port, token });
    return { id, machine, process: this.#made.adopt(process, (made) => made.remove()) };
  }
}

/** One of each kind. The loop ends one day, should nobody be there to end it. */
async function fill(podman: Podman): Promise<Podman> {
  const little = ["--memory", "16m", "--memory-swap", "16m"];
  await Promise.all([
    podman.run("web"),
    podman.run("finished", [], "exit 0"),
    podman.run("failed", [], "exit 3"),
    podman.run("hungry", little, "dd if=/dev/zero of=/dev/null bs=64M count=3"),
    podman.run("looping", ["--restart", "on-failure:60"], "sleep 1; exit 7"),
  ]);
  return podman;
}

function startExporter(machine: NetworkedMachine): Bun.Subprocess {
  const command = ["prometheus-node-exporter", `--web.listen-address=${machine.address}:${EXPORTER_PORT}`];
  return Bun.spawn([...machine.on, ...command], { stdout: "ignore", stderr: "ignore" });
}

/** Speaks TLS with a certificate that ends in three days, and answers whatever is said. */
async function dyingServer(): Promise<Server> {
  const { cert, key } = issueCertificate({
    name: "old.lan",
    names: ["127.0.0.1"],
    notAfter: Date.now() + DYING_IN_MS,
  });
  const server = createServer({ cert, key }, (socket) => {
    socket.on("error", () => {});
    socket.once("data", () =>
      socket.end("HTTP/1.1 200 OK\r\ncontent-length: 2\r\nconnection: close\r\n\r\nok"),
    );
  });
  server.on("tlsClientError", () => {});
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return server;
}

async function answers(url: string): Promise<boolean> {
  try {
    return (await fetch(url)).ok;
  } catch {
    return false;
  }
}

/** All of them; when one fails, only once the others are done and can be removed. */
async function settled<const Works extends readonly Promise<unknown>[]>(...works: Works) {
  await Promise.allSettled(works);
  return Promise.all(works);
}

if (import.meta.main) {
  const rack = await Rack.start(Number(process.env.PULSE_PORT ?? 7_655));
  console.log(`${rack.server.url}\nsign in as ${FIRST_EMAIL} with the password "${PASSWORD}"`);
  for (const signal of ["SIGINT", "SIGTERM"] as const) {
    process.once(signal, () => void rack.stop().then(() => process.exit(0)));
  }
}
