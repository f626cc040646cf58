/**
 * Comma-separated values as RFC 4180 has them: lines end in CR LF, what holds a comma, a quote or a line break is
 * quoted. The first two columns are the time, for people (UTC) and for programs (epoch milliseconds).
 *
 * A spreadsheet takes a cell that begins with `=`, `+`, `-` or `@` for a formula, and names come from whatever is
 * watched: such a name gets an apostrophe in front, which is how a spreadsheet is told that it is text.
 */
import type { ExportStat } from "../../contract/export.ts";
import type { Resource } from "../../contract/resource.ts";
import { tidy } from "../sample-codec.ts";
import type { Rows } from "./rows.ts";

const LINE_END = "\r\n";
const TAKEN_FOR_A_FORMULA = /^[=+\-@\t\r]/;
const TO_BE_QUOTED = /[",\r\n]/;

interface HeadColumn {
  resource: Pick<Resource, "id" | "name">;
  metric: string;
  stat: ExportStat | undefined;
}

/** `named`: columns say whose they are; two that would say the same say it by id. */
export function headLine(columns: readonly HeadColumn[], named: boolean): string {
  const names = columns.map(({ resource, metric, stat }) => {
    const figure = stat ? `${metric}_${stat}` : metric;
    return named ? `${resource.name}: ${figure}` : figure;
  });
  const seen = new Map<string, number>();
  for (const name of names) seen.set(name, (seen.get(name) ?? 0) + 1);
  const unique = names.map((name, index) =>
    (seen.get(name) ?? 0) > 1 ? `${name} (${columns[index]?.resource.id})` : name,
  );
  return ["time", "epoch_ms", ...unique.map(cell)].join(",") + LINE_END;
}

function cell(text: string): string {
  const safe = TAKEN_FOR_A_FORMULA.test(text) ? `'${text}` : text;
  return TO_BE_QUOTED.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

/** A line for each time at which anything was measured. */
export function csvLines({ times, columns }: Rows): string {
  let text = "";
  for (let row = 0; row < times.length; row++) {
    let line = "";
    let isEmpty = true;
    for (const column of columns) {
      const value = column[row] as number;
      if (Number.isNaN(value)) line += ",";
      else {
        line += `,${tidy(value)}`;
        isEmpty = false;
      }
    }
    if (isEmpty) continue;
    const at = times[row] as number;
    text += `${new Date(at).toISOString()},${at}${line}${LINE_END}`;
  }
  return text;
}
