import { createMemo } from "solid-js";

interface SparklineProps {
  times: readonly number[];
  values: readonly (number | null | undefined)[];
  from: number;
  to: number;
  /** The scale ends here, or at the highest value when that is more. */
  top: number;
  /** Says what the line shows, for those who do not see it; without it the line is decoration. */
  label?: string;
  class?: string;
}

const WIDTH = 200;
const HEIGHT = 40;

/** A small line without axes. Gaps in the values are gaps in the line. */
export function Sparkline(props: SparklineProps) {
  const paths = createMemo(() => draw(props));
  return (
    <svg
      class={`block overflow-hidden ${props.class ?? ""}`}
      viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
      preserveAspectRatio="none"
      role={props.label ? "img" : undefined}
      aria-label={props.label}
      aria-hidden={props.label ? undefined : "true"}
    >
      <path d={paths().area} class="fill-data-1" fill-opacity="0.1" />
      <path
        d={paths().line}
        class="stroke-data-1"
        fill="none"
        stroke-width="1.25"
        stroke-linejoin="round"
        stroke-linecap="round"
        vector-effect="non-scaling-stroke"
      />
    </svg>
  );
}

function draw(props: SparklineProps): { line: string; area: string } {
  const span = props.to - props.from;
  if (span <= 0) return { line: "", area: "" };
  let top = props.top;
  for (const value of props.values) if (typeof value === "number" && value > top) top = value;
  const scale = top > 0 ? (HEIGHT - 2) / top : 0;
  let line = "";
  let area = "";
  let start: string | undefined;
  let lastX = "";
  const close = () => {
    if (start !== undefined) area += `L${lastX} ${HEIGHT}L${start} ${HEIGHT}Z`;
    start = undefined;
  };
  props.times.forEach((time, index) => {
    const value = props.values[index];
    if (value === undefined) return;
    if (value === null || time < props.from) {
      close();
      return;
    }
    const x = (((time - props.from) / span) * WIDTH).toFixed(1);
    const y = (HEIGHT - 1 - value * scale).toFixed(1);
    const command = start === undefined ? "M" : "L";
    // A single point between gaps still shows, as a dot: a line to itself.
    line += command === "M" ? `M${x} ${y}L${x} ${y}` : `L${x} ${y}`;
    area += command === "M" ? `M${x} ${y}` : `L${x} ${y}`;
    start ??= x;
    lastX = x;
  });
  close();
  return { line, area };
}
