import { createMemo } from "solid-js";
import { unwrap } from "solid-js/store";
import type { RankBy } from "../../../server/contract/history.ts";
import type { Resource } from "../../../server/contract/resource.ts";
import { nowByMinute } from "../../state/clock.ts";
import { compareNames, everything } from "../../state/inventory.ts";
import { picture } from "../../state/live.ts";
import { Segments } from "../../ui/segments.tsx";
import { Select } from "../../ui/select.tsx";
import type { TimeWindow } from "../machine/window.ts";
import { KINDS } from "../resource/kinds.ts";
import { tagsOf } from "../resource/tags.ts";
import { labelOf, type Measured } from "./measures.ts";
import { type Stretch, stretches, stretchIn } from "./nights.ts";
import { type Question, waysOf } from "./question.ts";

interface ChoiceBarProps {
  question: Question;
  measured: readonly Measured[];
  window: TimeWindow;
  onChange: (change: Partial<Question>) => void;
  onStretch: (stretch: Stretch) => void;
}

const WAYS: Record<RankBy, string> = { avg: "By average", max: "By highest", total: "By total" };

/** What is compared, where, by what, and the times one asks about most. */
export function ChoiceBar(props: ChoiceBarProps) {
  const what = () => keyOf(props.question);
  const choices = createMemo(() => {
    const { kind, metric } = props.question;
    const known = props.measured.some((one) => one.kind === kind && one.metric === metric);
    return [...(known ? [] : [{ kind, metric }]), ...props.measured].map((one) => ({
      value: keyOf(one),
      label: `${labelOf(one)} of ${KINDS[one.kind].many.toLowerCase()}`,
    }));
  });
  const places = createMemo(() => placesOf(everything(), props.question));
  const where = () => {
    const { within, tag } = props.question;
    return within ? `in ${within}` : tag ? `tag ${tag}` : "";
  };
  const times = createMemo(() => stretches(nowByMinute()));
  return (
    <div class="grid grid-cols-1 gap-2 sm:flex sm:flex-wrap">
      <Select
        bare
        label="What is compared"
        value={what()}
        options={choices()}
        onChoose={(value) => {
          const found = props.measured.find((one) => keyOf(one) === value);
          if (!found) return;
          const isOther = found.kind !== props.question.kind;
          props.onChange({ ...found, by: undefined, ...(isOther && { picked: [], only: false }) });
        }}
      />
      <Select
        bare
        label="Where"
        value={where()}
        options={places()}
        onChoose={(value) => {
          const [how, rest] = [value.slice(0, value.indexOf(" ")), value.slice(value.indexOf(" ") + 1)];
          props.onChange({
            within: how === "in" ? (rest as Resource["id"]) : undefined,
            tag: how === "tag" ? rest : undefined,
            only: false,
          });
        }}
      />
      <div class="flex flex-wrap gap-2">
        <Select
          bare
          label="Ranked by"
          value={props.question.by}
          options={waysOf(props.question.metric).map((way) => ({ value: way, label: WAYS[way] }))}
          onChoose={(by) => props.onChange({ by })}
        />
        <Segments
          label="Time"
          value={stretchIn(times(), props.window.fixed)}
          options={times().map(({ id, label }) => ({ value: id, label }))}
          onChoose={(id) => {
            const stretch = times().find((one) => one.id === id);
            if (stretch) props.onStretch(stretch);
          }}
        />
      </div>
    </div>
  );
}

function keyOf({ kind, metric }: Measured): string {
  return `${kind} ${metric}`;
}

/** Whatever has something of the kind in it, and every tag one of it has. */
function placesOf(
  resources: readonly Resource[],
  { kind, within, tag }: Question,
): { value: string; label: string }[] {
  const wholes = new Set<string>(within ? [within] : []);
  const tags = new Set<string>(tag ? [tag] : []);
  for (const resource of resources.map((one) => unwrap(one))) {
    if (resource.kind !== kind) continue;
    for (const one of tagsOf(resource)) tags.add(one);
    let parentId = resource.parentId;
    for (let depth = 0; parentId && depth < DEPTH_MAX; depth++) {
      wholes.add(parentId);
      parentId = unwrap(picture.resources)[parentId]?.parentId;
    }
  }
  const named = [...wholes]
    .map((id) => ({ value: `in ${id}`, name: unwrap(picture.resources)[id]?.name ?? "what is not here" }))
    .sort(compareNames);
  return [
    { value: "", label: "Everywhere" },
    ...named.map(({ value, name }) => ({ value, label: `In ${name}` })),
    ...[...tags].sort().map((one) => ({ value: `tag ${one}`, label: `Tagged ${one}` })),
  ];
}

/** A part of a part of a part: as deep as the server looks. */
const DEPTH_MAX = 8;
