import { networkInterfaces } from "node:os";
import { type App, startApp } from "../app.ts";
import { buildInfo } from "../lib/build-info.ts";
import { Log, lineSink } from "../lib/log.ts";
import type { Command } from "./command.ts";
import { stopWhenTold } from "./stop-when-told.ts";

/** A stop that takes longer is cut off: whoever asked for it would kill us without a word. */
const STOP_WITHIN_MS = 9_000;

export const serve: Command = {
  name: "serve",
  usage: () => ["pulse serve"],
  summary: "the server (also `pulse` alone)",
  async run({ config }) {
    const log = new Log(
      lineSink(config.logFormat, config.logLevel, (line) => void process.stdout.write(line)),
    );
    const build = buildInfo();
    for (const { name, nearest } of config.unknown) {
      log.warn(`${name} is not a setting of Pulse`, { nearest });
    }
    let app: App | undefined;
    const stop = stopWhenTold(async () => app?.stop(), { withinMs: STOP_WITHIN_MS, log });

    app = await startApp({ config, log, build, onFatal: () => stop(1) });
    const { setupToken } = app;
    const address = config.publicUrl ?? app.url;
    const elsewhere = config.publicUrl ? undefined : addressInNetwork(config.host, app.url);
    log.info(`Pulse ${build.version} listens at ${address}`, { elsewhere, data_dir: config.dataDir });
    if (setupToken) {
      const link = (base: string) => `${base}/setup#token=${encodeURIComponent(setupToken)}`;
      log.info(`Open this link to make the first account (good for one hour, once): ${link(address)}`);
      if (elsewhere) log.info(`The same from another machine: ${link(elsewhere)}`);
    }
    return undefined;
  },
};

/** How other machines reach a server that listens on every address; undefined when none can. */
function addressInNetwork(host: string, url: string): string | undefined {
  if (host !== "0.0.0.0" && host !== "::") return undefined;
  const own = Object.values(networkInterfaces())
    .flat()
    .find((address) => address && !address.internal && address.family === "IPv4");
  return own && `http://${own.address}:${new URL(url).port}`;
}
