/**
 * P02: the power of these tests. Each planted bug is put into a copy of the checkout, and the test that is there for
 * it must fail; without any, the same tests pass there. `npm test` prints the figure.
 */
import { afterAll, expect, test } from "bun:test";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { root } from "../../support/checkout.ts";
import { template } from "../world.ts";
import { type Mutant, mutants } from "./mutants.ts";

const PATIENCE_MS = 600_000;
const RUN_WITHIN_MS = 120_000;
const AT_ONCE = 3;
/** What the tests need of a checkout, without what nobody changes. */
const COPIED = [
  "server",
  "agent",
  "db",
  "tests",
  "package.json",
  "tsconfig.json",
  "tsconfig.base.json",
  "bunfig.toml",
];
const LINKED = ["node_modules", "dist"];

const parent = mkdtempSync(join(tmpdir(), "pulse-mutants-"));
afterAll(() => rmSync(parent, { recursive: true, force: true }));

function copyCheckout(name: string): string {
  const folder = join(parent, name);
  mkdirSync(folder);
  for (const path of COPIED) Bun.spawnSync(["cp", "-a", join(root, path), folder]);
  for (const path of LINKED)
    if (existsSync(join(root, path))) symlinkSync(join(root, path), join(folder, path));
  return folder;
}

async function run(folder: string, file: string, only: string): Promise<{ passed: boolean; output: string }> {
  const child = Bun.spawn(
    [process.execPath, "test", `./tests/isolation/${file}.test.ts`, "-t", only, "--timeout=60000", "--bail"],
    {
      cwd: folder,
      /* Not the binary: it has no planted bug. */
      env: { ...process.env, PULSE_TEST_PROGRAM: "", PULSE_TEST_TEMPLATE: (await template()).dir },
      stdin: "ignore",
      stdout: "pipe",
      stderr: "pipe",
      timeout: RUN_WITHIN_MS,
      killSignal: "SIGKILL",
    },
  );
  const [stdout, stderr] = await Promise.all([
    new Response(child.stdout).text(),
    new Response(child.stderr).text(),
    child.exited,
  ]);
  return { passed: child.exitCode === 0, output: stdout + stderr };
}

test("every planted bug has its place in the code, once", () => {
  const stale = mutants.filter(
    ({ file, find }) => readFileSync(join(root, file), "utf8").split(find).length !== 2,
  );
  expect(stale.map(({ what }) => what)).toEqual([]);
  expect(new Set(mutants.map(({ what }) => what)).size).toBe(mutants.length);
});

test(
  "without a planted bug, the tests that are there for them pass",
  async () => {
    const folder = copyCheckout("sound");
    const files = Map.groupBy(mutants, (mutant) => mutant.test);
    const broken: string[] = [];
    await inTurns([...files], async ([file, theirs]) => {
      const only = [...new Set(theirs.map((mutant) => mutant.only))].join("|");
      const { passed, output } = await run(folder, file, only);
      if (!passed) broken.push(`${file}: ${output.match(/^\(fail\).*/gm) ?? output}`);
    });
    expect(broken).toEqual([]);
  },
  PATIENCE_MS,
);

test(
  "P02: every planted bug is caught",
  async () => {
    const free = Array.from({ length: AT_ONCE }, (_, at) => copyCheckout(`copy-${at}`));
    const missed: string[] = [];
    await inTurns(mutants, async (mutant) => {
      const folder = free.pop() as string;
      if (!(await isCaught(folder, mutant))) missed.push(mutant.what);
      free.push(folder);
    });
    console.log(`${mutants.length - missed.length} of ${mutants.length} planted bugs caught`);
    expect(missed).toEqual([]);
  },
  PATIENCE_MS,
);

/** Red for the right reason: a test that ran and failed, not one that could not be read. */
async function isCaught(folder: string, { file, find, replace, test, only }: Mutant): Promise<boolean> {
  const path = join(folder, file);
  const sound = readFileSync(path, "utf8");
  writeFileSync(
    path,
    sound.replace(find, () => replace),
  );
  const { passed, output } = await run(folder, test, only);
  writeFileSync(path, sound);
  return !passed && /^\(fail\)/m.test(output);
}

async function inTurns<T>(items: Iterable<T>, work: (item: T) => Promise<void>): Promise<void> {
  const waiting = [...items];
  const worker = async () => {
    for (let item = waiting.shift(); item !== undefined; item = waiting.shift()) await work(item);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
}
