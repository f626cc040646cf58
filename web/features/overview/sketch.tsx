import { For, Match, Switch } from "solid-js";
import { amount, view } from "./form.ts";

/** The overview before anything is known: what it showed last time, in outline. */
export function OverviewSketch() {
  return (
    <div aria-hidden="true">
      <div class="skeleton mt-1 h-5 w-52" />
      <div class="skeleton mt-2.5 h-3.5 w-32" />
      <div class="mt-9.5 mb-3 flex h-8 items-center">
        <div class="skeleton h-4 w-20" />
      </div>
      <Switch>
        <Match when={view() === "table"}>
          <div
            class="skeleton w-full rounded-lg!"
            classList={{ "h-24": amount() === "few", "h-[60dvh]": amount() === "many" }}
          />
        </Match>
        <Match when={amount() === "few"}>
          <div class="skeleton h-[520px] w-full rounded-lg! lg:h-[365px] 2xl:h-[210px]" />
        </Match>
        <Match when={true}>
          <div class="grid grid-cols-[repeat(auto-fill,minmax(min(100%,272px),1fr))] gap-3">
            <For each={Array(8)}>{() => <div class="skeleton h-58 rounded-lg!" />}</For>
          </div>
        </Match>
      </Switch>
    </div>
  );
}
