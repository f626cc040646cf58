import { createSignal, Show } from "solid-js";
import type { RuleInfo } from "../../../server/contract/alerts.ts";
import { Button } from "../../ui/button.tsx";
import { Confirm } from "../../ui/confirm.tsx";
import { onEscape } from "../../ui/keyboard.ts";
import { administers } from "../settings/links.ts";
import type { Book } from "./book.ts";
import { withoutOwn } from "./change.ts";
import { Overrides } from "./overrides.tsx";
import { OwnForm } from "./own-form.tsx";
import { RuleForm } from "./rule-form.tsx";
import { kindsWords, ruleWords } from "./words.ts";

interface OpenedProps {
  book: Book;
  rule: RuleInfo;
  /** Absent for a rule of one's own. */
  given: RuleInfo | undefined;
  onClose: () => void;
}

/** Everything about one rule: what it looks at, its limits, and for whom it is different. */
export function Opened(props: OpenedProps) {
  const own = () => props.book.list()?.settings.own.find(({ name }) => name === props.rule.name);
  onEscape(() => {
    props.onClose();
    return true;
  });
  return (
    <div class="space-y-5">
      <div class="max-w-2xl text-ink-2">
        <p>{props.rule.says}</p>
        <p class="text-sm">
          {kindsWords(props.rule.kinds)}
          <Show when={props.rule.metric}>
            {(metric) => (
              <>
                {" · "}
                <code class="font-mono">{metric()}</code>
              </>
            )}
          </Show>
        </p>
      </div>
      <Show when={administers()} fallback={<p>{ruleWords(props.rule)}</p>}>
        <Show
          when={props.given}
          fallback={
            <>
              <OwnForm book={props.book} own={own()} onClose={props.onClose} />
              <RemoveOwn book={props.book} rule={props.rule} />
            </>
          }
        >
          {(given) => (
            <RuleForm book={props.book} rule={props.rule} given={given()} onClose={props.onClose} />
          )}
        </Show>
      </Show>
      <Overrides book={props.book} rule={props.rule} />
    </div>
  );
}

function RemoveOwn(props: { book: Book; rule: RuleInfo }) {
  const [asking, setAsking] = createSignal(false);
  const remove = async () => {
    props.book.begin();
    const refused = await props.book.save((settings) => withoutOwn(settings, props.rule.name));
    if (refused) throw new Error(refused.words);
  };
  return (
    <>
      <Button look="danger" onClick={() => setAsking(true)}>
        Remove this rule…
      </Button>
      <Show when={asking()}>
        <Confirm
          title={`Remove ${props.rule.title}?`}
          verb="Remove"
          act={remove}
          onClose={() => setAsking(false)}
        >
          <p>What is open by it ends; what was stays among the past alerts.</p>
        </Confirm>
      </Show>
    </>
  );
}
