import { expect, test } from "bun:test";
import { FailedUnits } from "./failed-units.ts";
import { fakeMachine } from "./fake-machine.ts";
import { Tree } from "./tree.ts";

const settled = () => new Promise((resolve) => setImmediate(resolve));

test("the answer is taken when it is there, and asked for once a minute", async () => {
  using machine = fakeMachine({ "run/systemd/system/": "" });
  let asked = 0;
  const units = new FailedUnits(new Tree(machine.root), async () => {
    asked += 1;
    return "nginx.service loaded failed failed web\n";
  });
  expect(units.read(0)).toBeUndefined();
  await settled();
  expect(units.read(10_000)).toEqual(["nginx.service"]);
  units.read(59_999);
  expect(asked).toBe(1);
  units.read(60_000);
  expect(asked).toBe(2);
});

test("a systemctl that hangs is not started twice", async () => {
  using machine = fakeMachine({ "run/systemd/system/": "" });
  let asked = 0;
  const units = new FailedUnits(new Tree(machine.root), () => {
    asked += 1;
    return new Promise(() => {});
  });
  for (const at of [0, 60_000, 600_000]) expect(units.read(at)).toBeUndefined();
  expect(asked).toBe(1);
});

test("after a failure nothing is known", async () => {
  using machine = fakeMachine({ "run/systemd/system/": "" });
  let works = true;
  const units = new FailedUnits(new Tree(machine.root), async () => {
    if (!works) throw new Error("Failed to connect to bus");
    return "";
  });
  units.read(0);
  await settled();
  works = false;
  expect(units.read(60_000)).toEqual([]);
  await settled();
  expect(units.read(60_001)).toBeUndefined();
});

test("without systemd nobody is asked", () => {
  using machine = fakeMachine();
  const units = new FailedUnits(new Tree(machine.root), () => {
    throw new Error("asked");
  });
  expect(units.read(0)).toBeUndefined();
});
