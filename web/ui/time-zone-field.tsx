import { ManyPicker, type Option } from "./many-picker.tsx";
import { offsetAt, ownTimeZone, timeZones } from "./time-zones.ts";

interface TimeZoneFieldProps {
  value: string;
  onChange: (timeZone: string) => void;
  error?: string | undefined;
}

const SHOWN = 30;

/** Whose clock on the wall counts. */
export function TimeZoneField(props: TimeZoneFieldProps) {
  const now = Date.now();
  const optionOf = (zone: string): Option => ({
    value: zone,
    label: zone.replaceAll("_", " "),
    hint: offsetAt(zone, now),
  });
  const find = (typed: string) => {
    if (!typed) return [...new Set([ownTimeZone(), "UTC"])].map(optionOf);
    const wanted = typed.toLowerCase().replaceAll(" ", "_");
    return timeZones()
      .filter((zone) => zone.toLowerCase().includes(wanted))
      .slice(0, SHOWN)
      .map(optionOf);
  };
  return (
    <ManyPicker
      label="Time zone"
      one
      chosen={props.value ? [optionOf(props.value)] : []}
      find={find}
      onChange={([zone]) => props.onChange(zone ?? "")}
      none="A city, like Berlin"
      help="By the clock on the wall there, in summer and in winter."
      error={props.error}
    />
  );
}
