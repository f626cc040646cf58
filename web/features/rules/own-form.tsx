import { createMemo, createSignal, Show } from "solid-js";
import type { OwnRule, RuleInfo } from "../../../server/contract/alerts.ts";
import { unitOf } from "../../../server/contract/metrics.ts";
import type { ResourceKind } from "../../../server/contract/resource.ts";
import { everything } from "../../state/inventory.ts";
import { Field, focusWrong } from "../../ui/field.tsx";
import { plural, text } from "../../ui/format.ts";
import { ManyPicker, type Option } from "../../ui/many-picker.tsx";
import { Segments } from "../../ui/segments.tsx";
import { toast } from "../../ui/toast.tsx";
import { labelOf } from "../compare/measures.ts";
import { formOf } from "../machine/units.ts";
import { findKinds, kindOption } from "../scope/options.ts";
import type { Book } from "./book.ts";
import { asWanted, nameFor, withOwn } from "./change.ts";
import { draftOf, readDraft } from "./draft.ts";
import { LevelFields } from "./level-fields.tsx";
import { createSaving, SavingFoot } from "./saving.tsx";
import { ruleWords } from "./words.ts";
import { Would } from "./would.tsx";

interface OwnFormProps {
  book: Book;
  /** The one to change; absent for a new one. */
  own?: OwnRule | undefined;
  onClose: () => void;
}

const DIRECTIONS = [
  { value: "above", label: "Too high" },
  { value: "below", label: "Too low" },
] as const;
const TITLE_MAX = 100;
const NEW_DELAY_MS = 60_000;
const KINDS_MOST = 20;

/** A rule of one's own: a limit on any metric there is. */
export function OwnForm(props: OwnFormProps) {
  const { own } = props;
  const [title, setTitle] = createSignal(own?.title ?? "");
  const [metric, setMetric] = createSignal(own?.metric ?? "");
  const [direction, setDirection] = createSignal<OwnRule["direction"]>(own?.direction ?? "above");
  const [kinds, setKinds] = createSignal<ResourceKind[]>(own?.kinds ?? []);
  const start = ruleOf(own, own && props.book.ruleOf(own.name));
  const [draft, setDraft] = createSignal(draftOf(start));
  const [tried, setTried] = createSignal(false);
  const saving = createSaving(props.book);
  const metrics = createMemo(knownMetrics);

  const rule = (): RuleInfo => ({ ...start, metric: metric(), direction: direction() });
  const read = createMemo(() => readDraft(draft(), rule()));
  const titleFault = () => (title().trim() === "" ? "What it is about, like Mail queue." : undefined);
  const metricFault = () => (metric() === "" ? "Find what it looks at." : undefined);
  const isFine = () => !titleFault() && !metricFault() && Object.keys(read().faults).length === 0;
  const wrong = (path: string, fault: string | undefined) =>
    (tried() ? fault : undefined) ??
    Object.entries(saving.refusal()?.fields ?? {}).find(([field]) => field.endsWith(path))?.[1];
  const name = () =>
    own?.name ?? nameFor(title().trim(), props.book.list()?.rules.map(({ name: taken }) => taken) ?? []);
  const made = (): OwnRule => ({
    name: name(),
    title: title().trim(),
    metric: metric(),
    direction: direction(),
    ...(kinds().length > 0 && { kinds: kinds() }),
    ...levelsOf(read().wanted),
  });

  const save = async (event: SubmitEvent) => {
    event.preventDefault();
    const form = event.currentTarget as HTMLFormElement;
    setTried(true);
    if (!isFine()) return focusWrong(form);
    const next = made();
    const { off, clearAfterMs } = read().wanted;
    const isPlain = !off && clearAfterMs === 0;
    const saved = await saving.run((settings) => {
      const with_ = withOwn(settings, next);
      if (isPlain) return with_;
      const change = { ...(off && { off }), ...(clearAfterMs > 0 && { clearAfterMs }) };
      return { ...with_, rules: { ...with_.rules, [next.name]: change } };
    });
    if (!saved) return focusWrong(form);
    toast(`${next.title} is set.`);
    props.onClose();
  };
  return (
    <form class="max-w-xl" aria-label={own?.title ?? "A rule of your own"} onSubmit={save} noValidate>
      <div class="space-y-4">
        <Field
          label="Title"
          value={title()}
          onInput={setTitle}
          maxLength={TITLE_MAX}
          autocomplete="off"
          autofocus={!own}
          error={wrong("title", titleFault())}
        />
        <ManyPicker
          label="Metric"
          one
          chosen={metric() ? [metricOption(metric(), metrics().get(metric()))] : []}
          find={(typed) => findMetrics(metrics(), typed)}
          onChange={([found]) => setMetric(found ?? "")}
          none="Like queue"
          help={nowWords(metric(), metrics().get(metric()))}
          error={wrong("metric", metricFault())}
        />
        <div>
          <p class="mb-1.5 font-medium" aria-hidden="true">
            Wrong when
          </p>
          <div class="flex">
            <Segments label="Wrong when" options={DIRECTIONS} value={direction()} onChoose={setDirection} />
          </div>
        </div>
        <ManyPicker
          label="Kinds"
          optional
          none="Whatever has the metric"
          most={KINDS_MOST}
          chosen={kinds().map(kindOption)}
          find={findKinds}
          onChange={(values) => setKinds(values as ResourceKind[])}
          error={wrong("kinds", undefined)}
        />
        <Show when={metric()}>
          <LevelFields
            rule={rule()}
            before={start}
            draft={draft()}
            onChange={setDraft}
            faults={read().faults}
            isTried={tried()}
          />
        </Show>
      </div>
      <div class="mt-4 min-h-10" role="status">
        <Show when={isFine()}>
          <p>
            Then: <span class="font-medium">{ruleWords(asWanted(rule(), read().wanted))}</span>.
          </p>
          <Show when={!read().wanted.off}>
            <Would asked={{ rule: name(), everywhere: null, own: made() }} />
          </Show>
        </Show>
      </div>
      <SavingFoot saving={saving} word={own ? "Save" : "Add"} onCancel={() => props.onClose()} />
    </form>
  );
}

