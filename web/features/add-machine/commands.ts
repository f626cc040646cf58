/** What is run on the machine, and what the address in it means there. Pure. */

export type Way = "service" | "containers" | "by-hand";

export const WAYS: readonly { value: Way; label: string }[] = [
  { value: "service", label: "Linux service" },
  { value: "containers", label: "With its containers" },
  { value: "by-hand", label: "By hand" },
];

/** The server's line and the two others that follow from it. */
export function commandFor(way: Way, line: string, token: string): string {
  if (way === "service") return line;
  if (way === "containers") return `${line} --docker`;
  return `pulse agent --server ${serverOf(line)} --token ${token}`;
}

/** The address the machine will report to. */
export function serverOf(line: string): string {
  return /\bhttps?:\/\/[^/\s]+/.exec(line)?.[0] ?? "";
}

/** A name under which every machine finds itself, and no other. */
export function isOnlyHere(server: string): boolean {
  if (!URL.canParse(server)) return false;
  const { hostname } = new URL(server);
  return (
    hostname === "localhost" ||
    hostname.endsWith(".localhost") ||
    /^127(?:\.\d+){3}$|^\[::1\]$/.test(hostname)
  );
}
