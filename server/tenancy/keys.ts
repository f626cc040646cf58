/**
 * The secrets of a data directory: `keys/master.key`, from which every other key is derived, and the
 * instance's own licence keys. A master key that was replaced (`pulse doctor --rotate-key`) stays
 * beside it as `master.key.<its name>`: backups made before still need it. A key file is made whole or not at all, and never made anew in place
 * of one that cannot be used: what the old key sealed would be lost without a word.
 */
import { createHash, createPrivateKey, createPublicKey, hkdfSync, randomBytes } from "node:crypto";
import {
  closeSync,
  constants,
  existsSync,
  fstatSync,
  fsyncSync,
  lstatSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import type { OrgId } from "../contract/ids.ts";
import type { Keys } from "../instance/instance.ts";
import { ensurePrivateFolder } from "./private-files.ts";

/** The message is one sentence for the operator and names the file. Never what is in it. */
export class KeyFileError extends Error {
  override readonly name = "KeyFileError";
}

const MASTER_KEY_BYTES = 32;
const DERIVED_KEY_BYTES = 32;
/** More than any key file of ours has. */
const MAX_FILE_BYTES = 4_096;

export class DataDirKeys implements Keys {
  readonly #folder: string;
  readonly #masterPath: string;
  /** Read once: what is derived does not change while Pulse runs. */
  #master: Buffer | undefined;

  /** Makes nothing yet. `secretKeyFile` is where the master key is kept instead. */
  constructor(dataDir: string, secretKeyFile?: string | undefined) {
    this.#folder = join(dataDir, "keys");
    this.#masterPath = secretKeyFile ?? this.#ownMasterPath;
  }

  derive(purpose: "idempotency" | "org-cookie"): Buffer {
    this.#master ??= this.#findMaster() ?? this.#makeMaster();
    return Buffer.from(hkdfSync("sha256", this.#master, "", `pulse ${purpose}`, DERIVED_KEY_BYTES));
  }

  /**
   * The key that seals the secrets of one org now, or the one with that name, which sealed them once;
   * undefined when there is none of that name any more.
   */
  orgKey(orgId: OrgId, name?: string): { name: string; key: Buffer } | undefined {
    this.#master ??= this.#findMaster() ?? this.#makeMaster();
    const master = name === undefined || name === nameOf(this.#master) ? this.#master : this.#replaced(name);
    if (!master) return undefined;
    const key = hkdfSync("sha256", master, "", `pulse org ${orgId}`, DERIVED_KEY_BYTES);
    return { name: nameOf(master), key: Buffer.from(key) };
  }

  /** Puts a new master key in place of the one there is, which stays under its name. */
  rotate(): void {
    const old = this.#findMaster();
    if (!old) return;
    const kept = `${this.#masterPath}.${nameOf(old)}`;
    if (readKeyFile(kept) === undefined) writeKeyFile(kept, `${old.toString("base64")}\n`);
    writeKeyFile(this.#masterPath, `${randomBytes(MASTER_KEY_BYTES).toString("base64")}\n`);
    this.#master = undefined;
  }

  license(): { privateKey: string; publicKey: string } | undefined {
    const path = join(this.#folder, "license.key");
    const privateKey = readKeyFile(path);
    if (privateKey === undefined) return undefined;
    try {
      const key = createPrivateKey(privateKey);
      if (key.asymmetricKeyType !== "ed25519") throw new TypeError("another kind of key");
      /* `license.pub` is for handing out. What counts follows from the private key. */
      const publicKey = createPublicKey(privateKey).export({ type: "spki", format: "pem" }).toString();
      return { privateKey, publicKey };
    } catch (error) {
      throw new KeyFileError(`${path} does not hold an Ed25519 private key; put back the right one`, {
        cause: error,
      });
    }
  }

  writeLicense({ privateKey, publicKey }: { privateKey: string; publicKey: string }): void {
    const path = join(this.#folder, "license.key");
    ensurePrivateFolder(this.#folder);
    if (lstatSync(path, { throwIfNoEntry: false })) throw new KeyFileError(`${path} is there already`);
    /* The private key is last: with it, the pair is complete. */
    writeKeyFile(join(this.#folder, "license.pub"), publicKey);
    writeKeyFile(path, privateKey);
  }

  get #ownMasterPath(): string {
    return join(this.#folder, "master.key");
  }

  #replaced(name: string): Buffer | undefined {
    return KEY_NAME.test(name) ? this.#findMaster(`${this.#masterPath}.${name}`) : undefined;
  }

  #findMaster(path: string = this.#masterPath): Buffer | undefined {
    const text = readKeyFile(path)?.trim();
    if (text === undefined) return undefined;
    const key = Buffer.from(text, "base64");
    if (key.length !== MASTER_KEY_BYTES || key.toString("base64") !== text) {
      throw new KeyFileError(
        `${path} does not hold a master key (${MASTER_KEY_BYTES} bytes in base64); put back the right one`,
      );
    }
    return key;
  }

  #makeMaster(): Buffer {
    const path = this.#masterPath;
    if (path === this.#ownMasterPath) {
      ensurePrivateFolder(this.#folder);
    } else if (existsSync(this.#ownMasterPath)) {
      throw new KeyFileError(
        `${path} is missing, but there is a master key in ${this.#ownMasterPath}; move it there or unset PULSE_SECRET_KEY_FILE`,
      );
    }
    writeKeyFile(path, `${randomBytes(MASTER_KEY_BYTES).toString("base64")}\n`);
    const made = this.#findMaster();
    if (!made) throw new KeyFileError(`${path} was just made and is gone again`);
    return made;
  }
}

const KEY_NAME = /^[0-9a-f]{8}$/;

/** Tells keys apart and says nothing about them. */
function nameOf(master: Buffer): string {
  return createHash("sha256").update("name of key").update(master).digest("hex").slice(0, 8);
}

/** Undefined when there is no such file. Looks at what it opened, so nothing can be exchanged in between. */
function readKeyFile(path: string): string | undefined {
  let file: number;
  try {
    /* A pipe would make us wait for whoever writes into it. */
    file = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "ENOENT") return undefined;
    if (code === "ELOOP") throw new KeyFileError(`${path} is a link; a key is kept in a plain file`);
    throw new KeyFileError(`${path} cannot be read (${code})`, { cause: error });
  }
  try {
    const { mode, nlink, size, uid } = fstatSync(file);
    const own = process.getuid?.();
    if ((mode & constants.S_IFMT) !== constants.S_IFREG)
      throw new KeyFileError(`${path} is not a plain file`);
    if (nlink > 1) throw new KeyFileError(`${path} has a second name; a key is kept in one place`);
    if (own !== undefined && uid !== own) throw new KeyFileError(`${path} belongs to another user`);
    if ((mode & 0o077) !== 0) {
      throw new KeyFileError(`${path} can be read or changed by others; chmod go= ${path}`);
    }
    if (size > MAX_FILE_BYTES) throw new KeyFileError(`${path} is too large to be a key`);
    return readFileSync(file, "utf8");
  } finally {
    closeSync(file);
  }
}

/** All of it is on disk under its name, or nothing is. */
function writeKeyFile(path: string, text: string): void {
  const unfinished = `${path}.new`;
  try {
    rmSync(unfinished, { force: true });
    const file = openSync(unfinished, "wx", 0o600);
    try {
      writeFileSync(file, text);
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
    renameSync(unfinished, path);
    const folder = openSync(dirname(path), "r");
    try {
      fsyncSync(folder);
    } finally {
      closeSync(folder);
    }
  } catch (error) {
    rmSync(unfinished, { force: true });
    throw new KeyFileError(`${path} cannot be made (${(error as NodeJS.ErrnoException).code})`, {
      cause: error,
    });
  }
}
