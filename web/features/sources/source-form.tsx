import { createSignal, For, type JSX, Show } from "solid-js";
import type { AgentInfo } from "../../../server/contract/agents.ts";
import type { Source, SourceTest, SourceType } from "../../../server/contract/sources.ts";
import { api } from "../../api/client.ts";
import { Button } from "../../ui/button.tsx";
import { Select } from "../../ui/select.tsx";
import { DataForm } from "../forms/data-form.tsx";
import type { Values } from "../forms/field.ts";
import { TestResult } from "../forms/test-result.tsx";
import { sentFrom } from "../forms/values.ts";
import { FORMS } from "./forms/forms.ts";
import { intervalsWith, STANDARD_INTERVAL_MS } from "./interval.ts";

interface SourceFormProps {
  type: SourceType;
  /** The one to change; absent for a new one. */
  source?: Source | undefined;
  /** Who could make a check instead of the server. */
  agents?: readonly AgentInfo[];
  onSaved: (source: Source) => void;
  /** Beside the button that saves. */
  children?: JSX.Element;
}

export function SourceForm(props: SourceFormProps) {
  const kind = FORMS[props.type];
  const source = props.source;
  const [interval, setInterval] = createSignal(String(source?.intervalMs ?? STANDARD_INTERVAL_MS));
  const [from, setFrom] = createSignal<string>(source?.from ?? "server");
  const isHeard = props.type === "heartbeat";
  const mayComeFromAgent = () => (props.agents ?? []).length > 0 && !isHeard;
  const sent = (values: Values) => sentFrom(kind.fields, values, source?.secretsSet);

  const tryOut = (values: Values) =>
    api.sources.test.mutate({ ...(source && { id: source.id }), type: props.type, ...sent(values) });
  const save = async (values: Values, name: string) => {
    const input = {
      name,
      ...sent(values),
      intervalMs: Number(interval()),
      from: from() as Source["from"],
    };
    const saved = source
      ? await api.sources.update.mutate({ id: source.id, ...input })
      : await api.sources.create.mutate({ type: props.type, ...input });
    props.onSaved(saved.source);
  };

  return (
    <DataForm
      kind={kind}
      kept={source}
      name={
        isHeard
          ? {
              help: "What sends it.",
              missing: "Give it a name: what sends it, for example “nightly backup”.",
            }
          : {}
      }
      besideNames={["from", "intervalMs"]}
      besides={(faultOf) => (
        <>
          <Show when={!isHeard}>
            <Select
              label="Ask every"
              options={intervalsWith(Number(interval()))}
              value={interval()}
              onChoose={setInterval}
              error={faultOf("intervalMs")}
            />
          </Show>
          <Show when={mayComeFromAgent()}>
            <Select
              label="Asked by"
              options={[
                { value: "server", label: "This server" },
                ...(props.agents ?? []).map(({ id, name: label }) => ({ value: id as string, label })),
              ]}
              value={from()}
              onChoose={setFrom}
              error={faultOf("from")}
              help="A machine sees what is near it: its own network, not the server's."
            />
          </Show>
        </>
      )}
      test={
        isHeard
          ? undefined
          : {
              verb: "Test",
              act: tryOut,
              shown: (found, values, change) => (
                <Found
                  test={found}
                  trusted={"fingerprint" in values ? String(values["fingerprint"]) : undefined}
                  onTrust={(fingerprint) => change("fingerprint", fingerprint)}
                />
              ),
            }
      }
      save={save}
    >
      {props.children}
    </DataForm>
  );
}

/** What was seen there, and the certificate it showed where that is not trusted yet. */
function Found(props: {
  test: SourceTest;
  /** The certificate that is trusted now, as it was typed. */
  trusted: string | undefined;
  onTrust: (fingerprint: string) => void;
}) {
  const presented = () => {
    const { fingerprint256 } = props.test;
    const isTrusted = plain(fingerprint256 ?? "") === plain(props.trusted ?? "");
    return props.trusted !== undefined && fingerprint256 && !isTrusted ? fingerprint256 : undefined;
  };
  return (
    <TestResult test={props.test}>
      <Show when={props.test.facts.length > 0}>
        <dl class="mt-2.5 grid grid-cols-[auto_minmax(0,1fr)] gap-x-6 gap-y-1 pl-5 text-sm">
          <For each={props.test.facts}>
            {({ label, value }) => (
              <>
                <dt class="text-ink-3 first-letter:uppercase">{label}</dt>
                <dd class="min-w-0 break-words">{value}</dd>
              </>
            )}
          </For>
        </dl>
      </Show>
      <Show when={presented()}>
        {(fingerprint) => (
          <div class="mt-3 border-t border-line pt-3 pl-5">
            <p class="text-sm text-ink-2">
              This is the certificate it shows. Is it the one that was printed on the machine itself? Then it
              can be trusted.
            </p>
            <code class="mt-2 block font-mono text-sm break-all select-all">{fingerprint()}</code>
            <Button class="mt-2.5" onClick={() => props.onTrust(fingerprint())}>
              Trust this certificate
            </Button>
          </div>
        )}
      </Show>
    </TestResult>
  );
}

function plain(fingerprint: string): string {
  return fingerprint.replaceAll(":", "").trim().toLowerCase();
}