function ruleOf(own: OwnRule | undefined, known: RuleInfo | undefined): RuleInfo {
  const level = (info: OwnRule["warning"]) =>
    info && { clear: info.trigger, ...info, delayMs: info.delayMs ?? NEW_DELAY_MS };
  const warning = level(own?.warning);
  const critical = level(own?.critical);
  return {
    name: own?.name ?? "",
    title: own?.title ?? "",
    says: "",
    metric: own?.metric ?? "",
    direction: own?.direction ?? "above",
    off: known?.off ?? false,
    clearAfterMs: known?.clearAfterMs ?? 0,
    ...(own ? warning && { warning } : { warning: { delayMs: NEW_DELAY_MS } }),
    ...(critical && { critical }),
  };
}

function levelsOf(wanted: Pick<RuleInfo, "warning" | "critical">): Pick<OwnRule, "warning" | "critical"> {
  const level = (info: RuleInfo["warning"]) =>
    info?.trigger === undefined ? undefined : { ...info, trigger: info.trigger };
  const [warning, critical] = [level(wanted.warning), level(wanted.critical)];
  return { ...(warning && { warning }), ...(critical && { critical }) };
}

interface Seen {
  /** Of one that has it: what it is called there. */
  kind: ResourceKind;
  many: number;
  least: number;
  most: number;
}

/** Every metric that anything has now, with how many have it and between what. */
function knownMetrics(): ReadonlyMap<string, Seen> {
  const found = new Map<string, Seen>();
  for (const { kind, metrics } of everything())
    for (const [name, value] of Object.entries(metrics)) {
      const seen = found.get(name);
      if (!seen) found.set(name, { kind, many: 1, least: value, most: value });
      else {
        seen.many += 1;
        seen.least = Math.min(seen.least, value);
        seen.most = Math.max(seen.most, value);
      }
    }
  return found;
}

function metricOption(name: string, seen: Seen | undefined): Option {
  const hint = seen && `${labelOf({ kind: seen.kind, metric: name })}, of ${plural(seen.many, "thing")}`;
  return { value: name, label: name, hint };
}

function findMetrics(known: ReadonlyMap<string, Seen>, typed: string): Option[] {
  const words = typed.toLowerCase().split(/[\s_]+/);
  return [...known]
    .filter(([name, seen]) => {
      const said = `${name} ${labelOf({ kind: seen.kind, metric: name }).toLowerCase()}`;
      return words.every((word) => said.includes(word));
    })
    .map(([name, seen]) => metricOption(name, seen))
    .sort((one, other) => (one.value < other.value ? -1 : 1));
}

function nowWords(metric: string, seen: Seen | undefined): string {
  if (!metric) return "";
  if (!seen) return "Nothing has it now.";
  const { figure } = formOf(unitOf(metric));
  const [least, most] = [text(figure(seen.least)), text(figure(seen.most))];
  return least === most ? `It is ${least} now.` : `Between ${least} and ${most} now.`;
}
