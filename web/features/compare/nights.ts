/** Times one asks about afterwards, in the viewer's own zone. */
import type { Bounds } from "../machine/window.ts";

export interface Stretch extends Bounds {
  id: string;
  label: string;
  /** It ends now, and later when asked again. */
  goesOn: boolean;
}

const NIGHT = { fromHour: 22, toHour: 6 };

/** A night that is still going on is the last one too. */
export function stretches(now: number): Stretch[] {
  const today = new Date(now);
  const at = (days: number, hour: number) =>
    new Date(today.getFullYear(), today.getMonth(), today.getDate() + days, hour).getTime();
  const begun = today.getHours() >= NIGHT.fromHour ? 0 : -1;
  const end = at(begun + 1, NIGHT.toHour);
  return [
    {
      id: "night",
      label: "Last night",
      from: at(begun, NIGHT.fromHour),
      to: Math.min(now, end),
      goesOn: end > now,
    },
    { id: "yesterday", label: "Yesterday", from: at(-1, 0), to: at(0, 0), goesOn: false },
  ];
}

/** Which of them is on show. */
export function stretchIn(all: readonly Stretch[], shown: Bounds | undefined): string | undefined {
  return all.find(({ from, to, goesOn }) => from === shown?.from && (goesOn || to === shown.to))?.id;
}
