/** How tests start Pulse. */
import { join } from "node:path";
import { root } from "./checkout.ts";

const BUILT = process.env.PULSE_TEST_PROGRAM;

/** The program and its first words, from the checkout as it is. */
export const FROM_CHECKOUT = [process.execPath, join(root, "server/main.ts")];
/** Or as the binary a whole `npm test` has built, which starts in half the time. */
export const PULSE = BUILT ? [BUILT] : FROM_CHECKOUT;

/** A binary of this checkout. */
export function builtBinary(): string {
  if (BUILT) return BUILT;
  const { success, stderr } = Bun.spawnSync([process.execPath, join(root, "scripts/build.ts")], {
    cwd: root,
    stderr: "pipe",
  });
  if (!success) throw new Error(`the binary could not be built: ${stderr.toString()}`);
  return join(root, "dist/pulse");
}

/** Setting by which it notices that whoever started it is gone, and ends too. */
export const ENDS_WITH_ITS_PARENT = { BUN_FEATURE_FLAG_NO_ORPHANS: "1" };
