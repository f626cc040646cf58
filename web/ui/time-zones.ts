/** The zone the browser's clock goes by. */
export function ownTimeZone(): string {
  return new Intl.DateTimeFormat().resolvedOptions().timeZone || "UTC";
}

/** All the browser knows, and UTC, which it leaves out. */
export function timeZones(): string[] {
  return ["UTC", ...Intl.supportedValuesOf("timeZone").filter((zone) => zone !== "UTC")];
}

/** "Europe/Berlin" as it is said: "Berlin"; whether two places share a name does not matter where the whole stands beside it. */
export function cityOf(timeZone: string): string {
  return timeZone.slice(timeZone.lastIndexOf("/") + 1).replaceAll("_", " ");
}

/** "+01:00", as it is at that moment; empty where the zone is none. */
export function offsetAt(timeZone: string, at: number): string {
  try {
    const parts = new Intl.DateTimeFormat("en", { timeZone, timeZoneName: "longOffset" }).formatToParts(at);
    const name = parts.find(({ type }) => type === "timeZoneName")?.value ?? "";
    return name.replace("GMT", "") || "+00:00";
  } catch {
    return "";
  }
}
