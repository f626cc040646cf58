import type { ReportedResource } from "../contract/report.ts";

/** One way of finding things out. It knows no org and no database: what it found is all it returns. */
export interface Collector {
  readonly name: string;
  /**
   * What could not be found out is left out, or has the status `unknown`. Rejects, with one plain sentence
   * for whoever set it up, only where what is read is elsewhere and could not be read at all.
   */
  collect(): Promise<ReportedResource[]>;
  /**
   * Of the same what changes by the second and costs next to nothing to find out, for while somebody looks: each
   * resource in it is whole, other resources are left out. Absent where nothing is like that.
   */
  glance?(): Promise<ReportedResource[]>;
  /** When to ask again, where that is not at its interval: sooner, to make sure of a failure. */
  nextTryMs?(): number;
  close?(): void;
}
