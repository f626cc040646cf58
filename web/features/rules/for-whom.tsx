import { createSignal, Match, Switch } from "solid-js";
import type { RuleInfo, RuleOverride } from "../../../server/contract/alerts.ts";
import type { ResourceKind } from "../../../server/contract/resource.ts";
import { ManyPicker, type Option } from "../../ui/many-picker.tsx";
import { Select } from "../../ui/select.tsx";
import {
  chosenResource,
  findKinds,
  findResources,
  findTags,
  kindOption,
  tagOption,
} from "../scope/options.ts";

type Scope = RuleOverride["scope"];
type Sort = "tag" | "kind" | "resourceId";

const SORTS: { value: Sort; label: string }[] = [
  { value: "resourceId", label: "One machine or other thing" },
  { value: "tag", label: "What has a tag" },
  { value: "kind", label: "One kind" },
];

const WANTED: Record<Sort, string> = {
  resourceId: "Find the one it is for.",
  tag: "A tag, like db.",
  kind: "One of the kinds.",
};

export interface Whom {
  sort: () => Sort;
  setSort: (sort: Sort) => void;
  named: () => string;
  setNamed: (named: string) => void;
  /** Only where nothing is `wrong`. */
  scope: () => Scope;
  wrong: () => string | undefined;
}

export function createWhom(given: Scope | undefined): Whom {
  const [sort, setSort] = createSignal<Sort>(sortOf(given));
  const [named, setNamed] = createSignal<string>(given?.tag ?? given?.kind ?? given?.resourceId ?? "");
  return {
    sort,
    setSort: (next) => {
      setSort(next);
      setNamed("");
    },
    named,
    setNamed,
    scope: () => ({ [sort()]: named() }) as Scope,
    wrong: () => (named() === "" ? WANTED[sort()] : undefined),
  };
}

function sortOf(scope: Scope | undefined): Sort {
  if (scope?.tag !== undefined) return "tag";
  return scope?.kind !== undefined ? "kind" : "resourceId";
}

/** What an override is for: one thing, a tag, or one of the `kinds`. */
export function ForWhom(props: { label: string; whom: Whom; kinds?: RuleInfo["kinds"]; isTried: boolean }) {
  return (
    <>
      <Select
        label={props.label}
        options={SORTS}
        value={props.whom.sort()}
        onChoose={(sort) => props.whom.setSort(sort)}
      />
      <Name
        {...props}
        chosen={(option) => (props.whom.named() ? [option(props.whom.named())] : [])}
        error={props.isTried ? props.whom.wrong() : undefined}
      />
    </>
  );
}

function Name(props: {
  whom: Whom;
  kinds?: RuleInfo["kinds"];
  chosen: (option: (value: string) => Option) => Option[];
  error: string | undefined;
}) {
  const choose = ([value]: string[]) => props.whom.setNamed(value ?? "");
  const kinds = (typed: string) =>
    findKinds(typed).filter(({ value }) => props.kinds?.includes(value as ResourceKind) ?? true);
  return (
    <Switch>
      <Match when={props.whom.sort() === "resourceId"}>
        <ManyPicker
          label="Which"
          one
          chosen={props.chosen(chosenResource)}
          find={findResources}
          onChange={choose}
          help="With all its parts."
          error={props.error}
        />
      </Match>
      <Match when={props.whom.sort() === "tag"}>
        <ManyPicker
          label="Tag"
          one
          chosen={props.chosen(tagOption)}
          find={findTags}
          onChange={choose}
          help="What has it, and all its parts."
          error={props.error}
        />
      </Match>
      <Match when={true}>
        <ManyPicker
          label="Kind"
          one
          chosen={props.chosen((kind) => kindOption(kind as ResourceKind))}
          find={kinds}
          onChange={choose}
          error={props.error}
        />
      </Match>
    </Switch>
  );
}
