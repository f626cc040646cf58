/**
 * Share of the last 10 seconds in which at least one task waited for the resource, in percent. The
 * same format in /proc/pressure/* and in a cgroup's `*.pressure`.
 */
export function parsePressure(text: string): number | undefined {
  const share = /^some avg10=(\d+(?:\.\d+)?)/m.exec(text)?.[1];
  return share === undefined ? undefined : Number(share);
}
