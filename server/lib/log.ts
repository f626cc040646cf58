/**
 * Structured log lines, one object per line. Field values are data: control and bidirectional
 * characters are escaped, long values cut, so that no name a machine reports can forge a line.
 */
export const LOG_LEVELS = ["debug", "info", "warn", "error"] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];
export type LogFormat = "json" | "pretty";

export type LogFields = Record<string, string | number | boolean | null | undefined>;
export type LogSink = (level: LogLevel, message: string, fields: LogFields) => void;

const MAX_VALUE_LENGTH = 2_000;
const UNSAFE = /[\p{Cc}\u200e\u200f\u2028-\u202e\u2066-\u2069]/gu;

export class Log {
  readonly #sink: LogSink;

  constructor(sink: LogSink) {
    this.#sink = sink;
  }

  debug(message: string, fields: LogFields = {}): void {
    this.#sink("debug", message, fields);
  }
  info(message: string, fields: LogFields = {}): void {
    this.#sink("info", message, fields);
  }
  warn(message: string, fields: LogFields = {}): void {
    this.#sink("warn", message, fields);
  }
  error(message: string, fields: LogFields = {}): void {
    this.#sink("error", message, fields);
  }
}

/** Writes lines at `level` and above. */
export function lineSink(format: LogFormat, level: LogLevel, write: (line: string) => void): LogSink {
  const threshold = LOG_LEVELS.indexOf(level);
  return (lineLevel, message, fields) => {
    if (LOG_LEVELS.indexOf(lineLevel) < threshold) return;
    const at = new Date().toISOString();
    write(
      format === "json"
        ? jsonLine(at, lineLevel, message, fields)
        : prettyLine(at, lineLevel, message, fields),
    );
  };
}

function jsonLine(at: string, level: LogLevel, message: string, fields: LogFields): string {
  const entry: Record<string, unknown> = { at, level, message: safe(message) };
  for (const [name, value] of Object.entries(fields)) {
    if (value !== undefined) entry[name] = typeof value === "string" ? safe(value) : value;
  }
  return `${JSON.stringify(entry)}\n`;
}

function prettyLine(at: string, level: LogLevel, message: string, fields: LogFields): string {
  let line = `${at.slice(11, 19)} ${level.padEnd(5)} ${safe(message)}`;
  for (const [name, value] of Object.entries(fields)) {
    if (value !== undefined) line += `  ${name}=${typeof value === "string" ? safe(value) : value}`;
  }
  return `${line}\n`;
}

function safe(text: string): string {
  const cut = text.length > MAX_VALUE_LENGTH ? `${text.slice(0, MAX_VALUE_LENGTH)}…` : text;
  return cut.replace(UNSAFE, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, "0")}`);
}

/** What is written about an unexpected error: for the operator's log only, never for an answer. */
export function errorText(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const cause = error.cause === undefined ? "" : ` (cause: ${errorText(error.cause)})`;
  return (error.stack || `${error.name}: ${error.message}`) + cause;
}
