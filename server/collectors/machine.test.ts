import { expect, test } from "bun:test";
import { Report } from "../contract/report.ts";
import { dockerWith, FakeEngine, listEntry } from "./containers/fake-engine.ts";
import { createContainerCollector } from "./containers.ts";
import { fakeMachine } from "./host/fake-machine.ts";
import { createHostCollector } from "./host.ts";
import { createMachineCollector } from "./machine.ts";

test("a machine is told of with its containers, and says itself which engines it has", async () => {
  using machine = fakeMachine({ "/proc/stat": "cpu 1 0 1 1\ncpu0 1 0 1 1\n" });
  using engine = new FakeEngine(dockerWith({ "/containers/json": [listEntry()] }));
  const collector = createMachineCollector({
    host: createHostCollector({ root: machine.root }),
    containers: createContainerCollector({ sockets: [engine.socket], root: machine.root, waitMs: 5_000 }),
  });
  const resources = await collector.collect();
  Report.parse({ v: 1, boot: "12345678", seq: 0, at: 0, intervalMs: 10_000, resources });
  expect(resources[0]).toMatchObject({ kind: "host", attributes: { container_engines: ["Docker 28.1.1"] } });
  expect(resources.at(-1)).toMatchObject({ kind: "container", parent: resources[0]?.key });
});

test("an engine that cannot be read is told of on the machine", async () => {
  using machine = fakeMachine({ "/proc/stat": "cpu 1 0 1 1\n" });
  using engine = new FakeEngine(() => new Response("{}", { status: 500 }));
  const collector = createMachineCollector({
    host: createHostCollector({ root: machine.root }),
    containers: createContainerCollector({ sockets: [engine.socket], waitMs: 5_000 }),
  });
  const [host] = await collector.collect();
  expect(host?.attributes.container_engine_problem).toBe("Docker answers what cannot be read.");
});
