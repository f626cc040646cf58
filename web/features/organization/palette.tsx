import type { PaletteEntry } from "../../state/places.ts";
import { NextIcon } from "../../ui/icons.tsx";
import { choices } from "./choices.ts";
import { here } from "./standing.ts";

/** The way to other organizations; the panels of this one are among the settings. */
export function paletteEntries(): PaletteEntry[] {
  return choices()
    .filter(({ org, run }) => run && (!org || org.id !== here()?.id))
    .map(({ id, name, org, run }) => ({
      id,
      name,
      hint: org ? "Organization" : "Page",
      icon: () => <NextIcon />,
      run: () => run?.(),
    }));
}
