import { expect, test } from "bun:test";
import { fakeMachine } from "./fake-machine.ts";
import { Tree } from "./tree.ts";

test("reads whole files under its root, and nothing where there is nothing", async () => {
  using machine = fakeMachine({
    "proc/a": " 12\n",
    "proc/empty": "",
    "proc/long": "x".repeat(200_000),
    "sys/b/": "",
  });
  const tree = new Tree(machine.root);
  expect(tree.text("/proc/a")).toBe(" 12\n");
  expect(tree.value("/proc/a")).toBe("12");
  expect(tree.number("/proc/a")).toBe(12);
  expect(tree.text("/proc/empty")).toBe("");
  expect(tree.value("/proc/empty")).toBeUndefined();
  expect(tree.number("/proc/empty")).toBeUndefined();
  expect(tree.text("/proc/long")).toHaveLength(200_000);
  expect(tree.text("/proc/none")).toBeUndefined();
  expect(tree.text("/sys/b")).toBeUndefined();
  expect(await tree.textLater("/proc/a")).toBe(" 12\n");
  expect(await tree.textLater("/proc/none")).toBeUndefined();
});

test("a file beyond the limit is not read in part", () => {
  using machine = fakeMachine({ "proc/huge": "x".repeat(1_048_577) });
  expect(new Tree(machine.root).text("/proc/huge")).toBeUndefined();
});

test("lists folders by number and reads the names links point to", () => {
  using machine = fakeMachine({ "sys/h/hwmon10/": "", "sys/h/hwmon2/": "" });
  machine.link("sys/l", "../../devices/nvme0");
  const tree = new Tree(machine.root);
  expect(tree.list("/sys/h")).toEqual(["hwmon2", "hwmon10"]);
  expect(tree.list("/sys/none")).toEqual([]);
  expect(tree.linkName("/sys/l")).toBe("nvme0");
  expect(tree.linkName("/sys/h")).toBeUndefined();
});

test("no file stays open", () => {
  using machine = fakeMachine({ "proc/a": "1" });
  const tree = new Tree(machine.root);
  for (let i = 0; i < 3_000; i++) {
    tree.text("/proc/a");
    tree.text("/proc");
    tree.text("/proc/none");
  }
  expect(tree.text("/proc/a")).toBe("1");
});
