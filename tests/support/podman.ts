/**
 * A Podman of the test's own: its storage, its state, its socket and its network are in a temporary folder and a
 * network namespace that nobody else has, so whatever the machine runs is not seen and nothing is left behind.
 *
 * No registry is needed: the only image is a static busybox. runc, because crun refuses a machine that has both
 * versions of control groups; limits on open files, because without them Podman asks for more than a container that
 * runs tests may have.
 */
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { until } from "./until.ts";

const IMAGE = "pulse-test:1";

const CONFIG = (folder: string) => `
[containers]
default_ulimits = ["nofile=1024:1024", "nproc=1024:1024"]
log_driver = "k8s-file"
[engine]
cgroup_manager = "cgroupfs"
events_logger = "none"
runtime = "runc"
tmp_dir = "${folder}/tmp"
`;

export class Podman {
  readonly socket: string;
  private service: Bun.Subprocess | undefined;

  private constructor(private readonly folder: string) {
    this.socket = join(folder, "podman.sock");
  }

  static async start(): Promise<Podman> {
    const podman = new Podman(mkdtempSync(join(tmpdir(), "pulse-podman-")));
    try {
      writeFileSync(join(podman.folder, "containers.conf"), CONFIG(podman.folder));
      await podman.startService();
      await podman.importImage();
      return podman;
    } catch (error) {
      await podman.stop();
      throw error;
    }
  }

  /** Starts a container; `command` runs in its shell. Returns its id. */
  async run(name: string, options: string[] = [], command?: string): Promise<string> {
    const network = options.some((option) => option.startsWith("--network") || option === "-p");
    const shell = command === undefined ? [] : ["/bin/sh", "-c", command];
    const isolated = network ? [] : ["--network=none"];
    return this.call("run", "-d", "--name", name, ...isolated, ...options, IMAGE, ...shell);
  }

  async create(name: string, options: string[] = []): Promise<string> {
    return this.call("create", "--name", name, "--network=none", ...options, IMAGE);
  }

  /** A container that is just being started or tidied up cannot be removed: then again. */
  async remove(what: string): Promise<void> {
    const attempt = () =>
      this.call("rm", "--force", "--time", "0", what).then(
        () => true,
        () => false,
      );
    await until(attempt, { withinMs: 20_000, what: `Podman removes ${what}` });
  }

  /** Any command of Podman's, carried out by the service. */
  async call(...args: string[]): Promise<string> {
    return this.spawn(["podman", "--url", `unix://${this.socket}`, ...args]);
  }

  /** The engine is gone, its containers and its socket are not. */
  async stopService(): Promise<void> {
    this.service?.kill("SIGTERM");
    await this.service?.exited;
  }

  async startService(): Promise<void> {
    const { socket, folder } = this;
    const storage = [
      "--root",
      join(folder, "root"),
      "--runroot",
      join(folder, "run"),
      "--storage-driver",
      "vfs",
    ];
    rmSync(socket, { force: true });
    const service = ["podman", ...storage, "system", "service", "--time=0", `unix://${socket}`];
    // A new network has nothing but a loopback that is switched off.
    const inNetwork = ["unshare", "--net", "sh", "-c", 'busybox ip link set lo up && exec "$@"', "sh"];
    this.service = Bun.spawn([...inNetwork, ...service], {
      cwd: folder, // what watches a container leaves a file "oom" where it was started
      env: this.environment,
      detached: true, // Ctrl-C in a terminal reaches all of a group: it is still needed to remove the containers
      stdout: "ignore",
      stderr: Bun.file(join(folder, "service.log")),
    });
    await until(() => this.answers(), { withinMs: 20_000, what: "Podman answers" });
  }

  async stop(): Promise<void> {
    if (await this.answers()) await this.remove("--all");
    await this.stopService();
    // Each container that ends starts a Podman that tidies up after it, and would make the folder anew.
    await until(() => !this.isInUse(), { withinMs: 20_000, what: "Podman has tidied up" });
    rmSync(this.folder, { recursive: true, force: true });
  }

  private isInUse(): boolean {
    return readdirSync("/proc").some((pid) => {
      try {
        return /^\d+$/.test(pid) && readFileSync(`/proc/${pid}/cmdline`, "utf8").includes(this.folder);
      } catch {
        return false;
      }
    });
  }

  private get environment() {
    return { ...process.env, CONTAINERS_CONF: join(this.folder, "containers.conf") };
  }

  private async answers(): Promise<boolean> {
    try {
      return (await fetch("http://podman/_ping", { unix: this.socket })).ok;
    } catch {
      return false;
    }
  }

  private async importImage(): Promise<void> {
    const bin = join(this.folder, "image/bin");
    mkdirSync(bin, { recursive: true });
    const busybox = Bun.which("busybox");
    if (!busybox) throw new Error("no busybox found: install one (Debian: apt-get install busybox-static)");
    await this.spawn(["cp", busybox, join(bin, "busybox")]);
    for (const name of ["sh", "sleep", "true", "false", "dd", "cat"]) {
      await this.spawn(["ln", "-s", "busybox", join(bin, name)]);
    }
    const tar = join(this.folder, "image.tar");
    await this.spawn(["tar", "-C", join(this.folder, "image"), "-cf", tar, "."]);
    await this.call("import", "--change", 'CMD ["/bin/sleep","1000"]', tar, IMAGE);
  }

  private async spawn(command: string[]): Promise<string> {
    const child = Bun.spawn(command, { env: this.environment, stdout: "pipe", stderr: "pipe" });
    const [output, complaint] = await Promise.all([
      new Response(child.stdout).text(),
      new Response(child.stderr).text(),
    ]);
    if ((await child.exited) !== 0) throw new Error(`${command.join(" ")}: ${complaint}`);
    return output.trim();
  }
}
