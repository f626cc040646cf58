import { afterAll, describe, expect, test } from "bun:test";
import { generateKeyPairSync, randomBytes } from "node:crypto";
import {
  chmodSync,
  chownSync,
  existsSync,
  linkSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DataDirKeys, KeyFileError } from "./keys.ts";

const folder = mkdtempSync(join(tmpdir(), "pulse-keys-"));
afterAll(() => rmSync(folder, { recursive: true }));

const mode = (path: string) => lstatSync(path).mode & 0o777;

let dataDirs = 0;
function newDataDir(): { dataDir: string; keys: string; master: string } {
  const dataDir = join(folder, String(++dataDirs));
  mkdirSync(dataDir, { mode: 0o700 });
  return { dataDir, keys: join(dataDir, "keys"), master: join(dataDir, "keys/master.key") };
}

function masterText(): string {
  return `${randomBytes(32).toString("base64")}\n`;
}

function ed25519() {
  return generateKeyPairSync("ed25519", {
    privateKeyEncoding: { type: "pkcs8", format: "pem" },
    publicKeyEncoding: { type: "spki", format: "pem" },
  });
}

describe("the master key", () => {
  test("is made when it is first needed, for the owner alone, whatever the umask", () => {
    const { dataDir, keys, master } = newDataDir();
    const before = process.umask(0);
    try {
      const made = new DataDirKeys(dataDir);
      expect(made.license()).toBeUndefined();
      expect(existsSync(keys)).toBe(false);
      expect(made.derive("idempotency")).toHaveLength(32);
    } finally {
      process.umask(before);
    }
    expect(mode(keys)).toBe(0o700);
    expect(mode(master)).toBe(0o600);
    expect(Buffer.from(readFileSync(master, "utf8"), "base64")).toHaveLength(32);
    expect(readdirSync(keys)).toEqual(["master.key"]);
  });

  test("gives the same key for a purpose again, and another for another", () => {
    const { dataDir } = newDataDir();
    const first = new DataDirKeys(dataDir);
    const cookie = first.derive("org-cookie");
    expect(first.derive("org-cookie")).toEqual(cookie);
    expect(new DataDirKeys(dataDir).derive("org-cookie")).toEqual(cookie);
    expect(first.derive("idempotency")).not.toEqual(cookie);
    expect(new DataDirKeys(newDataDir().dataDir).derive("org-cookie")).not.toEqual(cookie);
  });

  test("derives what HKDF-SHA-256 says: what is sealed today is opened by every later version", () => {
    const { dataDir, keys, master } = newDataDir();
    mkdirSync(keys, { mode: 0o700 });
    writeFileSync(master, Buffer.alloc(32, 1).toString("base64"), { mode: 0o600 });
    const derived = new DataDirKeys(dataDir);
    expect(derived.derive("org-cookie").toString("hex")).toBe(
      "3cc8a1c834e7ee447e7786472178e82da2a3aef124c1d389383c2d2314dd4caf",
    );
    expect(derived.derive("idempotency").toString("hex")).toBe(
      "bc659a4cb573d81f867f9d0e23ce75c1ccbb878f40ffc4542ea934e31392b9c5",
    );
  });

  test("is made in spite of what a crash left behind", () => {
    const { dataDir, keys } = newDataDir();
    mkdirSync(keys, { mode: 0o700 });
    writeFileSync(join(keys, "master.key.new"), "ha");
    new DataDirKeys(dataDir).derive("org-cookie");
    expect(readdirSync(keys)).toEqual(["master.key"]);
  });

  test("is kept in another file when that is set, and made there when it is missing", () => {
    const { dataDir, keys } = newDataDir();
    const path = join(dataDir, "elsewhere.key");
    const made = new DataDirKeys(dataDir, path).derive("org-cookie");
    expect(mode(path)).toBe(0o600);
    expect(existsSync(keys)).toBe(false);
    expect(new DataDirKeys(dataDir, path).derive("org-cookie")).toEqual(made);
  });

  test("is not made anew elsewhere while there is one in its own place", () => {
    const { dataDir, master } = newDataDir();
    new DataDirKeys(dataDir).derive("org-cookie");
    const path = join(dataDir, "mistyped.key");
    expect(() => new DataDirKeys(dataDir, path).derive("org-cookie")).toThrow(master);
    expect(existsSync(path)).toBe(false);
  });

  test("that cannot be made is said in one sentence", () => {
    const { dataDir } = newDataDir();
    const path = join(dataDir, "missing/master.key");
    expect(() => new DataDirKeys(dataDir, path).derive("org-cookie")).toThrow(
      new KeyFileError(`${path} cannot be made (ENOENT)`),
    );
  });
});

