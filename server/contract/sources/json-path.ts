/**
 * `status.disks[0].free`: one value in a JSON document. Names and places, nothing else: no wildcards, no
 * filters, so that finding it takes as many steps as the path has.
 */

export type JsonStep = string | number;

const STEPS_LIMIT = 20;
const STEP = /(?:^|(?<=.)\.)([A-Za-z0-9_$@:-]{1,100})|\[(\d{1,6})\]/y;

/** Undefined for a text that is no path. */
export function findJsonSteps(path: string): JsonStep[] | undefined {
  const steps: JsonStep[] = [];
  STEP.lastIndex = 0;
  while (STEP.lastIndex < path.length) {
    const found = STEP.exec(path);
    if (!found || steps.length >= STEPS_LIMIT) return undefined;
    steps.push(found[2] === undefined ? found[1]! : Number(found[2]));
  }
  return steps.length > 0 ? steps : undefined;
}

/** Undefined when there is nothing at that path. */
export function findJsonValue(document: unknown, path: string): unknown {
  let value: unknown = document;
  for (const step of findJsonSteps(path) ?? []) {
    if (typeof value !== "object" || value === null || !Object.hasOwn(value, step)) return undefined;
    value = (value as Record<JsonStep, unknown>)[step];
  }
  return value;
}
