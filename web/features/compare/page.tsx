import { useNavigate, useSearchParams } from "@solidjs/router";
import { createComputed, createMemo, createSignal, For, Match, Show, Switch } from "solid-js";
import { everything } from "../../state/inventory.ts";
import { picture } from "../../state/live.ts";
import { Button } from "../../ui/button.tsx";
import { grouped } from "../../ui/format.ts";
import { onEscape } from "../../ui/keyboard.ts";
import { Notice } from "../../ui/notice.tsx";
import type { ChartSurroundings } from "../machine/chart.tsx";
import { Palette } from "../machine/most.ts";
import { RangeBar } from "../machine/range-bar.tsx";
import { createTimeNavigation } from "../machine/time-window.ts";
import type { Bounds } from "../machine/window.ts";
import { KINDS } from "../resource/kinds.ts";
import { createAnswers } from "./answers.ts";
import { ChoiceBar } from "./choice-bar.tsx";
import { Lines } from "./lines.tsx";
import { offered } from "./measures.ts";
import { timeIn } from "./path.ts";
import { PICKED_MAX, type Question, queryOf, questionOf } from "./question.ts";
import { Ranking } from "./ranking.tsx";

/** Which of many had most of something, over which time, side by side. */
export function ComparePage() {
  return (
    <Show when={picture.known} fallback={<Sketch />}>
      <Show when={everything().length > 0} fallback={<NothingYet />}>
        <Compare />
      </Show>
    </Show>
  );
}

function Compare() {
  const navigate = useNavigate();
  const [query, setQuery] = useSearchParams();
  const [hovered, setHovered] = createSignal<number>();
  const measured = createMemo(() => offered(everything()));
  const question = createMemo(() => questionOf(query, measured()), undefined, { equals: isSame });
  const [shown, setShown] = createSignal<Bounds>({ from: 0, to: 0 });
  const time = createTimeNavigation(shown, hovered);
  const { top, from, to, charted, series, refusal, pending } = createAnswers(question, time.window);
  createComputed(() => setShown(time.glimpse() ?? { from: from(), to: to() }));
  const around: ChartSurroundings = {
    shown,
    marks: () => [],
    limits: () => [],
    earlier: () => undefined,
    palette: new Palette(),
    onZoom: (start, end) => time.show({ from: start, to: end }),
    onMove: (start, end, isLast) => time.look({ from: start, to: end }, isLast),
    onHover: setHovered,
    onReset: time.reset,
  };

  const change = (asked: Partial<Question>) => setQuery(queryOf(asked), { scroll: false, replace: true });
  const pick = (id: Question["picked"][number], isPicked: boolean) => {
    const others = question().picked.filter((one) => one !== id);
    const picked = isPicked ? [...others, id].slice(-PICKED_MAX) : others;
    change(picked.length > 0 ? { picked } : { picked, only: false });
  };
  onEscape(() => {
    if (time.window().fixed) time.reset();
    else if (question().picked.length > 0) change({ picked: [], only: false });
    else navigate("/resources");
    return true;
  });

  const many = () => KINDS[question().kind].many.toLowerCase();
  const said = () => {
    const answer = top();
    if (!answer) return "";
    const { found, considered, measured: known, ranking } = answer;
    const of = found > considered ? `the first ${grouped(considered)} of ${grouped(found)}` : grouped(found);
    const first = ranking.length < known ? ` These are the first ${ranking.length}.` : "";
    return `Measured in this time: ${grouped(known)} of ${of} ${many()}.${first}`;
  };
  return (
    <>
      <h1 class="mb-3 text-xl font-semibold tracking-tight">Compare</h1>
      <ChoiceBar
        question={question()}
        measured={measured()}
        window={time.window()}
        onChange={change}
        onStretch={time.show}
      />
      <RangeBar plain time={time} shown={shown()} hovered={hovered()} />
      <Show when={refusal()}>
        {(refused) => (
          <div class="mt-4">
            <Notice level="warning">This could not be ranked. {refused().words}</Notice>
          </div>
        )}
      </Show>
      <div class="fades" aria-busy={pending()}>
        <Show
          when={top()}
          fallback={
            <Show when={!refusal()}>
              <SketchedAnswer />
            </Show>
          }
        >
          {(answer) => (
            <Switch>
              <Match when={answer().ranking.length === 0}>
                <p class="max-w-prose py-8 text-ink-2">
                  {answer().found === 0
                    ? `There are no ${many()} here.`
                    : `None of ${grouped(answer().found)} ${many()} was measured in this time. Choose a longer one, or another figure.`}
                </p>
              </Match>
              <Match when={true}>
                <Lines
                  question={question()}
                  charted={charted()}
                  series={series()}
                  from={from()}
                  to={to()}
                  around={around}
                  time={timeIn(query)}
                />
                <h2 class="sr-only">Ranking</h2>
                <div class="flex min-h-8 flex-wrap items-center gap-x-3 gap-y-1">
                  <p class="mr-auto text-sm text-ink-2" role="status">
                    {said()}
                  </p>
                  <Show when={question().picked.length > 0}>
                    <Button look="quiet" onClick={() => change({ picked: [], only: false })}>
                      Clear {question().picked.length} picked
                    </Button>
                    <Button onClick={() => change({ only: !question().only })}>
                      {question().only ? "All again" : "Only those picked"}
                    </Button>
                  </Show>
                </div>
                <Ranking
                  top={answer()}
                  question={question()}
                  charted={charted()}
                  time={timeIn(query)}
                  onBy={(by) => change({ by })}
                  onPick={pick}
                />
              </Match>
            </Switch>
          )}
        </Show>
      </div>
    </>
  );
}

function isSame(one: unknown, other: unknown): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}

function NothingYet() {
  return (
    <>
      <h1 class="mb-3 text-xl font-semibold tracking-tight">Compare</h1>
      <p class="max-w-prose text-ink-2">
        Nothing is watched yet. As soon as there are machines or containers, this page says which of them used
        most memory, processor or network, last night or in any other time.
      </p>
    </>
  );
}

/** The page as it will be, while nothing is known yet. */
function Sketch() {
  return (
    <div aria-hidden="true">
      <div class="skeleton mt-1 mb-4 h-5 w-28" />
      <div class="skeleton h-8 w-full max-w-2xl" />
      <div class="mt-6 border-b border-line py-2">
        <div class="skeleton h-8 w-72" />
      </div>
      <SketchedAnswer />
    </div>
  );
}

function SketchedAnswer() {
  return (
    <div aria-hidden="true">
      <div class="skeleton mt-6 mb-7 h-[248px]" />
      <For each={SKETCHED_ROWS}>{() => <div class="skeleton my-3 h-6" />}</For>
    </div>
  );
}

const SKETCHED_ROWS = Array.from({ length: 10 });
