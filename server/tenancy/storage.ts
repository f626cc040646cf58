/** What the layers above need to know of the engine below, without knowing the engine. */
import { sqliteCode, sqliteVersion } from "../../db/driver.ts";
import { DataDirInUseError } from "./data-dir.ts";
import { KeyFileError } from "./keys.ts";
import { SchemaError } from "./migrate.ts";
import { DamagedFileError, MissingFileError, ReplacedFileError } from "./open.ts";
import { UnsafePathError } from "./private-files.ts";

export function storageVersion(): string {
  return sqliteVersion();
}

/** What an error says about the files: no room, not usable, or nothing (it is about something else). */
export function storageTrouble(error: unknown): "full" | "unusable" | undefined {
  const code = sqliteCode(error);
  if (code?.startsWith("SQLITE_FULL")) return "full";
  return code !== undefined || isAboutFiles(error) ? "unusable" : undefined;
}

/** Errors about the data directory whose message tells the operator what is wrong and what to do. */
export function isAboutFiles(error: unknown): error is Error {
  return ABOUT_FILES.some((kind) => error instanceof kind);
}

const ABOUT_FILES = [
  DamagedFileError,
  DataDirInUseError,
  KeyFileError,
  MissingFileError,
  ReplacedFileError,
  SchemaError,
  UnsafePathError,
];