const BAD: [name: string, words: string, make: (path: string) => void][] = [
  [
    "a link",
    "is a link",
    (path) => {
      writeFileSync(`${path}.real`, masterText(), { mode: 0o600 });
      symlinkSync(`${path}.real`, path);
    },
  ],
  ["a link to nothing", "is a link", (path) => symlinkSync(`${path}.nothing`, path)],
  [
    "a second name of a file",
    "has a second name",
    (path) => {
      writeFileSync(`${path}.first`, masterText(), { mode: 0o600 });
      linkSync(`${path}.first`, path);
    },
  ],
  ["a folder", "is not a plain file", (path) => mkdirSync(path)],
  [
    "a pipe",
    "is not a plain file",
    (path) => expect(Bun.spawnSync(["mkfifo", "-m", "600", path]).success).toBe(true),
  ],
  [
    "readable by the group",
    "can be read or changed by others",
    (path) => {
      writeFileSync(path, masterText());
      chmodSync(path, 0o640);
    },
  ],
  ["nothing", "does not hold", (path) => writeFileSync(path, "", { mode: 0o600 })],
  [
    "too short a key",
    "does not hold",
    (path) => writeFileSync(path, randomBytes(31).toString("base64"), { mode: 0o600 }),
  ],
  [
    "too long a key",
    "does not hold",
    (path) => writeFileSync(path, randomBytes(33).toString("base64"), { mode: 0o600 }),
  ],
  ["half a key", "does not hold", (path) => writeFileSync(path, masterText().slice(0, 20), { mode: 0o600 })],
  ["32 raw bytes", "does not hold", (path) => writeFileSync(path, randomBytes(32), { mode: 0o600 })],
  ["something large", "is too large", (path) => writeFileSync(path, "A".repeat(10_000), { mode: 0o600 })],
];

describe("is refused in one sentence that names the file, and left as it is:", () => {
  for (const [name, words, make] of BAD) {
    for (const place of ["its own place", "another file"]) {
      test(`${name} as the master key in ${place}`, () => {
        const { dataDir, keys, master } = newDataDir();
        mkdirSync(keys, { mode: 0o700 });
        const path = place === "another file" ? join(dataDir, "elsewhere.key") : master;
        make(path);
        const before = lstatSync(path);
        let error: unknown;
        try {
          new DataDirKeys(dataDir, place === "another file" ? path : undefined).derive("org-cookie");
        } catch (caught) {
          error = caught;
        }
        expect(error).toBeInstanceOf(KeyFileError);
        const { message } = error as KeyFileError;
        expect(message).toStartWith(`${path} ${words}`);
        expect(message).not.toContain("\n");
        const { ino, size, mode: modeNow, mtimeMs } = lstatSync(path);
        expect({ ino, size, mode: modeNow, mtimeMs }).toEqual({
          ino: before.ino,
          size: before.size,
          mode: before.mode,
          mtimeMs: before.mtimeMs,
        });
      });
    }
  }

  test.if(process.getuid?.() === 0)("a master key of another user", () => {
    const { dataDir, keys, master } = newDataDir();
    mkdirSync(keys, { mode: 0o700 });
    writeFileSync(master, masterText(), { mode: 0o600 });
    chownSync(master, 12_345, 12_345);
    expect(() => new DataDirKeys(dataDir).derive("org-cookie")).toThrow("belongs to another user");
  });

  test("a folder of keys that is a link", () => {
    const { dataDir, keys } = newDataDir();
    symlinkSync(folder, keys);
    expect(() => new DataDirKeys(dataDir).derive("org-cookie")).toThrow("is not a folder");
  });
});

describe("licence keys", () => {
  test("are kept for the owner alone, and come back as they were", () => {
    const { dataDir, keys } = newDataDir();
    const pair = ed25519();
    new DataDirKeys(dataDir).writeLicense(pair);
    expect(new DataDirKeys(dataDir).license()).toEqual(pair);
    expect(readdirSync(keys).sort()).toEqual(["license.key", "license.pub"]);
    expect(mode(keys)).toBe(0o700);
    for (const name of readdirSync(keys)) expect(mode(join(keys, name))).toBe(0o600);
    expect(readFileSync(join(keys, "license.pub"), "utf8")).toBe(pair.publicKey);
  });

  test("are never replaced, not even broken ones", () => {
    const { dataDir, keys } = newDataDir();
    mkdirSync(keys, { mode: 0o700 });
    const path = join(keys, "license.key");
    writeFileSync(path, "broken", { mode: 0o600 });
    expect(() => new DataDirKeys(dataDir).license()).toThrow(
      new KeyFileError(`${path} does not hold an Ed25519 private key; put back the right one`),
    );
    expect(() => new DataDirKeys(dataDir).writeLicense(ed25519())).toThrow("is there already");
    expect(readFileSync(path, "utf8")).toBe("broken");
  });

  test("of another kind are refused", () => {
    const { dataDir, keys } = newDataDir();
    mkdirSync(keys, { mode: 0o700 });
    const { privateKey } = generateKeyPairSync("ec", {
      namedCurve: "P-256",
      privateKeyEncoding: { type: "pkcs8", format: "pem" },
      publicKeyEncoding: { type: "spki", format: "pem" },
    });
    writeFileSync(join(keys, "license.key"), privateKey, { mode: 0o600 });
    expect(() => new DataDirKeys(dataDir).license()).toThrow(KeyFileError);
  });

  test("count by the private one: another license.pub beside it changes nothing", () => {
    const { dataDir, keys } = newDataDir();
    const pair = ed25519();
    new DataDirKeys(dataDir).writeLicense(pair);
    writeFileSync(join(keys, "license.pub"), ed25519().publicKey);
    expect(new DataDirKeys(dataDir).license()).toEqual(pair);
  });

  test("are made again when a crash left only the public one", () => {
    const { dataDir, keys } = newDataDir();
    mkdirSync(keys, { mode: 0o700 });
    writeFileSync(join(keys, "license.pub"), ed25519().publicKey, { mode: 0o600 });
    expect(new DataDirKeys(dataDir).license()).toBeUndefined();
    const pair = ed25519();
    new DataDirKeys(dataDir).writeLicense(pair);
    expect(readFileSync(join(keys, "license.pub"), "utf8")).toBe(pair.publicKey);
  });
});
