import { createMemo } from "solid-js";
import type { HistoryTop } from "../../../server/contract/history.ts";
import { unitOf } from "../../../server/contract/metrics.ts";
import type { Resource } from "../../../server/contract/resource.ts";
import { picture } from "../../state/live.ts";
import { begin } from "../../state/series.ts";
import { Chart, type ChartSurroundings, heightOf } from "../machine/chart.tsx";
import type { ChartSpec } from "../machine/charts.ts";
import type { MachineHistory } from "../machine/history.ts";
import { seriesKey } from "../machine/history-answers.ts";
import { KINDS } from "../resource/kinds.ts";
import { pathOf } from "../resource/path.ts";
import { labelOf } from "./measures.ts";
import type { Question } from "./question.ts";

interface LinesProps {
  question: Question;
  charted: readonly Resource["id"][];
  series: HistoryTop["series"];
  from: number;
  to: number;
  around: ChartSurroundings;
  /** The query of an address that shows the same time. */
  time: string;
}

/** The first of them, or those picked, in one chart. */
export function Lines(props: LinesProps) {
  const spec = createMemo(
    (): ChartSpec => {
      const { kind, metric } = props.question;
      const names = props.charted.map((id) => picture.resources[id]?.name ?? "");
      return {
        id: "compared",
        title: `${labelOf(props.question)} of ${KINDS[kind].many.toLowerCase()}`,
        unit: unitOf(metric),
        form: "lines",
        lines: props.charted.map((resourceId, index) => {
          const resource = picture.resources[resourceId];
          const name = names[index] ?? "";
          const isAlone = names.filter((one) => one === name).length === 1;
          return {
            label: isAlone ? name : `${name} · ${parentName(resourceId)}`,
            sources: [{ resourceId, metric }],
            ...(resource && { href: pathOf(resource) + (props.time && `?${props.time}`) }),
          };
        }),
      };
    },
    undefined,
    { equals: (one, other) => JSON.stringify(one) === JSON.stringify(other) },
  );
  const series = createMemo(
    () =>
      new Map(
        (props.series ?? []).map(({ resourceId, ...one }) => [seriesKey(resourceId, one.metric), begin(one)]),
      ),
  );
  const history: MachineHistory = {
    series,
    from: () => props.from,
    to: () => props.to,
    asked: () => undefined,
    answered: () => 0,
    foresee: () => {},
    refusal: () => undefined,
    refusalFor: () => undefined,
  };
  return (
    <section class="mt-6 grid grid-cols-1" aria-labelledby="over-time">
      <h2 id="over-time" class="sr-only">
        Over time
      </h2>
      <Chart
        spec={spec()}
        height={Math.max(HEIGHT, heightOf(spec()))}
        history={history}
        around={props.around}
      />
    </section>
  );
}

/** The one chart of its page. */
const HEIGHT = 220;

export function parentName(id: Resource["id"]): string {
  const parentId = picture.resources[id]?.parentId;
  return (parentId && picture.resources[parentId]?.name) || "";
}
