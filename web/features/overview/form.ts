import { createPreference } from "../../state/preferences.ts";
import { SORT_KEYS } from "./order.ts";

/** How the machines are shown, as chosen in this browser. */
export const [view, setView] = createPreference("overview.view", ["tiles", "table"], "tiles");
export const [sort, setSort] = createPreference("overview.sort", SORT_KEYS, "name");
export const [direction, setDirection] = createPreference(
  "overview.direction",
  ["standard", "reversed"],
  "standard",
);

/** So few machines that each can have the whole width. */
export const FEW = 3;

/** Whether there were few machines last time: what comes next time most likely looks the same. */
export const [amount, setAmount] = createPreference("overview.amount", ["few", "many"], "few");
