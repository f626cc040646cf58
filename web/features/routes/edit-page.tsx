import { useNavigate, useParams } from "@solidjs/router";
import { Show } from "solid-js";
import type { RouteSettings } from "../../../server/contract/routes.ts";
import { createAnswer } from "../../api/answer.ts";
import { api } from "../../api/client.ts";
import { Notice } from "../../ui/notice.tsx";
import { toast } from "../../ui/toast.tsx";
import { RemoveButton } from "../forms/deeds.tsx";
import { SettingsFrame } from "../settings/frame.tsx";
import { administers } from "../settings/links.ts";
import { createRouteBook } from "./book.ts";
import { type At, atFrom, type Draft, draftOf, withDraft } from "./draft.ts";
import { RouteForm } from "./route-form.tsx";
import { WouldBeTold } from "./would-be-told.tsx";

const NOTIFICATIONS = { href: "/settings/notifications", label: "Notifications" };

export function RoutePage() {
  return (
    <Show
      when={administers()}
      fallback={
        <SettingsFrame title="Route" back={NOTIFICATIONS}>
          <div class="mt-6">
            <Notice>Who is told is set by admins.</Notice>
          </div>
        </SettingsFrame>
      }
    >
      <ForAdmins />
    </Show>
  );
}

function ForAdmins() {
  const navigate = useNavigate();
  const params = useParams<{ at: string }>();
  const book = createRouteBook();
  const channels = createAnswer(
    () => true,
    () => api.notifications.channels.query(),
  );
  const at = () => atFrom(params.at);
  const policy = () => {
    const here = at();
    const settings = book.list()?.settings;
    if (here === undefined || !settings) return undefined;
    if (here === "new") return { channels: [] };
    return here === "rest" ? settings.rest : settings.routes[here];
  };
  const title = () => {
    if (at() === "new") return "New route";
    if (at() !== "rest") return (policy() as { name?: string } | undefined)?.name ?? "Route";
    return book.list()?.settings.routes.length === 0 ? "Everything" : "Everything else";
  };
  const key = () => (book.list() && channels.value() && policy() ? String(at()) : undefined);
  const back = (words: string) => {
    toast(words);
    navigate(NOTIFICATIONS.href);
  };
  /* By its name: somebody may have moved it meanwhile, or taken it away. */
  const opened = () => (policy() as { name?: string } | undefined)?.name;
  const placeIn = (settings: RouteSettings, name: string | undefined): At => {
    const here = at() ?? "new";
    if (typeof here !== "number") return here;
    const place = settings.routes.findIndex((route) => route.name === name);
    return place < 0 ? "new" : place;
  };
  const save = async (draft: Draft, name: string | undefined) => {
    await book.change((settings) => withDraft(settings, placeIn(settings, name), draft));
    back(at() === "rest" ? "It is saved." : `${draft.name.trim()} is saved.`);
  };
  const remove = (name: string | undefined) =>
    book.change((settings) => ({
      ...settings,
      routes: settings.routes.filter((route) => route.name !== name),
    }));
  return (
    <SettingsFrame
      title={title()}
      lead={at() === "rest" ? "What no route has kept." : "Who is told of which alerts, when and how often."}
      back={NOTIFICATIONS}
    >
      <div class="mt-6">
        <Show
          when={key()}
          keyed
          fallback={
            <Show
              when={(book.list() && channels.value()) || book.refusal()}
              fallback={<div class="skeleton h-64 w-full max-w-xl" />}
            >
              <Notice>{book.refusal()?.words ?? "There is no such route, or not any more."}</Notice>
            </Show>
          }
        >
          {(place) => {
            const name = opened();
            return (
              <RouteForm
                at={atFrom(place) as At}
                draft={draftOf(policy() ?? { channels: [] })}
                channels={channels.value()?.channels ?? []}
                settings={book.list()?.settings ?? { routes: [], rest: { channels: "all" } }}
                busy={book.busy()}
                save={(draft) => save(draft, name)}
                onCancel={() => navigate(NOTIFICATIONS.href)}
              >
                <Show when={name}>
                  {(known) => (
                    <span class="ml-auto">
                      <RemoveButton
                        name={known()}
                        act={() => remove(name)}
                        onDone={() => navigate(NOTIFICATIONS.href)}
                      >
                        What it was for goes by the routes below it.
                      </RemoveButton>
                    </span>
                  )}
                </Show>
              </RouteForm>
            );
          }}
        </Show>
        {/* It answers for what is saved, of which a new one is no part. */}
        <Show when={key() && at() !== "new"}>
          <WouldBeTold news={JSON.stringify(book.list())} />
        </Show>
      </div>
    </SettingsFrame>
  );
}
