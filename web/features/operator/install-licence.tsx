import { createSignal, createUniqueId } from "solid-js";
import type { LicenseInfo } from "../../../server/contract/license.ts";
import { api } from "../../api/client.ts";
import { explain } from "../../api/errors.ts";
import { Button } from "../../ui/button.tsx";
import { withFreshSession } from "../shell/confirm-identity.tsx";

interface InstallProps {
  info: LicenseInfo;
  onDone: (info: LicenseInfo, words: string) => void;
}

/** Takes a licence as it was handed over. */
export function InstallLicence(props: InstallProps) {
  const id = createUniqueId();
  let field: HTMLTextAreaElement | undefined;
  const [text, setText] = createSignal("");
  const [fault, setFault] = createSignal<string>();
  const [busy, setBusy] = createSignal(false);

  const submit = async (event: SubmitEvent) => {
    event.preventDefault();
    setFault(undefined);
    const license = text().replaceAll(/\s+/g, "");
    if (!license) {
      setFault("Paste the whole licence: two long words with a dot between them.");
      return field?.focus();
    }
    setBusy(true);
    try {
      const info = await withFreshSession(() => api.system.licenseInstall.mutate({ license }));
      setText("");
      props.onDone(info, "The licence is installed.");
    } catch (error) {
      // The sentence says more than what stands beside the field's name.
      setFault(
        error instanceof Error && explain(error).fields["license"] ? error.message : explain(error).words,
      );
      field?.focus();
    }
    setBusy(false);
  };

  return (
    <section class="mt-8 border-t border-line pt-5">
      <h2 class="font-semibold">{props.info.license ? "Install another one" : "Install a licence"}</h2>
      <form class="mt-3 space-y-3" onSubmit={submit} noValidate>
        <div>
          <label for={id} class="sr-only">
            Licence
          </label>
          <textarea
            ref={field}
            id={id}
            rows={4}
            maxLength={9_000}
            spellcheck={false}
            placeholder="eyJpZCI6…"
            value={text()}
            aria-invalid={fault() ? "true" : undefined}
            aria-describedby={`${id}-below`}
            onInput={(event) => setText(event.currentTarget.value)}
            class="block w-full rounded-md border border-line-strong bg-surface px-3 py-2 font-mono text-[16px] break-all outline-accent placeholder:text-ink-3 aria-invalid:border-bad-fill focus:outline-2 focus:-outline-offset-1 sm:text-sm"
          />
          <p
            id={`${id}-below`}
            class="mt-1.5 text-sm"
            classList={{ "text-bad": !!fault(), "text-ink-2": !fault() }}
          >
            {fault() ?? HELP[props.info.authority]}
          </p>
        </div>
        <Button type="submit" busy={busy()}>
          Install
        </Button>
      </form>
    </section>
  );
}

const HELP: Record<LicenseInfo["authority"], string> = {
  pinned: "As the pinned authority has handed it over.",
  own: "One that was signed with this server’s own key.",
  none: "One counts only after this server has a key of its own or a pinned authority.",
};
