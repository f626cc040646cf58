/** Times one asks about afterwards, in the viewer's own zone. */
export interface Stretch {
  id: string;
  label: string;
  from: number;
  to: number;
}

const NIGHT = { fromHour: 22, toHour: 6 };

/** A night that is still going on is the last one too. */
export function stretches(now: number): Stretch[] {
  const today = new Date(now);
  const at = (days: number, hour: number) =>
    new Date(today.getFullYear(), today.getMonth(), today.getDate() + days, hour).getTime();
  const begun = today.getHours() >= NIGHT.fromHour ? 0 : -1;
  return [
    {
      id: "night",
      label: "Last night",
      from: at(begun, NIGHT.fromHour),
      to: at(begun + 1, NIGHT.toHour),
    },
    { id: "yesterday", label: "Yesterday", from: at(-1, 0), to: at(0, 0) },
  ];
}
