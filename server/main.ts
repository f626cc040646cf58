/** Entry of the binary. Everything Pulse makes is private to the person it runs as, from here on. */
process.umask(0o077);

import { runCommand } from "./cli/commands.ts";

const status = await runCommand(process.argv.slice(2));
if (status !== undefined) process.exit(status);
