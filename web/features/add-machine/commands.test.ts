import { expect, test } from "bun:test";
import { commandFor, isOnlyHere, serverOf } from "./commands.ts";

const TOKEN = "pulse_agent_abcdefgh";
const LINE = `curl -fsSL https://pulse.example.org:8443/install.sh | sudo sh -s -- --token ${TOKEN}`;

test("every way names the same server and the same token", () => {
  expect(commandFor("service", LINE, TOKEN)).toBe(LINE);
  expect(commandFor("containers", LINE, TOKEN)).toBe(`${LINE} --docker`);
  expect(commandFor("by-hand", LINE, TOKEN)).toBe(
    `pulse agent --server https://pulse.example.org:8443 --token ${TOKEN}`,
  );
});

test("an address that means another machine on every machine is recognized", () => {
  expect(serverOf(LINE)).toBe("https://pulse.example.org:8443");
  for (const here of ["http://localhost:7655", "http://127.0.0.1:7655", "http://[::1]:7655"])
    expect([here, isOnlyHere(here)]).toEqual([here, true]);
  for (const there of ["http://192.168.1.5:7655", "https://127.example.org", ""])
    expect([there, isOnlyHere(there)]).toEqual([there, false]);
});
