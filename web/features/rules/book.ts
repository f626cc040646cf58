import { createEffect, createSignal, on } from "solid-js";
import type { RuleInfo, RuleList, RuleSettings } from "../../../server/contract/alerts.ts";
import { api } from "../../api/client.ts";
import { explain, type Refusal } from "../../api/errors.ts";
import { createRenewed } from "../../api/renewed.ts";

/** Nothing tells of a changed rule: it is asked for now and then. */
const LOOK_EVERY_MS = 15_000;

export interface Book {
  list: () => RuleList | undefined;
  refusal: () => Refusal | undefined;
  ruleOf: (name: string) => RuleInfo | undefined;
  /** As it is without anybody's change; of a rule of one's own as it was made. */
  defaultOf: (name: string) => RuleInfo | undefined;
  /** What is begun now is meant for the rules as they are now. */
  begin: () => void;
  /**
   * Sets what `edit` makes of the newest settings. Refused when somebody else has changed the rules since `begin`: then
   * the newest are there, and the next try is meant for them.
   */
  save: (edit: (settings: RuleSettings) => RuleSettings) => Promise<Refusal | undefined>;
}

export function createBook(): Book {
  const asked = createRenewed(() => api.alerts.rules.query(), LOOK_EVERY_MS);
  const [begun, setBegun] = createSignal<number>();
  const list = asked.value;
  const begin = () => setBegun(list()?.revision);
  createEffect(on(() => list() !== undefined, begin));
  const save: Book["save"] = async (edit) => {
    const known = list();
    if (!known) return undefined;
    try {
      const settings = edit(JSON.parse(JSON.stringify(known.settings)));
      await api.alerts.setRules.mutate({ revision: begun() ?? known.revision, settings });
    } catch (error) {
      const refusal = explain(error);
      if (refusal.reason === "conflict") {
        await asked.ask();
        begin();
      }
      return refusal;
    }
    await asked.ask();
    begin();
    return undefined;
  };
  const named = (name: string, among: readonly RuleInfo[] | undefined) =>
    among?.find((rule) => rule.name === name);
  return {
    list,
    refusal: asked.refusal,
    ruleOf: (name) => named(name, list()?.rules),
    defaultOf: (name) => named(name, list()?.defaults),
    begin,
    save,
  };
}
