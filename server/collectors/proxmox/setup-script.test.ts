/** The scripts are run by real shells; the programs of Proxmox are stand-ins that keep what they are told. */
import { afterAll, expect, test } from "bun:test";
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { proxmoxSetupScript } from "./setup-script.ts";

const folder = mkdtempSync(join(tmpdir(), "pulse-setup-"));
afterAll(() => rmSync(folder, { recursive: true }));

/** Every stand-in writes down how it was called; some answer, from files that others make and remove. */
const STANDINS: Record<string, string> = {
  pveversion: 'echo "pve-manager/$VE_VERSION/0123456789abcdef (running kernel: 6.8.12-4-pve)"',
  // Knows what pveum made: a file for each path.
  pvesh: '[ -f "$STATE/$(echo "$2" | tr / _)" ]',
  pveum: `case "$1 $2 $3" in
    "role add "*) touch "$STATE/_access_roles_$3" ;;
    "user add "*) touch "$STATE/_access_users_$3" ;;
    "user token add") touch "$STATE/_access_users_$4_token_$5"
      echo '{"full-tokenid":"'"$4"'!'"$5"'","info":{"privsep":"1"},"value":"11111111-2222-3333-4444-555555555555"}' ;;
    "user token remove") rm "$STATE/_access_users_$4_token_$5" ;;
  esac`,
  "proxmox-backup-manager": `case "$1 $2" in
    "user list") cat "$STATE/users" 2>/dev/null || echo '[{"userid":"root@pam"}]' ;;
    "user create") echo '[{"userid":"root@pam"},{"userid":"'"$3"'"}]' >"$STATE/users" ;;
    "user list-tokens") cat "$STATE/tokens" 2>/dev/null || echo '[]' ;;
    "user generate-token") echo '[{"tokenid":"'"$3"'!'"$4"'"}]' >"$STATE/tokens"
      printf 'Result: {\\n  "tokenid": "%s",\\n  "value": "%s"\\n}\\n' "$3" 11111111-2222-3333-4444-555555555555 ;;
    "user delete-token") rm "$STATE/tokens" ;;
    "cert info") printf 'Subject: O=x\\nFingerprint (sha256): aa:bb\\nPublic key type: rsa\\n' ;;
  esac`,
  openssl: 'echo "sha256 Fingerprint=AA:BB"',
  hostname: 'echo "192.0.2.7 2001:db8::7"',
};

let made = 0;

/** A machine with the stand-ins, and what was called on it. */
function machine(veVersion = "9.0.10") {
  const root = join(folder, String(made++));
  const state = join(root, "state");
  const programs = join(root, "bin");
  mkdirSync(state, { recursive: true });
  mkdirSync(programs);
  const log = join(root, "log");
  writeFileSync(log, "");
  for (const [name, body] of Object.entries(STANDINS)) {
    const path = join(programs, name);
    writeFileSync(path, `#!/bin/sh\necho "${name} $*" >>"$LOG"\n${body}\n`);
    chmodSync(path, 0o755);
  }
  const env = {
    PATH: `${programs}:/usr/bin:/bin`,
    STATE: state,
    LOG: log,
    VE_VERSION: veVersion,
    HOME: root,
  };
  return {
    run(script: string, more: { shell?: string[]; env?: Record<string, string> } = {}) {
      writeFileSync(log, "");
      const ran = Bun.spawnSync(more.shell ?? ["sh"], {
        stdin: Buffer.from(script),
        env: { ...env, ...more.env },
        stderr: "pipe",
      });
      const isChange = (line: string) => !/^(?:pvesh|pveversion|openssl|hostname)|list|cert info/.test(line);
      return {
        exitCode: ran.exitCode,
        said: ran.stdout.toString(),
        changes: readFileSync(log, "utf8").split("\n").filter(Boolean).filter(isChange),
      };
    },
  };
}

const ve = proxmoxSetupScript("ve", { tokenName: "monitor" });
const backup = proxmoxSetupScript("backup", { tokenName: "monitor" });

