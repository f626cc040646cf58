/** Builds the template of every world in the folder named, for all test files of a run. */
import { buildTemplate } from "./world.ts";

await buildTemplate(process.argv[2] as string);
process.exit();
