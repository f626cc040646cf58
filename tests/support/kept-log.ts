import { Log, type LogFields, type LogLevel } from "../../server/lib/log.ts";

export interface KeptLine {
  level: LogLevel;
  message: string;
  fields: LogFields;
}

/** A log that keeps its lines. */
export function keptLog(): { log: Log; lines: KeptLine[] } {
  const lines: KeptLine[] = [];
  return { log: new Log((level, message, fields) => lines.push({ level, message, fields })), lines };
}
