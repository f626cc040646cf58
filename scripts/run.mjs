/**
 * Every command of a checkout: `npm start`, `npm test`, `npm run <name>`, or the same with `bun`.
 *
 * A fresh clone must reach the first page with nothing but Node 20 or nothing but Bun, so this file has no
 * dependency, runs on both, and brings what is missing in order: Bun itself (into `.tools`, never globally), the
 * packages, the built page. Each step first looks whether there is anything to do, which has to stay cheap: the
 * second start pays for all of those looks.
 *
 * Packages and page are compared by content, not by time: after a checkout of another branch times say nothing.
 */
import { spawn, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { availableParallelism, constants } from "node:os";
import { dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";

/** The only place that names the version of Bun. A newer one that is already installed will do too. */
const BUN_VERSION = "1.4.5";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");

const vite = ["--bun", "node_modules/vite/bin/vite.js"];
const serve = ["server/main.ts", "serve"];

const commands = {
  start: async (args) => {
    const bun = await prepare({ page: true });
    return run(bun, [...serve, ...args]);
  },
  pulse: async (args) => {
    const serves = args.length === 0 || args[0] === "serve";
    const bun = await prepare({ page: serves });
    return run(bun, [join(root, "server/main.ts"), ...args], { cwd: process.cwd() });
  },
  dev: async (args) => {
    const bun = await prepare({ page: false });
    return runTogether([
      [bun, ["--watch", ...serve, ...args]],
      [bun, [...vite, "-c", "web/vite.config.ts"]],
    ]);
  },
  check: async (args) => check(await prepare({ page: false }), args), // `npm run check -- --write` repairs
  test: async (filters) => test(await prepare({ page: true }), filters),
  build: async (args) => run(await prepare({ page: true }), ["scripts/build.ts", ...args]),
  docs: async (args) => run(await prepare({ page: false }), ["scripts/docs.ts", ...args]),
};

// --- what a command needs before it can run ---

/** Brings Bun, the packages and, where wanted, the page up to date; returns the path of Bun. */
async function prepare({ page }) {
  let bun = findBun();
  if (bun && packagesAreFresh() && (!page || pageIsFresh())) return bun;
  // Two commands started at once must not install into the same folders: the second waits, then finds it done.
  const release = await lock();
  try {
    bun = findBun() ?? fetchBun();
    if (!packagesAreFresh()) installPackages(bun);
    if (page && !pageIsFresh()) buildPage(bun);
    return bun;
  } finally {
    release();
  }
}

function findBun() {
  if (process.versions.bun && isRecent(process.versions.bun)) return process.execPath;
  return bunCandidates().find((path) => {
    const { stdout, status } = spawnSync(path, ["--version"], { encoding: "utf8" });
    return status === 0 && isRecent(stdout.trim());
  });
}

/**
 * npm's own `bin/bun` is a stub until an install script has run, which many people forbid; the package for the
 * platform holds the real program, so it is looked at first. Some are built for other processors: they fail to run.
 */
function bunCandidates() {
  const local = [".tools/node_modules", "node_modules"].flatMap((folder) => {
    const scope = join(root, folder, "@oven");
    const platforms = existsSync(scope) ? readdirSync(scope).filter((entry) => entry.startsWith("bun-")) : [];
    return [...platforms.map((entry) => join(scope, entry, "bin/bun")), join(root, folder, ".bin/bun")];
  });
  return [...local.filter((path) => existsSync(path)), "bun"];
}

function isRecent(version) {
  const [major, minor, patch] = version.split(/[.+-]/).map(Number);
  const [wantMajor, wantMinor, wantPatch] = BUN_VERSION.split(".").map(Number);
  return (major - wantMajor || minor - wantMinor || patch - wantPatch) >= 0;
}

function fetchBun() {
  say(`fetching Bun ${BUN_VERSION} into .tools`);
  const args = ["install", "--prefix", join(root, ".tools"), "--no-save", "--no-package-lock"];
  const quiet = ["--no-audit", "--no-fund", "--fetch-retries=1", "--loglevel=error"];
  const npm = spawnSync("npm", [...args, ...quiet, `bun@${BUN_VERSION}`], {
    cwd: root,
    encoding: "utf8",
    stdio: ["ignore", "ignore", "pipe"],
  });
  const otherwise = `install Bun ${BUN_VERSION} yourself (https://bun.sh) and run this again`;
  if (npm.error) fail(`Bun is missing and npm could not be started: ${otherwise}`);
  const found = findBun();
  if (found) return found;
  const reason = npm.status === 0 ? "the package does not run here" : firstError(npm.stderr);
  return fail(`Bun is missing and npm could not fetch it (${reason}): ${otherwise}`);
}

/** npm prints its code first and a sentence after it. */
function firstError(stderr) {
  const lines = stderr.split("\n").map((line) => line.replace(/^npm (error|ERR!)\s*/i, "").trim());
  return (
    lines
      .filter((line) => line && !/^A complete log/.test(line))
      .slice(0, 2)
      .join(": ") || "no reason given"
  );
}

const packagesStamp = join(root, "node_modules", ".pulse-stamp"); // inside, so that it goes when they go

function packagesAreFresh() {
  return isStamped(packagesStamp, packagesHash());
}

function packagesHash() {
  return hashOf([join(root, "package.json"), join(root, "bun.lock")]);
}

function installPackages(bun) {
  say("installing packages");
  const hash = packagesHash();
  const args = ["install", "--frozen-lockfile", "--no-progress"];
  const { status, stdout, stderr } = spawnSync(bun, args, { cwd: root, encoding: "utf8" });
  // A program built for this platform that could not be fetched is only a warning to Bun; we need all of them.
  const trouble = /^error: .*|^warn: .* downloading .*/m.exec(`${stderr}\n${stdout}`);
  if (status !== 0 || trouble) {
    const reason = trouble?.[0] ?? `exit status ${status}`;
    fail(
      `packages could not be installed (${reason}): is the registry reachable, does bun.lock fit package.json?`,
    );
  }
  stamp(packagesStamp, hash);
}

const pageStamp = join(root, ".cache", "page-stamp"); // not in dist/web: all of that goes into the binary

function pageIsFresh() {
  return existsSync(join(root, "dist/web/index.html")) && isStamped(pageStamp, pageHash());
}

function pageHash() {
  const sources = ["web", "server/contract"].flatMap(filesBelow).filter((file) => !file.endsWith(".test.ts"));
  return hashOf([
    ...sources.map((file) => join(root, file)),
    join(root, "package.json"),
    join(root, "bun.lock"),
  ]);
}

function buildPage(bun) {
  say("building the page");
  const hash = pageHash();
  const args = [...vite, "build", "-c", "web/vite.config.ts", "--logLevel", "warn"];
  const { status } = spawnSync(bun, args, { cwd: root, stdio: ["ignore", "inherit", "inherit"] });
  if (status !== 0) fail("the page could not be built (see above)");
  stamp(pageStamp, hash);
}

function hashOf(files) {
  const hash = createHash("sha256");
  for (const file of files) hash.update(file).update("\0").update(readFileSync(file)).update("\0");
  return hash.digest("hex");
}

function isStamped(file, hash) {
  return existsSync(file) && readFileSync(file, "utf8") === hash;
}

function stamp(file, hash) {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, hash);
}

/** Paths of all files below a folder of the checkout, sorted, so that hashes and test runs are repeatable. */
function filesBelow(folder) {
  if (!existsSync(join(root, folder))) return [];
  const entries = readdirSync(join(root, folder), { withFileTypes: true });
  const files = entries.flatMap((entry) => {
    const path = `${folder}/${entry.name}`;
    if (entry.name === "node_modules") return [];
    return entry.isDirectory() ? filesBelow(path) : [path];
  });
  return files.sort();
}

const LOCK_MAX_AGE_MS = 10 * 60_000;

/** One preparation at a time. A lock whose owner is gone, or that is older than any preparation takes, is void. */
async function lock() {
  const file = join(root, ".cache", "prepare-lock");
  mkdirSync(dirname(file), { recursive: true });
  for (let waited = false; ; waited = true) {
    try {
      writeFileSync(file, String(process.pid), { flag: "wx" });
      return () => rmSync(file, { force: true });
    } catch (error) {
      if (error.code !== "EEXIST") throw error;
    }
    if (isAbandoned(file)) {
      rmSync(file, { force: true });
      continue;
    }
    if (!waited) say("waiting for another command that is preparing this checkout");
    await sleep(100);
  }
}

function isAbandoned(file) {
  try {
    if (Date.now() - statSync(file).mtimeMs > LOCK_MAX_AGE_MS) return true;
    const owner = Number(readFileSync(file, "utf8"));
    if (owner === process.pid) return true; // a container that starts again has the same numbers
    if (owner !== 0) process.kill(owner, 0); // 0: it is being written right now
    return false;
  } catch (error) {
    return error.code === "ESRCH";
  }
}

// --- check and test ---

/** Lint, format and types; all are run so that one report shows everything. */
async function check(bun, args = []) {
  const lint = await run(bun, [
    "--bun",
    "node_modules/@biomejs/biome/bin/biome",
    "check",
    "--error-on-warnings",
    ...args,
  ]);
  const types = await run(bun, ["--bun", "node_modules/typescript/bin/tsc", "-b"]);
  return lint || types;
}

/** Tests that need the machine for themselves: they measure, run containers, or fill both cores. */
const ALONE = [
  "tests/browser/loading.test.ts",
  "tests/engines/",
  "tests/faults/slow-disk.test.ts",
  "tests/isolation/mutants/",
];
/** Flows through the page wait for reports most of the time: two files at once, whatever the machine has. */
const FLOWS = ["tests/browser/"];
/** Those that kill processes, pull cables and set clocks wait even more; three, among themselves. */
const FAULTS = ["tests/faults/", "tests/rack/"];
const TEST_FOLDERS = ["agent", "bench", "client", "db", "scripts", "server", "tests", "web"];
const TEST_TIMEOUT_MS = 30_000;

/** `filters` narrow the run to test files whose path contains one of them. */
async function test(bun, filters) {
  const checked = filters.length > 0 ? 0 : await check(bun);
  const all = TEST_FOLDERS.flatMap(filesBelow).filter((file) => /\.test\.tsx?$/.test(file));
  const files = all.filter((file) => filters.length === 0 || filters.some((filter) => file.includes(filter)));
  const left = new Set(files);
  const take = (folders) => {
    const taken = files.filter((file) => left.has(file) && folders.some((folder) => file.startsWith(folder)));
    for (const file of taken) left.delete(file);
    return taken;
  };
  const [alone, flows, faults] = [take(ALONE), take(FLOWS), take(FAULTS)];
  if (left.size < files.length) await run(bun, ["tests/support/system-tools.ts"]);
  if (filters.length === 0) await makeForAll(bun);

  const runs = [
    // They wait for servers, disks and clocks half of the time.
    await runTests(bun, "side-by-side", [...left], [`--parallel=${2 * availableParallelism()}`]),
    await runTests(bun, "flows", flows, ["--parallel=2"]),
    await runTests(bun, "faults", faults, ["--parallel=3"]),
    await runTests(bun, "one-at-a-time", alone, ["--isolate"]),
  ];
  const total = (key) => runs.reduce((sum, result) => sum + result[key], 0);
  const [passed, failed, skipped] = [total("passed"), total("failed"), total("skipped")];

  console.log("");
  for (const { complaints } of runs) for (const complaint of complaints) console.log(complaint);
  if (checked !== 0) console.log("check: failed (see above)");
  console.log(`${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ""}`);
  return checked !== 0 || failed > 0 || passed === 0 ? 1 : 0;
}

/** Pulse is started a thousand times in a whole run, and many files begin with the same organizations: both are made once. */
async function makeForAll(bun) {
  const template = join(root, ".cache", "tests", "template");
  rmSync(template, { recursive: true, force: true });
  mkdirSync(template, { recursive: true });
  const made = await Promise.all([
    run(bun, ["scripts/build.ts"]),
    run(bun, ["tests/isolation/build-template.ts", template]),
  ]);
  if (made.some((status) => status !== 0)) throw new Error("the tests have nothing to start");
  process.env.PULSE_TEST_PROGRAM = join(root, "dist/pulse");
  process.env.PULSE_TEST_TEMPLATE = template;
}

/**
 * Counts come from the runner's JUnit report. It leaves out a file that could not be loaded or whose process died:
 * each counts as one failure, and so does a run that ends badly without saying why.
 */
async function runTests(bun, name, files, flags) {
  if (files.length === 0) return { passed: 0, failed: 0, skipped: 0, complaints: [] };
  const report = join(root, ".cache", "tests", `${name}.xml`);
  rmSync(report, { force: true });
  mkdirSync(dirname(report), { recursive: true });
  const reporter = ["--reporter=junit", `--reporter-outfile=${report}`];
  const paths = files.map((file) => `./${file}`); // without ./ they would be patterns
  const status = await run(bun, ["test", ...flags, `--timeout=${TEST_TIMEOUT_MS}`, ...reporter, ...paths]);

  const xml = existsSync(report) ? readFileSync(report, "utf8") : "";
  const count = (key) => Number(new RegExp(`<testsuites [^>]*\\b${key}="(\\d+)"`).exec(xml)?.[1] ?? 0);
  const [tests, failures, skipped] = [count("tests"), count("failures"), count("skipped")];
  const unfinished = files.filter((file) => !xml.includes(`file="${file}"`));
  const failed = Math.max(failures + unfinished.length, status === 0 ? 0 : 1);
  const complaints = [...failuresOf(xml), ...unfinished.map((file) => `did not run: ${file}`)];
  return { passed: tests - failures - skipped, failed, skipped, complaints };
}

/** A line for what failed, with what it said: in the output of a whole run it stands thousands of lines further up. */
function failuresOf(xml) {
  const failure =
    /<testcase name="([^"]*)" classname="([^"]*)"[^>]* file="([^"]*)"[^>]*>\s*<failure [^>]*message="([^"]*)"/g;
  return [...xml.matchAll(failure)].map((match) => {
    const [name, group, file, message] = match.slice(1).map(withoutEntities);
    const said = message.trim().split(/\n+/).slice(0, 4).join(" | ");
    return `failed: ${file}: ${group ? `${group} > ` : ""}${name}: ${said}`;
  });
}

function withoutEntities(text) {
  const signs = { lt: "<", gt: ">", quot: '"', apos: "'", "#10": "\n", amp: "&" };
  return text.replace(/&(lt|gt|quot|apos|#10|amp);/g, (_, name) => signs[name]);
}

// --- processes ---

/** Runs a program in the foreground, hands it our signals, and resolves to its exit status. */
function run(program, args, { cwd = root, stop } = {}) {
  const child = spawn(program, args, { cwd, stdio: "inherit" });
  const forward = (signal) => {
    // Ctrl-C reaches the whole group of a terminal: passed on as well, the child would see it twice.
    if (signal !== "SIGINT" || !process.stdin.isTTY) child.kill(signal);
  };
  for (const signal of SIGNALS) process.on(signal, forward);
  stop?.addEventListener("abort", () => child.kill());
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("exit", (code, signal) => {
      for (const each of SIGNALS) process.off(each, forward);
      resolve(code ?? 128 + constants.signals[signal]);
    });
  });
}

const SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"];

/** When one of them ends, the others are stopped. */
async function runTogether(programs) {
  const stop = new AbortController();
  const ends = programs.map(async ([program, args]) => {
    const status = await run(program, args, { stop: stop.signal });
    stop.abort();
    return status;
  });
  const statuses = await Promise.all(ends);
  return statuses.find((status) => status !== 0) ?? 0;
}

function say(line) {
  console.error(`pulse: ${line}`);
}

function fail(line) {
  throw Object.assign(new Error(line), { expected: true });
}

// --- entry ---

const [name, ...args] = process.argv.slice(2);
if (!Object.hasOwn(commands, name ?? "")) {
  say(`usage: run.mjs ${Object.keys(commands).join(" | ")}`);
  process.exit(2);
}
try {
  process.exitCode = await commands[name](args);
} catch (error) {
  if (!error.expected) throw error;
  say(error.message);
  process.exitCode = 1;
}
