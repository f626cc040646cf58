/**
 * Which series the values of a row or of a chunk belong to. A layout stands once in the file and is shared by
 * everything of that make, until a series appears.
 */
import { eq } from "drizzle-orm";
import type { Database } from "../../db/driver.ts";
import { sampleLayout } from "../../db/org/history.ts";
import { ResourceId } from "../contract/ids.ts";

export type Column = [resourceId: ResourceId, metric: string];

export interface Layout {
  /** Undefined until it is on disk. */
  id: number | undefined;
  readonly columns: Column[];
  /** Position of a series; undefined when the layout does not have it. */
  of(resourceId: ResourceId, metric: string): number | undefined;
  /** What it has of a resource. */
  metricsOf(resourceId: ResourceId): readonly string[];
}

/** Layouts kept in memory; past it all are read again when needed. */
const MAX_LAYOUTS = 256;

export class Layouts {
  readonly #db: () => Database;
  readonly #known = new Map<number, Layout>();

  constructor(db: () => Database) {
    this.#db = db;
  }

  get(id: number): Layout {
    let layout = this.#known.get(id);
    if (!layout) {
      const row = this.#db()
        .orm.select({ columns: sampleLayout.columns })
        .from(sampleLayout)
        .where(eq(sampleLayout.id, id))
        .get();
      layout = makeLayout(id, row ? (JSON.parse(row.columns) as Column[]) : []);
      this.keep(id, layout);
    }
    return layout;
  }

  /** Its number in the file, where it is written when it is new; inside the caller's transaction. */
  idOf(layout: Layout): number {
    layout.id ??= this.idOfColumns(layout.columns);
    return layout.id;
  }

  idOfColumns(list: readonly Column[]): number {
    const columns = JSON.stringify(list);
    this.#db().orm.insert(sampleLayout).values({ columns }).onConflictDoNothing().run();
    const row = this.#db()
      .orm.select({ id: sampleLayout.id })
      .from(sampleLayout)
      .where(eq(sampleLayout.columns, columns))
      .get();
    if (!row) throw new Error("a layout just written cannot be read");
    return row.id;
  }

  isKept(id: number): boolean {
    return this.#known.has(id);
  }

  keep(id: number, layout: Layout): void {
    if (this.#known.size >= MAX_LAYOUTS) this.#known.clear();
    this.#known.set(id, layout);
  }
}

export function makeLayout(id: number | undefined, columns: Column[]): Layout {
  const position = new Map<string, number>();
  for (const [index, [resourceId, metric]] of columns.entries()) {
    position.set(seriesKey(ResourceId.parse(resourceId), metric), index);
  }
  let metrics: Map<ResourceId, string[]> | undefined;
  return {
    id,
    columns,
    of: (resourceId, metric) => position.get(seriesKey(resourceId, metric)),
    metricsOf(resourceId) {
      metrics ??= metricsBy(columns);
      return metrics.get(resourceId) ?? [];
    },
  };
}

function metricsBy(columns: readonly Column[]): Map<ResourceId, string[]> {
  const metrics = new Map<ResourceId, string[]>();
  for (const [resourceId, metric] of columns) {
    const known = metrics.get(resourceId);
    if (known) known.push(metric);
    else metrics.set(resourceId, [metric]);
  }
  return metrics;
}

/** Those of the first in their order, then what only the second has. */
export function union(first: readonly Column[], second: readonly Column[]): Column[] {
  const joined = new Map<string, Column>();
  for (const column of [...first, ...second]) joined.set(seriesKey(column[0], column[1]), column);
  return [...joined.values()];
}

export function seriesKey(resourceId: ResourceId, metric: string): string {
  return `${resourceId}/${metric}`;
}
