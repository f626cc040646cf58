/**
 * Compiles Pulse into one file: Bun, the server, its worker, the migrations, the page and the SQLite addon.
 *
 *   bun scripts/build.ts                          dist/pulse for this machine
 *   bun scripts/build.ts --target linux-arm64     dist/pulse-linux-arm64, repeatable, or `--target all`
 *
 * Three things the sources rely on:
 *
 * - A worker is found by the place of its own entry. `root` is its folder, so that inside the binary it lies beside
 *   the main program and `new URL("./shard.ts", import.meta.url)` in `server/runtime` means the same file as in a checkout.
 * - A folder of assets is embedded under its base name (`migrations`, `web`), read by `server/lib/assets.ts`.
 * - `better-sqlite3` chooses its addon at run time from files that are not there. It is replaced by the same class
 *   around the one addon that fits the target; drizzle's own import is replaced with it.
 */
import { readdirSync, rmSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import { parseArgs } from "node:util";
import type { BunPlugin } from "bun";
import packageJson from "../package.json" with { type: "json" };

const root = join(import.meta.dir, "..");

/** Our name of a target → the name of better-sqlite3's prebuilt addon. */
const addons = {
  "linux-x64": "linux-x64",
  "linux-arm64": "linux-arm64",
  "linux-x64-musl": "linuxmusl-x64",
  "linux-arm64-musl": "linuxmusl-arm64",
  "darwin-x64": "darwin-x64",
  "darwin-arm64": "darwin-arm64",
} as const;
type Target = keyof typeof addons;

function sqliteWith(addon: string): BunPlugin {
  const sqlite = dirname(Bun.resolveSync("better-sqlite3/package.json", root));
  const path = (file: string) => JSON.stringify(file);
  const contents = `
    import createDatabase from ${path(join(sqlite, "lib/database.js"))};
    import SqliteError from ${path(join(sqlite, "lib/sqlite-error.js"))};
    import addon from ${path(join(sqlite, "prebuilds", `${addon}.node`))} with { type: "file" };
    import { loadEmbeddedAddon } from ${path(join(import.meta.dir, "embedded-addon.ts"))};
    const Database = createDatabase(() => loadEmbeddedAddon(addon), false);
    Database.SqliteError = SqliteError;
    export { SqliteError };
    export default Database;`;
  return {
    name: "embedded better-sqlite3",
    setup(build) {
      build.onResolve({ filter: /^better-sqlite3$/ }, ({ path }) => ({ path, namespace: "embedded" }));
      build.onLoad({ filter: /^better-sqlite3$/, namespace: "embedded" }, () => ({ contents, loader: "js" }));
    },
  };
}

async function build(target: Target, outfile: string): Promise<void> {
  const startedAt = Date.now();
  await Bun.build({
    entrypoints: [join(root, "server/main.ts"), join(root, "server/runtime/shard.ts")],
    root: join(root, "server/runtime"),
    format: "esm",
    minify: true,
    bytecode: true,
    // A command loads its own part and no other: an agent, or a line of help, is not made to carry the server.
    splitting: true,
    sourcemap: "linked", // embedded: a stack trace names our files and lines
    plugins: [sqliteWith(addons[target])],
    define: {
      "process.env.NODE_ENV": '"production"',
      PULSE_BUILD_VERSION: JSON.stringify(packageJson.version),
      PULSE_BUILD_COMMIT: JSON.stringify(commit()),
      PULSE_BUILD_TARGET: JSON.stringify(target),
    },
    compile: {
      target: `bun-${target}` as Bun.Build.CompileTarget,
      outfile,
      assets: [join(root, "db/migrations"), join(root, "dist/web")],
      autoloadDotenv: false, // a file that happens to lie in the working directory configures nothing
      autoloadBunfig: false,
    },
  });
  // Bun also leaves the source maps beside the binary, which holds them already.
  for (const file of readdirSync(dirname(outfile)))
    if (file.endsWith(".map")) rmSync(join(dirname(outfile), file));
  const megabytes = Math.round(statSync(outfile).size / 1e6);
  console.log(`${outfile.slice(root.length + 1)}: ${target}, ${megabytes} MB, ${Date.now() - startedAt} ms`);
}

function commit(): string {
  if (process.env.PULSE_BUILD_COMMIT) return process.env.PULSE_BUILD_COMMIT;
  try {
    const git = Bun.spawnSync(["git", "rev-parse", "--short=12", "HEAD"], { cwd: root, stderr: "ignore" });
    return git.success ? git.stdout.toString().trim() : "unknown";
  } catch {
    return "unknown"; // no git here
  }
}

function isTarget(name: string): name is Target {
  return Object.hasOwn(addons, name);
}

const { values } = parseArgs({ options: { target: { type: "string", multiple: true, default: [] } } });
const wanted = values.target.includes("all") ? Object.keys(addons) : values.target;
const unknown = wanted.find((name) => !isTarget(name));
const own = `${process.platform}-${process.arch}`;
if (unknown !== undefined || (wanted.length === 0 && !isTarget(own))) {
  console.error(`pulse: no target ${unknown ?? own}; there are ${Object.keys(addons).join(", ")}`);
  process.exit(2);
}
if (wanted.length === 0 && isTarget(own)) await build(own, join(root, "dist/pulse"));
for (const name of wanted.filter(isTarget)) await build(name, join(root, `dist/pulse-${name}`));
