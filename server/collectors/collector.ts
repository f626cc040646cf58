import type { ReportedResource } from "../contract/report.ts";

/** One way of finding things out. It knows no org and no database: what it found is all it returns. */
export interface Collector {
  readonly name: string;
  /** Never rejects: what could not be found out is left out, or has the status `unknown`. */
  collect(): Promise<ReportedResource[]>;
  close?(): void;
}
