import { expect, test } from "bun:test";
import { asPairs, portHint } from "./api.ts";

test("who enters the other product's port is told so", () => {
  expect(portHint("ve", "https://a:8007")).toBe(" Port 8007 is that of Proxmox Backup Server.");
  expect(portHint("backup", "https://a:8006")).toBe(" Port 8006 is that of Proxmox VE.");
  expect(portHint("ve", "https://a:8006")).toBe("");
  expect(portHint("ve", "https://a")).toBe("");
});

test("a fingerprint is written as Proxmox writes it", () => {
  expect(asPairs("00ab".repeat(16))).toBe("00:AB:".repeat(16).slice(0, -1));
  expect(asPairs("00:ab")).toBe("00:AB");
});
