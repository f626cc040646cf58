import { expect, test } from "bun:test";
import { chipName, hottestCpu, parseCelsius, parseRpm } from "./sensors.ts";

test.each([
  ["45000\n", 45],
  ["38850\n", 38.9],
  ["-5000\n", -5],
  ["0\n", undefined],
  ["127000\n", undefined],
  ["-62000\n", undefined],
  ["-40000\n", undefined],
  ["150000\n", undefined],
  ["\n", undefined],
  ["hot\n", undefined],
])("a temperature of %j thousandths", (text, celsius) => {
  expect(parseCelsius(text)).toBe(celsius as number);
});

test("a fan that stands still has a speed, a broken one has none", () => {
  expect(parseRpm("1243\n")).toBe(1243);
  expect(parseRpm("0\n")).toBe(0);
  expect(parseRpm("1350000\n")).toBeUndefined();
  expect(parseRpm("")).toBeUndefined();
});

test("the name of a chip does not hang on the kernel's numbering", () => {
  expect(chipName("coretemp", "coretemp.0")).toBe("coretemp.0");
  expect(chipName("nvme", "nvme0")).toBe("nvme0");
  expect(chipName("k10temp", "0000:00:18.3")).toBe("k10temp-0000:00:18.3");
  expect(chipName("cpu_thermal", undefined)).toBe("cpu_thermal");
});

test("the hottest of the CPU's own sensors", () => {
  const nvme = { driver: "nvme", label: "Composite", celsius: 80 };
  const core = (celsius: number) => ({ driver: "coretemp", label: "Core 0", celsius });
  expect(hottestCpu([nvme, core(51), core(63)])).toBe(63);
  expect(hottestCpu([nvme, { driver: "cpu_thermal", label: "temp1", celsius: 48 }])).toBe(48);
  expect(hottestCpu([nvme, { driver: "acpitz", label: "temp1", celsius: 27.8 }])).toBeUndefined();
});

test("AMD's steering temperature counts only where the true one is not given", () => {
  const tctl = { driver: "k10temp", label: "Tctl", celsius: 82 };
  const tdie = { driver: "k10temp", label: "Tdie", celsius: 55 };
  expect(hottestCpu([tctl, tdie])).toBe(55);
  expect(hottestCpu([tctl])).toBe(82);
});
