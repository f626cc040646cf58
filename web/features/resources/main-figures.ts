import type { ResourceKind } from "../../../server/contract/resource.ts";
import { type Column, findColumn } from "./columns.ts";

/** Of each kind the figures that say most, the first one alone where there is room for one. */
const FIGURES: Partial<Record<ResourceKind, readonly (string | [id: string, label: string])[]>> = {
  host: ["cpu", "memory", "space"],
  vm: ["cpu", "memory"],
  lxc: ["cpu", "memory"],
  container: ["cpu", "memory"],
  cluster: ["cpu", "memory"],
  check: ["latency", "certificate"],
  storage: [["space", "Used"]],
  pool: [["space", "Used"]],
  datastore: [["space", "Used"]],
  backup: [["age", "Newest"]],
  filesystem: [["space", "Used"]],
  disk: ["read", "write"],
  interface: ["receive", "transmit"],
  sensor: ["temperature"],
  core: ["cpu"],
};

export interface MainFigure {
  label: string;
  column: Extract<Column, { form: "figure" }>;
  /** Has a column of its own in a list of everything. */
  bar: boolean;
}

export const figuresOfKind = (kind: ResourceKind): readonly MainFigure[] => BY_KIND.get(kind) ?? [];

const BY_KIND = new Map(
  Object.entries(FIGURES).map(([kind, figures]) => [
    kind,
    figures.flatMap((figure): MainFigure[] => {
      const [id, label] = typeof figure === "string" ? [figure, undefined] : figure;
      const column = findColumn(id);
      if (column?.form !== "figure") return [];
      return [{ label: label ?? column.label, column, bar: column.bar !== undefined }];
    }),
  ]),
);
