/**
 * Machines that are not there: each is a network namespace with one virtual cable to this machine, where Pulse
 * listens, so that taking one off the network is pulling a cable and not a pretence.
 *
 * A namespace lives as long as the process in it, and that process as long as a pipe to whoever started it is open:
 * however a test ends, its namespace and its cable go. Each has folders of its own where programs look for container
 * engines (`/run`) and network cards (`/sys`); everything else it shares, its machine id and its host name too.
 */
import { until } from "../support/until.ts";

/** `cat` ends with its input. The control groups are taken along into the new /sys: figures of containers are there. */
const HOLD = `
mount -t tmpfs tmpfs /run
mkdir /run/control-groups
mount --rbind /sys/fs/cgroup /run/control-groups
mount -t sysfs sysfs /sys
mount --rbind /run/control-groups /sys/fs/cgroup
busybox ip link set lo up
echo ready
exec cat
`;

export class NetworkedMachine {
  /** Of this machine, on its end of the cable. */
  readonly serverAddress: string;
  readonly address: string;
  readonly #cable: string;
  readonly #holder: Bun.Subprocess<"pipe", "pipe", "inherit">;

  private constructor(holder: Bun.Subprocess<"pipe", "pipe", "inherit">, network: number) {
    const inside = `10.${128 + (network >> 12)}.${(network >> 4) & 255}`;
    this.serverAddress = `${inside}.${(network & 15) * 16 + 1}`;
    this.address = `${inside}.${(network & 15) * 16 + 2}`;
    this.#cable = `pulse-t${network}`;
    this.#holder = holder;
  }

  static async add(): Promise<NetworkedMachine> {
    const holder = Bun.spawn(["unshare", "--net", "--mount", "sh", "-ec", HOLD], {
      stdin: "pipe",
      stdout: "pipe",
      stderr: "inherit",
    });
    const machine = new NetworkedMachine(holder, Math.floor(Math.random() * 2 ** 18));
    try {
      await holder.stdout.getReader().read();
      await machine.#plugIn();
      return machine;
    } catch (error) {
      await machine.remove();
      throw error;
    }
  }

  /** The words before a command that make it run on this machine, and end with whoever started it. */
  get on(): string[] {
    return ["nsenter", "--net", "--mount", "--target", String(this.#holder.pid), ...ENDS_WITH_US];
  }

  /** Makes a container engine's socket the one of this machine. */
  async lendSocket(socket: string, at: string): Promise<void> {
    await this.run("sh", "-c", `mkdir -p "\${2%/*}" && ln -s "$1" "$2"`, "sh", socket, at);
  }

  /** Runs a command on it to its end. */
  async run(...command: string[]): Promise<void> {
    await run(...this.on, ...command);
  }

  async cutOff(): Promise<void> {
    await run("ip", "link", "set", this.#cable, "down");
  }

  async mend(): Promise<void> {
    await run("ip", "link", "set", this.#cable, "up");
  }

  /** Programs on it are stopped by whoever started them. */
  async remove(): Promise<void> {
    this.#holder.stdin.end();
    await this.#holder.exited;
    const isGone = () =>
      Bun.spawnSync(["ip", "link", "show", this.#cable], { stderr: "ignore" }).exitCode !== 0;
    await until(isGone, { what: `the cable ${this.#cable} is gone` });
  }

  async #plugIn(): Promise<void> {
    const peer = ["peer", "name", "eth0", "netns", String(this.#holder.pid)];
    await run("ip", "link", "add", this.#cable, "type", "veth", ...peer);
    await run("ip", "address", "add", `${this.serverAddress}/28`, "dev", this.#cable);
    await run("ip", "link", "set", this.#cable, "up");
    await this.run("ip", "address", "add", `${this.address}/28`, "dev", "eth0");
    await this.run("ip", "link", "set", "eth0", "up");
  }
}

/** Before a command: it is killed when this process ends, however that comes about. */
export const ENDS_WITH_US = ["setpriv", "--pdeathsig", "KILL", "--"];

async function run(...command: string[]): Promise<void> {
  const child = Bun.spawn(command, { stdout: "ignore", stderr: "pipe" });
  const complaint = await new Response(child.stderr).text();
  if ((await child.exited) !== 0) throw new Error(`${command.join(" ")}: ${complaint}`);
}
