import { createListPreference, createPreference } from "../../state/preferences.ts";
import { COLUMN_IDS } from "./columns.ts";

/** How everything is shown, as chosen in this browser. */
export const [view, setView] = createPreference("resources.view", ["table", "tiles"], "table");
export const [grouping, setGrouping] = createPreference("resources.grouping", ["grouped", "flat"], "grouped");
export const [sortColumn, setSortColumn] = createPreference(
  "resources.sort",
  ["name", ...COLUMN_IDS],
  "name",
);
export const [direction, setDirection] = createPreference(
  "resources.direction",
  ["standard", "reversed"],
  "standard",
);

/** The columns chosen for a list of one kind, or of several: lists of different kinds say different things. */
export const chosenColumns = remembered((list) =>
  createListPreference(`resources.columns.${list}`, COLUMN_IDS),
);

function remembered<Value>(make: (name: string) => Value): (name: string) => Value {
  const made = new Map<string, Value>();
  return (name) => {
    const known = made.get(name) ?? make(name);
    made.set(name, known);
    return known;
  };
}
