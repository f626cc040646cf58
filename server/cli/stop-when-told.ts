import { errorText, type Log } from "../lib/log.ts";
import type { ExitStatus } from "./command.ts";

/**
 * Ends this process in order when it is told to (SIGTERM, SIGINT) or can no longer be trusted (an uncaught
 * exception), once, however often it is told. A stop that takes longer than `withinMs` is cut off, with status 1.
 * Returns what ends it for a reason of one's own.
 */
export function stopWhenTold(
  stop: () => Promise<void>,
  { withinMs, log }: { withinMs: number; log: Log },
): (status: ExitStatus) => void {
  let isStopping = false;
  const end = async (status: ExitStatus) => {
    if (isStopping) return;
    isStopping = true;
    const cutOff = setTimeout(() => process.exit(1), withinMs);
    await stop().catch((error: unknown) => log.error("did not stop cleanly", { error: errorText(error) }));
    clearTimeout(cutOff);
    log.info("stopped");
    process.exit(status);
  };
  process.on("uncaughtException", (error) => {
    log.error("uncaught exception", { error: errorText(error) });
    void end(1);
  });
  process.on("SIGTERM", () => void end(0));
  process.on("SIGINT", () => void end(0));
  return (status) => void end(status);
}
