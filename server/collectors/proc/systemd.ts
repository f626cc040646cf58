/** Failed units of one machine that are read at most. */
const UNIT_LIMIT = 1_000;

const UNIT_NAME =
  /^[^\s/]{1,255}\.(?:service|socket|mount|automount|timer|path|device|swap|target|slice|scope)$/;

/**
 * `systemctl list-units --failed --plain --no-legend`: one unit per line, its name first. Some
 * versions put a dot before it all the same.
 */
export function parseFailedUnits(text: string): string[] {
  return text
    .split("\n", UNIT_LIMIT)
    .map((line) => line.replace(/^[\s●*×]+/, "").split(/\s/, 1)[0] ?? "")
    .filter((name) => UNIT_NAME.test(name));
}
