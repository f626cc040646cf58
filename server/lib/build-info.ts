import type { BuildInfo } from "../contract/system.ts";

/* Set by the build; in a checkout there is no such name. */
declare const PULSE_BUILD_VERSION: string | undefined;
declare const PULSE_BUILD_COMMIT: string | undefined;
declare const PULSE_BUILD_TARGET: string | undefined;

/** What this program is. In a checkout the commit is `checkout`: what is there may not be committed. */
export function buildInfo(): BuildInfo {
  return {
    version: typeof PULSE_BUILD_VERSION === "string" ? PULSE_BUILD_VERSION : "0.1.0",
    commit: typeof PULSE_BUILD_COMMIT === "string" ? PULSE_BUILD_COMMIT : "checkout",
    runtime: `Bun ${Bun.version}`,
  };
}

/** What machine this program was compiled for, as the build names it; undefined in a checkout. */
export function buildTarget(): string | undefined {
  return typeof PULSE_BUILD_TARGET === "string" ? PULSE_BUILD_TARGET : undefined;
}
