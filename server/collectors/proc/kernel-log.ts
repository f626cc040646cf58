/** Records of /dev/kmsg: "6,1234,5678901,-;what was said", and lines of a dictionary that begin with a space. */

export interface KernelKill {
  process: string;
  /** It had reached a limit somebody has set: the machine itself had memory left. */
  isOfLimit: boolean;
}

/** Since kernel 4.19 each kill for want of memory is summed up in one line. */
const SUMMED_UP = /^oom-kill:constraint=CONSTRAINT_([A-Z_]+),.*\btask=(.*),pid=\d+,uid=\d+$/;
/** Before that the victim alone was named. */
const KILLED = /^(Memory cgroup out of memory|Out of memory): Kill(?:ed)? process \d+,? \(([^)]*)\)/;

/** Undefined for a record of anything else. Which line is there is the kernel's: a kill has only one that counts. */
export function parseKill(record: string, isSummedUp: boolean): KernelKill | undefined {
  const said = record.slice(record.indexOf(";") + 1).split("\n")[0] ?? "";
  const match = (isSummedUp ? SUMMED_UP : KILLED).exec(said);
  if (!match?.[1] || match[2] === undefined) return undefined;
  return { process: match[2], isOfLimit: match[1] === "MEMCG" || match[1].startsWith("Memory cgroup") };
}

/** Which record it is; every later one has a greater number. */
export function numberOf(record: string): number {
  return Number(record.split(",", 2)[1] ?? Number.NaN);
}
