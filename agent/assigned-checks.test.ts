import { expect, test } from "bun:test";
import { createServer } from "node:net";
import { Ingest } from "../tests/agent/ingest.ts";
import { newMachine } from "../tests/agent/machine.ts";
import { until } from "../tests/support/until.ts";
import { parseCheck } from "./run-checks.ts";

const TCP = {
  id: "p1",
  name: "router",
  intervalMs: 10_000,
  type: "tcp",
  config: { host: "127.0.0.1", port: 1 },
};

test("what the server has to check is run, reported, replaced, and ended when there is nothing any more", async () => {
  await using ingest = new Ingest();
  using machine = newMachine();
  const target = createServer((socket) => socket.end()).listen(0, "127.0.0.1");
  await new Promise((resolve) => target.once("listening", resolve));
  const { port } = target.address() as { port: number };
  const open = { ...TCP, config: { host: "127.0.0.1", port } };
  const config = (...checks: unknown[]) => {
    ingest.config = checks.length === 0 ? undefined : JSON.stringify(checks.length);
    ingest.answer = ({ path }) =>
      path === "/api/agent/config" ? Response.json({ hash: ingest.config, checks }) : undefined;
  };
  config(open);
  const agent = machine.start(ingest, { checks: { allow: ["127.0.0.0/8"] } });
  const checks = () => ingest.reports.at(-1)?.resources.filter(({ kind }) => kind === "check") ?? [];
  const reported = async (count: number) =>
    until(async () => {
      await agent.report();
      await until(() => agent.waiting === 0);
      return checks().length === count;
    });
  await reported(1);
  expect(checks()).toMatchObject([{ key: "check/p1", name: "router", status: "up", metrics: { up: 1 } }]);
  expect(ingest.requests.filter(({ path }) => path === "/api/agent/config")).toHaveLength(1);

  config(
    open,
    { ...open, id: "p2", name: "again" },
    { ...open, id: "p3", type: "command", config: { run: "reboot" } },
  );
  await reported(2);
  expect(
    machine.lines.filter(({ message }) => message === "a check is refused").map(({ fields }) => fields),
  ).toEqual([{ check: "p3", refusal: "the type command is not known" }]);

  config();
  await reported(0);
  await agent.stop();
  target.close();
});

test("this machine itself is out of reach unless it is allowed", async () => {
  await using ingest = new Ingest();
  using machine = newMachine();
  ingest.config = "a";
  ingest.answer = ({ path }) =>
    path === "/api/agent/config"
      ? Response.json({ hash: "a", checks: [{ ...TCP, config: { ...TCP.config, retries: 0 } }] })
      : undefined;
  const agent = machine.start(ingest, { checks: { allow: [] } });
  const check = await until(async () => {
    await agent.report();
    return ingest.reports.at(-1)?.resources.find(({ kind }) => kind === "check");
  });
  expect(check.attributes.problem).toContain("this machine itself");
  await agent.stop();
});

test("an agent that runs no checks asks for none", async () => {
  await using ingest = new Ingest();
  using machine = newMachine();
  ingest.config = "a";
  const agent = machine.start(ingest);
  await until(() => ingest.stored.size > 0 && agent.waiting === 0);
  await agent.stop();
  expect(ingest.requests.map(({ path }) => path)).not.toContain("/api/agent/config");
});

test.each([
  ["null", null],
  ["a command", { ...TCP, type: "exec", config: { command: "id" } }],
  ["a heartbeat", { ...TCP, type: "heartbeat", config: { periodMs: 60_000 } }],
  ["a key of every object", { ...TCP, type: "constructor" }],
  ["one thing more", { ...TCP, script: "id" }],
  ["one thing more in its config", { ...TCP, config: { ...TCP.config, run: "id" } }],
  ["an id that is a path", { ...TCP, id: "../../host" }],
  ["no interval", { ...TCP, intervalMs: 1 }],
  ["a config that is none", { ...TCP, config: "tcp" }],
])("what is not known exactly is refused: %s", (_, declared) => {
  expect(parseCheck(declared)).toHaveProperty("refusal");
});
