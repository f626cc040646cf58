import { surroundings } from "../surroundings.ts";

/** Read by the engine when it starts, and only then. */
const WITHOUT_COMPILER = "BUN_JSC_useJIT";

/**
 * Goes on as the same process without the engine's compiler. What an agent does every ten seconds is over
 * before compiled code would pay, and compiling takes a third of its memory. Does not return, unless that
 * is how it was started already or the system has no way to.
 */
export function startLean(): void {
  const { environment } = surroundings();
  if (environment[WITHOUT_COMPILER] !== undefined || process.platform === "win32") return;
  const words = Bun.isStandaloneExecutable ? process.argv.slice(2) : process.argv.slice(1);
  try {
    process.execve?.(process.execPath, [process.execPath, ...words], {
      ...environment,
      [WITHOUT_COMPILER]: "0",
    });
  } catch {
    /* A little more memory, then. */
  }
}