const RESULT = `
Address:      https://192.0.2.7:8006
Token id:     pulse@pve!monitor
Token secret: 11111111-2222-3333-4444-555555555555
Fingerprint:  AA:BB
`;

test("on VE 9 the token may look, at guest agents too, and nothing else", () => {
  const { exitCode, said, changes } = machine().run(ve);
  expect(changes).toEqual([
    "pveum role add PulseMonitor --privs Sys.Audit,VM.Audit,Datastore.Audit,VM.GuestAgent.Audit",
    "pveum user add pulse@pve --comment Pulse: looks, changes nothing",
    "pveum user token add pulse@pve monitor --privsep 1 --output-format json",
    "pveum acl modify / --users pulse@pve --roles PulseMonitor",
    "pveum acl modify / --tokens pulse@pve!monitor --roles PulseMonitor",
  ]);
  expect(said).toBe(RESULT);
  expect(exitCode).toBe(0);
});

test("run again it changes nothing but the secret", () => {
  const node = machine();
  node.run(ve);
  const { exitCode, said, changes } = node.run(ve);
  expect(changes).toEqual([
    "pveum role modify PulseMonitor --privs Sys.Audit,VM.Audit,Datastore.Audit,VM.GuestAgent.Audit",
    "pveum user token remove pulse@pve monitor",
    "pveum user token add pulse@pve monitor --privsep 1 --output-format json",
    "pveum acl modify / --users pulse@pve --roles PulseMonitor",
    "pveum acl modify / --tokens pulse@pve!monitor --roles PulseMonitor",
  ]);
  expect(said).toBe(RESULT);
  expect(exitCode).toBe(0);
});

test("on VE 8 the privilege that also runs commands in guests is given only when asked for", () => {
  const without = machine("8.4.1").run(ve);
  expect(without.changes[0]).toBe("pveum role add PulseMonitor --privs Sys.Audit,VM.Audit,Datastore.Audit");
  expect(without.said).toContain("export PULSE_GUEST_AGENTS=yes");
  const withIt = machine("8.4.1").run(ve, { env: { PULSE_GUEST_AGENTS: "yes" } });
  expect(withIt.changes[0]).toEndWith("Sys.Audit,VM.Audit,Datastore.Audit,VM.Monitor");
});

test("a backup server's token may look, and so may its user, without whom it could not", () => {
  const server = machine();
  const acl = ["/system", "/datastore", "/remote"].flatMap((path) => [
    `proxmox-backup-manager acl update ${path} Audit --auth-id pulse@pbs`,
    `proxmox-backup-manager acl update ${path} Audit --auth-id pulse@pbs!monitor`,
  ]);
  const first = server.run(backup);
  expect(first.changes).toEqual([
    "proxmox-backup-manager user create pulse@pbs --comment Pulse: looks, changes nothing",
    "proxmox-backup-manager user generate-token pulse@pbs monitor",
    ...acl,
  ]);
  expect(first.said).toEndWith(
    "8007\nToken id:     pulse@pbs!monitor\nToken secret: 11111111-2222-3333-4444-555555555555\nFingerprint:  aa:bb\n",
  );
  expect(server.run(backup).changes).toEqual([
    "proxmox-backup-manager user delete-token pulse@pbs monitor",
    "proxmox-backup-manager user generate-token pulse@pbs monitor",
    ...acl,
  ]);
});

test("pasted into a login shell it does the same, and a failure does not end the session", () => {
  const shell = ["bash", "--norc", "-i"];
  const pasted = machine().run(`${ve}echo the session goes on\n`, { shell });
  expect(pasted.said).toBe(`${RESULT}the session goes on\n`);
  const elsewhere = machine().run(`${ve}echo the session goes on\n`, {
    shell,
    env: { PATH: "/usr/bin:/bin" },
  });
  expect(elsewhere.said).toBe("the session goes on\n");
  expect(elsewhere.changes).toEqual([]);
});

test("a name that could be more than a name is refused", () => {
  for (const tokenName of ["", "1st", "a b", "a'; reboot; '", "a!b", "a".repeat(65)]) {
    expect(() => proxmoxSetupScript("ve", { tokenName })).toThrow("A token's name begins with a letter");
  }
});
