import { A } from "@solidjs/router";
import { For, type JSX, Show } from "solid-js";
import type { Channel } from "../../../server/contract/notifications.ts";
import type { RestPolicy, Route, RouteSettings } from "../../../server/contract/routes.ts";
import { explain } from "../../api/errors.ts";
import { Button } from "../../ui/button.tsx";
import { DownIcon, UpIcon } from "../../ui/icons.tsx";
import { keepFocus } from "../../ui/keep-focus.ts";
import { moveThroughRows } from "../../ui/keyboard.ts";
import { LinkButton } from "../../ui/link-button.tsx";
import { Notice } from "../../ui/notice.tsx";
import { showIfNamed } from "../../ui/page-focus.ts";
import { toast } from "../../ui/toast.tsx";
import { EditLink } from "../forms/edit-link.tsx";
import { createRouteBook, createRouteNames } from "./book.ts";
import { type At, moved } from "./draft.ts";
import { Observing } from "./observing.tsx";
import { howWords, type RouteNames, whatWords, whomWords } from "./words.ts";
import { WouldBeTold } from "./would-be-told.tsx";

export const ROUTES_AT = "/settings/notifications/routes";

/** Who is told of which alerts, in the order in which it is decided. */
export function WhoIsTold(props: { channels: readonly Channel[] }) {
  const book = createRouteBook();
  const names = createRouteNames(() => props.channels);
  const change = async (how: (settings: RouteSettings) => RouteSettings, done?: string) => {
    try {
      await book.change(how);
      if (done) toast(done);
    } catch (error) {
      toast(explain(error).words);
    }
  };
  return (
    <section aria-labelledby="who-is-told" class="mb-10">
      <div class="flex flex-wrap items-start justify-between gap-x-6 gap-y-2">
        <div class="min-w-0 flex-1 basis-64">
          <h2 id="who-is-told" ref={showIfNamed} class="scroll-mt-20 font-semibold">
            Who is told
          </h2>
          <p class="text-ink-2">From top to bottom: the first that fits an alert decides.</p>
        </div>
        <LinkButton href={`${ROUTES_AT}/new`}>Add a route</LinkButton>
      </div>
      <Show when={book.refusal()}>{(refused) => <Notice>{refused().words}</Notice>}</Show>
      <Show when={book.list()} fallback={<div class="skeleton mt-3 h-16 w-full" />}>
        {(list) => (
          <>
            <ol
              ref={keepFocus}
              aria-label="Routes"
              class="mt-3 divide-y divide-line border-y border-line"
              onKeyDown={(event) => moveThroughRows(event)}
            >
              <For each={list().settings.routes}>
                {(route, at) => (
                  <Row
                    at={at()}
                    title={route.name}
                    isOff={route.enabled === false}
                    what={whatWords(route.match, names)}
                    policy={route}
                    names={names}
                  >
                    <RouteDeeds
                      route={route}
                      at={at()}
                      last={list().settings.routes.length - 1}
                      busy={book.busy()}
                      change={change}
                    />
                  </Row>
                )}
              </For>
              <Row
                at="rest"
                title={list().settings.routes.length > 0 ? "Everything else" : "Everything"}
                policy={list().settings.rest}
                names={names}
              />
            </ol>
            <Observing list={list()} busy={book.busy()} change={change} />
            <Show when={props.channels.length > 0}>
              <WouldBeTold news={JSON.stringify(list())} />
            </Show>
          </>
        )}
      </Show>
    </section>
  );
}

function Row(props: {
  at: At;
  title: string;
  what?: string;
  policy: RestPolicy & Pick<Route, "goesOn">;
  names: RouteNames;
  isOff?: boolean;
  children?: JSX.Element;
}) {
  const how = () => howWords(props.policy, props.names);
  return (
    <li class="flex flex-wrap items-start gap-x-6 gap-y-1.5 py-3">
      <div class="min-w-0 flex-1 basis-72">
        <A
          href={`${ROUTES_AT}/${props.at}`}
          data-row=""
          class="inline-block min-h-6 min-w-7 py-0.5 font-medium break-words hover:text-accent hover:underline focus-visible:text-accent focus-visible:underline"
        >
          {props.title}
        </A>
        <Show when={props.isOff}>
          <span class="text-ink-2"> · turned off</span>
        </Show>
        <p class="break-words" classList={{ "text-ink-2": props.isOff }}>
          <Show when={props.what}>{(what) => <>{what()} </>}</Show>
          <span class="text-ink-3" aria-hidden="true">
            →
          </span>
          <span class="sr-only"> goes to </span> <span>{whomWords(props.policy, props.names)}</span>
        </p>
        <For each={how()}>
          {(part) => (
            <p class="text-sm break-words text-ink-2">{part.charAt(0).toUpperCase() + part.slice(1)}</p>
          )}
        </For>
      </div>
      <div class="-mx-2 flex flex-wrap gap-1">
        <EditLink href={`${ROUTES_AT}/${props.at}`} name={props.title} />
        {props.children}
      </div>
    </li>
  );
}

function RouteDeeds(props: {
  route: Route;
  at: number;
  last: number;
  busy: boolean;
  change: (how: (settings: RouteSettings) => RouteSettings, done?: string) => Promise<void>;
}) {
  const { name } = props.route;
  const step = (by: 1 | -1) => props.change((settings) => moved(settings, props.at, by));
  const flip = () => {
    const { enabled: was = true, ...route } = props.route;
    const next = was ? { ...route, enabled: false } : route;
    return props.change(
      (settings) => ({ ...settings, routes: settings.routes.with(props.at, next) }),
      was ? `${name} is turned off.` : `${name} counts again.`,
    );
  };
  return (
    <>
      <Button
        look="quiet"
        aria-label={`Move ${name} up`}
        title="Move up"
        disabled={props.at === 0}
        busy={props.busy}
        onClick={() => void step(-1)}
      >
        <UpIcon />
      </Button>
      <Button
        look="quiet"
        aria-label={`Move ${name} down`}
        title="Move down"
        disabled={props.at === props.last}
        busy={props.busy}
        onClick={() => void step(1)}
      >
        <DownIcon />
      </Button>
      <Button
        look="quiet"
        aria-label={`${props.route.enabled === false ? "Turn on" : "Turn off"} ${name}`}
        busy={props.busy}
        onClick={() => void flip()}
      >
        {props.route.enabled === false ? "Turn on" : "Turn off"}
      </Button>
    </>
  );
}
