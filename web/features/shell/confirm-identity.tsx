import { createSignal, lazy, Show, Suspense } from "solid-js";
import { api } from "../../api/client.ts";
import { explain, meansSignedOut } from "../../api/errors.ts";
import { onSwitched } from "../../api/org-context.ts";
import { sessionLost } from "../../state/session.ts";

interface Question {
  answer: (confirmed: boolean) => void;
}

const [question, setQuestion] = createSignal<Question>();

const Dialog = lazy(async () => ({ default: (await import("./identity-dialog.tsx")).IdentityDialog }));

/** What a call rejects with that nobody confirmed; `explain` shows its sentence. */
class NotConfirmed extends Error {
  readonly data = { reason: "session_required" };

  constructor() {
    super("Not confirmed, so nothing was changed.");
  }
}

/**
 * For what only someone may do who signed in a moment ago. When the server asks for that, so does the
 * page: for the password, in a small dialog; then it does what was wanted.
 */
export async function withFreshSession<Value>(run: () => Promise<Value>): Promise<Value> {
  try {
    return await run();
  } catch (error) {
    if (!(await asksForFreshness(error))) throw error;
  }
  const confirmed = await new Promise<boolean>((answer) => setQuestion({ answer }));
  setQuestion(undefined);
  if (!confirmed) throw new NotConfirmed();
  return run();
}

onSwitched(() => question()?.answer(false));

/** The same refusal stands for a session that is too old for this and for one that is over. */
async function asksForFreshness(error: unknown): Promise<boolean> {
  if (explain(error).reason !== "session_expired") return false;
  try {
    await api.session.me.query();
    return true;
  } catch (why) {
    if (meansSignedOut(explain(why))) sessionLost();
    return false;
  }
}

export function IdentityPlace() {
  return (
    <Suspense>
      <Show when={question()} keyed>
        {({ answer }) => <Dialog onConfirmed={() => answer(true)} onClose={() => answer(false)} />}
      </Show>
    </Suspense>
  );
}
