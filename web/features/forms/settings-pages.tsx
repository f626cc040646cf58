/** The pages of the settings on which something is set up and changed: sources, channels. */
import { useNavigate, useParams, useSearchParams } from "@solidjs/router";
import { type JSX, Show } from "solid-js";
import { Notice } from "../../ui/notice.tsx";
import { toast } from "../../ui/toast.tsx";
import { SettingsFrame } from "../settings/frame.tsx";
import { administers } from "../settings/links.ts";
import type { FormKind } from "./field.ts";
import { TypePicker } from "./type-picker.tsx";

interface About<Type extends string> {
  /** The list it stands in. */
  list: { href: string; label: string };
  kinds: Readonly<Record<Type, FormKind>>;
  /** Whoever is not an admin is told so. */
  adminsOnly: string;
}

interface NewPageProps<Type extends string> extends About<Type> {
  title: string;
  question: string;
  types: readonly Type[];
  typesLabel: string;
  form: (type: Type, saved: (words: string) => void) => JSX.Element;
}

/** First what it is, then the form for it. */
export function NewPage<Type extends string>(props: NewPageProps<Type>) {
  const navigate = useNavigate();
  const [query] = useSearchParams();
  const here = () => `${props.list.href}/new`;
  const type = () => props.types.find((each) => each === query["type"]);
  const saved = (words: string) => {
    toast(words);
    navigate(props.list.href);
  };
  return (
    <Show
      when={type()}
      keyed
      fallback={
        <SettingsFrame title={props.title} lead={props.question} back={props.list}>
          <ForAdmins words={props.adminsOnly}>
            <TypePicker types={props.types} kinds={props.kinds} label={props.typesLabel} to={here()} />
          </ForAdmins>
        </SettingsFrame>
      }
    >
      {(chosen) => (
        <SettingsFrame
          title={props.kinds[chosen].label}
          lead={props.kinds[chosen].words}
          back={{ href: here(), label: props.title }}
        >
          <ForAdmins words={props.adminsOnly}>{props.form(chosen, saved)}</ForAdmins>
        </SettingsFrame>
      )}
    </Show>
  );
}

interface Thing<Type> {
  id: string;
  name: string;
  type: Type;
}

interface EditPageProps<Type extends string, Known extends Thing<Type>> extends About<Type> {
  /** "source" */
  what: string;
  /** All there are, when they are known; what keeps them from being known. */
  things: readonly Known[] | undefined;
  refusal: string | undefined;
  action?: (thing: Known) => JSX.Element;
  form: (thing: Known, saved: () => void, removed: () => void) => JSX.Element;
}

export function EditPage<Type extends string, Known extends Thing<Type>>(props: EditPageProps<Type, Known>) {
  const navigate = useNavigate();
  const { id } = useParams<{ id: string }>();
  const thing = () => props.things?.find((each) => each.id === id);
  const back = () => navigate(props.list.href);
  const capital = () => props.what.charAt(0).toUpperCase() + props.what.slice(1);
  return (
    <SettingsFrame
      title={thing()?.name ?? capital()}
      lead={kindOf(props.kinds, thing())?.label}
      back={props.list}
      action={<Show when={administers() && thing()}>{(known) => props.action?.(known())}</Show>}
    >
      <ForAdmins words={props.adminsOnly}>
        <Show
          when={thing()?.id}
          keyed
          fallback={
            <Show
              when={props.things || props.refusal}
              fallback={<div class="skeleton h-64 w-full max-w-xl" />}
            >
              <Notice>{props.refusal ?? `There is no such ${props.what}, or not any more.`}</Notice>
            </Show>
          }
        >
          <Show when={thing()}>
            {(known) =>
              props.form(
                known(),
                () => {
                  toast(`${known().name} is saved.`);
                  back();
                },
                back,
              )
            }
          </Show>
        </Show>
      </ForAdmins>
    </SettingsFrame>
  );
}

function kindOf<Type extends string>(kinds: Readonly<Record<Type, FormKind>>, thing?: Thing<Type>) {
  return thing && kinds[thing.type];
}

function ForAdmins(props: { words: string; children: JSX.Element }) {
  return (
    <div class="mt-6">
      <Show when={administers()} fallback={<Notice>{props.words}</Notice>}>
        {props.children}
      </Show>
    </div>
  );
}
