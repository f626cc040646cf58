import { expect, test } from "bun:test";
import { lifeLeft, temperature } from "./disks.ts";
import { Smart } from "./requests.ts";

const ata = (...attributes: [id: number, name: string, value: number, raw: string][]) =>
  Smart.parse({
    type: "ata",
    attributes: attributes.map(([id, name, value, raw]) => ({ id: ` ${id}`, name, value, raw })),
  });

const told = (text: string, more = {}) => Smart.parse({ type: "text", text, ...more });

test.each([
  ["NVMe, as used", told("Percentage Used:                    6%\n"), 94],
  ["NVMe past what was promised", told("Percentage Used:                    130%\n", { wearout: -30 }), 0],
  ["SAS", told("Percentage used endurance indicator: 2%\n"), 98],
  ["as Proxmox worked it out", told("", { wearout: 77 }), 77],
  ["Intel", ata([233, "Media_Wearout_Indicator", 87, "0"]), 87],
  ["Crucial", ata([202, "Percent_Lifetime_Remain", 95, "5"]), 95],
  ["Micron", ata([202, "Perc_Rated_Life_Used", 99, "1"]), 99],
  ["Samsung", ata([177, "Wear_Leveling_Count", 98, "31"]), 98],
  [
    "two, of which one counts life",
    ata([173, "Wear_Leveling_Count", 1, "9"], [231, "SSD_Life_Left", 60, "60"]),
    60,
  ],
  ["a disk that spins", ata([5, "Reallocated_Sector_Ct", 100, "0"]), undefined],
  ["nothing", Smart.parse({}), undefined],
])("life left: %s", (_, smart, expected) => {
  expect(lifeLeft(smart)).toBe(expected);
});

test.each([
  ["NVMe", told("Critical Warning: 0x00\nTemperature:                        41 Celsius\n"), 41],
  ["SAS", told("Current Drive Temperature:     29 C\nDrive Trip Temperature:        65 C\n"), 29],
  ["ATA", ata([194, "Temperature_Celsius", 52, "48"]), 48],
  ["ATA, with the range", ata([190, "Airflow_Temperature_Cel", 71, "29 (Min/Max 22/40)"]), 29],
  [
    "the better of two",
    ata([190, "Airflow_Temperature_Cel", 71, "29"], [194, "Temperature_Celsius", 70, "30"]),
    30,
  ],
  ["a disk that does not know", ata([194, "Temperature_Celsius", 0, "0"]), undefined],
  ["a number that is none", ata([194, "Temperature_Celsius", 0, "171798691870"]), undefined],
])("temperature: %s", (_, smart, expected) => {
  expect(temperature(smart)).toBe(expected);
});
