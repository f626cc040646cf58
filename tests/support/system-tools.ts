/**
 * What tests need of the machine beyond a checkout: a browser (any Chromium; Playwright's own download is not
 * covered by the lockfile and not reachable from everywhere, a distribution's package is), its engine alone, strace, which slows
 * a disk down and ends a process at a chosen call, systemd's own judge of units, openssl for certificates,
 * Podman with a runtime that works anywhere and a program to put into its containers, ip and ping for a network
 * of a test's own, nginx and curl as what is checked and what checks in, node_exporter, whose word about this machine
 * is compared with our own, XFS's tools, which make a file system as if the power had gone, stress-ng, which gives
 * processors and memory more to do than they like, and libfaketime, which sets the clock of one process.
 *
 * Run as a program it installs Debian's packages where that is possible. Where it is not, it says so and the tests
 * that need them fail: a skipped test would look like a kept promise.
 */
import { existsSync } from "node:fs";

const NAMES = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome"];
const WINDOWLESS_NAMES = ["chromium-headless-shell", "chrome-headless-shell"];
const ELSEWHERE = [
  "/opt/google/chrome/chrome",
  "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
];

/** Debian's package, how it is found to be there already, and what follows from its absence. */
const NEEDED: [name: string, find: () => string | null | undefined, without?: string][] = [
  ["chromium", findBrowser],
  ["chromium-headless-shell", findWindowlessBrowser, "Chromium does, and takes longer"],
  ["strace", () => Bun.which("strace")],
  ["prometheus-node-exporter", () => Bun.which("prometheus-node-exporter")],
  ["systemd", () => Bun.which("systemd-analyze")],
  ["openssl", () => Bun.which("openssl")],
  ["podman", () => Bun.which("podman")],
  ["runc", () => Bun.which("runc")],
  ["busybox-static", () => Bun.which("busybox")],
  ["iproute2", () => Bun.which("ip")],
  ["iputils-ping", () => Bun.which("ping")],
  ["xfsprogs", () => Bun.which("mkfs.xfs") && Bun.which("xfs_io")],
  ["nginx", findNginx],
  ["curl", () => Bun.which("curl")],
  ["prometheus", () => Bun.which("promtool")],
  ["stress-ng", () => Bun.which("stress-ng")],
  ["faketime", findFaketime],
];

/** Path of a Chromium; `CHROME_PATH` decides when it is set. */
export function findBrowser(): string | undefined {
  if (process.env.CHROME_PATH) return process.env.CHROME_PATH;
  const installed = NAMES.map((name) => Bun.which(name)).find((path) => path !== null);
  return installed ?? ELSEWHERE.find((path) => existsSync(path));
}

/** The same engine without the window around the page, which costs more than most pages do; `CHROME_PATH` counts too. */
export function findWindowlessBrowser(): string | undefined {
  const shell = WINDOWLESS_NAMES.map((name) => Bun.which(name)).find((path) => path !== null);
  return process.env.CHROME_PATH ?? shell ?? undefined;
}

export function getBrowser(): string {
  const path = findBrowser();
  if (!path)
    throw new Error("no Chromium found: install one (Debian: apt-get install chromium) or set CHROME_PATH");
  return path;
}

/** On Debian it is not among everybody's programs. */
export function findNginx(): string | undefined {
  return (
    [Bun.which("nginx"), "/usr/sbin/nginx"].find((path) => path !== null && existsSync(path)) ?? undefined
  );
}

/** A library to be loaded before a program; in a folder named after the machine. */
export function findFaketime(): string | undefined {
  const folders = ["x86_64-linux-gnu", "aarch64-linux-gnu"];
  return folders
    .map((folder) => `/usr/lib/${folder}/faketime/libfaketimeMT.so.1`)
    .find((path) => existsSync(path));
}

function missing() {
  return NEEDED.filter(([, find]) => !find());
}

function install(packages: string[]): void {
  if (process.getuid?.() !== 0 || !Bun.which("apt-get")) return;
  console.error(`pulse: installing ${packages.join(", ")} for the tests`);
  const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive" };
  const apt = (...args: string[]) =>
    Bun.spawnSync(["apt-get", "-qq", ...args], { env, stdout: "ignore", stderr: "inherit" });
  apt("update");
  apt("install", "-y", "--no-install-recommends", ...packages);
}

if (import.meta.main) {
  if (missing().length > 0) install(missing().map(([name]) => name));
  for (const [name, , without = "the tests that need it will fail"] of missing()) {
    console.error(`pulse: ${name} is not here and could not be installed: ${without}`);
  }
}
