import type { SilenceScope } from "../../../server/contract/alerts.ts";
import type { ResourceKind } from "../../../server/contract/resource.ts";
import { createAnswer } from "../../api/answer.ts";
import { api } from "../../api/client.ts";
import { ManyPicker } from "../../ui/many-picker.tsx";
import {
  chosenResource,
  findKinds,
  findResources,
  findRules,
  findTags,
  kindOption,
  tagOption,
  unusedTags,
} from "./options.ts";
import { listed } from "./words.ts";

interface ScopePickerProps {
  value: SilenceScope;
  onChange: (scope: SilenceScope) => void;
  /** What is wrong, by the field; of one entry ("tags.2") it stands at its field. */
  errors?: Readonly<Record<string, string>>;
}

/** As the contract has them. */
const MOST = { resourceIds: 100, tags: 20, kinds: 20, rules: 50 } as const;

/**
 * Whom something is for: all that is named has to fit, of a list one; nothing named is everything. A list that is
 * empty is left out of the value.
 */
export function ScopePicker(props: ScopePickerProps) {
  const known = createAnswer(
    () => true,
    () => api.alerts.rules.query(),
  );
  const rules = () => known.value()?.rules ?? [];
  const unused = () => unusedTags(props.value.tags ?? []);
  const titleOf = (name: string) => rules().find((rule) => rule.name === name)?.title ?? name;
  const set = (field: keyof SilenceScope, values: string[]) => {
    const { [field]: _, ...rest } = props.value;
    props.onChange({ ...rest, ...(values.length > 0 && { [field]: values }) } as SilenceScope);
  };
  const wrong = (field: keyof SilenceScope) =>
    Object.entries(props.errors ?? {}).find(([path]) => path === field || path.startsWith(`${field}.`))?.[1];
  return (
    <div class="space-y-4">
      <ManyPicker
        label="Machines and other things"
        optional
        none="All of them"
        help="With all their parts: a machine's filesystems, disks, containers."
        chosen={(props.value.resourceIds ?? []).map(chosenResource)}
        find={findResources}
        most={MOST.resourceIds}
        onChange={(ids) => set("resourceIds", ids)}
        error={wrong("resourceIds")}
      />
      <ManyPicker
        label="Tags"
        optional
        none="Any, or none"
        help={
          unused().length > 0
            ? `Nothing has ${listed(unused(), "or")} now.`
            : "What has one of them, and its parts."
        }
        chosen={(props.value.tags ?? []).map(tagOption)}
        find={findTags}
        most={MOST.tags}
        onChange={(tags) => set("tags", tags)}
        error={wrong("tags")}
      />
      <ManyPicker
        label="Kinds"
        optional
        none="Every kind"
        chosen={(props.value.kinds ?? []).map((kind: ResourceKind) => kindOption(kind))}
        find={findKinds}
        most={MOST.kinds}
        onChange={(kinds) => set("kinds", kinds)}
        error={wrong("kinds")}
      />
      <ManyPicker
        label="Rules"
        optional
        none="Every rule"
        chosen={(props.value.rules ?? []).map((name) => ({ value: name, label: titleOf(name) }))}
        find={(typed) => findRules(rules(), typed)}
        most={MOST.rules}
        onChange={(names) => set("rules", names)}
        error={wrong("rules")}
      />
    </div>
  );
}
