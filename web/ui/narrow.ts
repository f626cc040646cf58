import { type Accessor, createSignal } from "solid-js";

const query = matchMedia("(max-width: 639px)");
const [narrow, setNarrow] = createSignal(query.matches);
query.addEventListener("change", ({ matches }) => setNarrow(matches));

/** Whether the screen has room for one column only; the same width as `sm:` in classes. */
export const isNarrow: Accessor<boolean> = narrow;
