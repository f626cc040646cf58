import { defineConfig } from "drizzle-kit";

/** `bun --bun drizzle-kit generate` for the instance's tables, with `PULSE_DB=org` for an org's. */
const database = process.env.PULSE_DB === "org" ? "org" : "instance";

export default defineConfig({
  dialect: "sqlite",
  schema: `./db/${database}/*.ts`,
  out: `./db/migrations/${database}`,
});
