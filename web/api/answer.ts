import { type Accessor, createEffect, createSignal, on, onCleanup } from "solid-js";
import { explain, type Refusal } from "./errors.ts";

export interface Answer<Value> {
  /** The last good answer; stays while a newer one is on its way. */
  value: Accessor<Value | undefined>;
  refusal: Accessor<Refusal | undefined>;
  pending: Accessor<boolean>;
  ask: () => void;
}

/**
 * Asks the server whenever `question` changes, and keeps the newest answer only. A question of
 * `undefined` is not asked.
 */
export function createAnswer<Question, Value>(
  question: Accessor<Question | undefined>,
  ask: (question: Question) => Promise<Value>,
): Answer<Value> {
  const [value, setValue] = createSignal<Value>();
  const [refusal, setRefusal] = createSignal<Refusal>();
  const [pending, setPending] = createSignal(false);
  let newest = 0;

  const send = async (asked: Question | undefined) => {
    if (asked === undefined) return;
    newest += 1;
    const mine = newest;
    setPending(true);
    try {
      const answered = await ask(asked);
      if (mine !== newest) return;
      setValue(() => answered);
      setRefusal(undefined);
    } catch (error) {
      if (mine !== newest) return;
      setRefusal(explain(error));
    }
    setPending(false);
  };

  createEffect(on(question, (asked) => void send(asked)));
  onCleanup(() => {
    newest += 1;
  });
  return { value, refusal, pending, ask: () => void send(question()) };
}
