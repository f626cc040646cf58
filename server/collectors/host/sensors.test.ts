import { expect, test } from "bun:test";
import { fakeMachine } from "./fake-machine.ts";
import { Sensors } from "./sensors.ts";
import { Tree } from "./tree.ts";

const MACHINE = {
  "sys/class/hwmon/hwmon0/name": "coretemp\n",
  "sys/class/hwmon/hwmon0/temp1_input": "52000\n",
  "sys/class/hwmon/hwmon0/temp1_label": "Package id 0\n",
  "sys/class/hwmon/hwmon0/temp1_max": "80000\n",
  "sys/class/hwmon/hwmon0/temp1_crit": "100000\n",
  "sys/class/hwmon/hwmon0/temp2_input": "49000\n",
  "sys/class/hwmon/hwmon0/temp2_label": "Core 0\n",
  "sys/class/hwmon/hwmon1/name": "nvme\n",
  "sys/class/hwmon/hwmon1/temp1_input": "61850\n",
  "sys/class/hwmon/hwmon1/temp1_label": "Composite\n",
  "sys/class/hwmon/hwmon1/temp1_max": "65261850\n",
  "sys/class/hwmon/hwmon2/name": "nct6798\n",
  "sys/class/hwmon/hwmon2/fan1_input": "0\n",
  "sys/class/hwmon/hwmon2/fan2_input": "1180\n",
  "sys/class/hwmon/hwmon2/temp1_input": "-62000\n",
  "sys/class/hwmon/hwmon2/temp2_input": "34000\n",
  "sys/class/hwmon/hwmon2/temp2_label": "SYSTIN\n",
  "sys/class/hwmon/hwmon2/temp10_input": "35000\n",
  "sys/class/hwmon/hwmon2/temp10_label": "SYSTIN\n",
  "sys/class/thermal/thermal_zone0/type": "acpitz\n",
  "sys/class/thermal/thermal_zone0/temp": "27800\n",
};

test("what is connected is shown, with its thresholds, under names that stay", async () => {
  using machine = fakeMachine(MACHINE);
  machine.link("sys/class/hwmon/hwmon0/device", "../../../coretemp.0");
  machine.link("sys/class/hwmon/hwmon1/device", "../../nvme0");
  machine.link("sys/class/hwmon/hwmon2/device", "../../../nct6775.656");
  const { sensors, hottestCpu } = await new Sensors(new Tree(machine.root), 1_000).read();
  expect(hottestCpu).toBe(52);
  expect(sensors.map((sensor) => sensor.key)).toEqual([
    "host/sensor/coretemp.0/Package id 0",
    "host/sensor/coretemp.0/Core 0",
    "host/sensor/nvme0/Composite",
    "host/sensor/nct6798-nct6775.656/fan2",
    "host/sensor/nct6798-nct6775.656/SYSTIN",
    "host/sensor/nct6798-nct6775.656/SYSTIN (temp10)",
  ]);
  expect(sensors[0]).toMatchObject({
    name: "coretemp.0 Package id 0",
    status: "up",
    attributes: { chip: "coretemp.0", label: "Package id 0", high_celsius: 80, critical_celsius: 100 },
    metrics: { temperature_celsius: 52 },
  });
  expect(sensors[2]?.attributes).toEqual({ chip: "nvme0", label: "Composite" });
  expect(sensors[3]?.metrics).toEqual({ fan_rpm: 1180 });
});

test("a fan that stops is at zero, a sensor that breaks is unknown", async () => {
  using machine = fakeMachine(MACHINE);
  const sensors = new Sensors(new Tree(machine.root), 1_000);
  await sensors.read();
  machine.write({
    "sys/class/hwmon/hwmon2/fan2_input": "0\n",
    "sys/class/hwmon/hwmon1/temp1_input": "-128000\n",
  });
  const { sensors: read } = await sensors.read();
  expect(read.find((sensor) => sensor.name === "nct6798 fan2")).toMatchObject({
    status: "up",
    metrics: { fan_rpm: 0 },
  });
  expect(read.find((sensor) => sensor.name === "nvme Composite")).toMatchObject({
    status: "unknown",
    metrics: {},
  });
});

test("thermal zones serve where there is nothing else", async () => {
  using machine = fakeMachine({
    "sys/class/thermal/thermal_zone0/type": "cpu-thermal\n",
    "sys/class/thermal/thermal_zone0/temp": "48312\n",
    "sys/class/thermal/cooling_device0/type": "gpio-fan\n",
  });
  const { sensors, hottestCpu } = await new Sensors(new Tree(machine.root), 1_000).read();
  expect(hottestCpu).toBe(48.3);
  expect(sensors.map((sensor) => sensor.key)).toEqual(["host/sensor/thermal_zone0/cpu-thermal"]);
});

test("a drive plugged in later is found", async () => {
  using machine = fakeMachine();
  const sensors = new Sensors(new Tree(machine.root), 1_000);
  expect((await sensors.read()).sensors).toEqual([]);
  machine.write({
    "sys/class/hwmon/hwmon0/device/name": "k8temp\n",
    "sys/class/hwmon/hwmon0/device/temp1_input": "41000\n",
  });
  const { sensors: read, hottestCpu } = await sensors.read();
  expect(read).toHaveLength(1);
  expect(hottestCpu).toBe(41);
});

test("a drive that hangs is unknown and does not keep the CPU waiting", async () => {
  using machine = fakeMachine(MACHINE);
  machine.link("sys/class/hwmon/hwmon1/device", "../../nvme0");
  const tree = new Tree(machine.root);
  let hangs = false;
  let asked = 0;
  tree.textLater = (path) => {
    if (!hangs || !path.includes("hwmon1/")) return Promise.resolve(tree.text(path));
    asked += 1;
    return new Promise(() => {});
  };
  const sensors = new Sensors(tree, 5);
  await sensors.read();
  hangs = true;
  await sensors.read();
  const { sensors: read, hottestCpu } = await sensors.read();
  expect(hottestCpu).toBe(52);
  expect(read.find((sensor) => sensor.name === "nvme0 Composite")).toMatchObject({
    status: "unknown",
    metrics: {},
  });
  expect(asked).toBe(1);
});
